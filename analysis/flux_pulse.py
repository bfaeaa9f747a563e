"""Flux pulse: what the full scale of a qubit's flux line does, from the qubit's frequency during pulses."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..physics.transmon import Transmon
from ..sequences.units import MHz, kHz
from .bootstrap import Measured
from .least_squares import Guess, fitted
from .trace import Trace

Array = NDArray[np.float64]
_LEFT_OUT: Final = 50 * kHz
"""By which the line's modes displace a qubit differently at different frequencies (Hz)."""


@dataclass(frozen=True, kw_only=True)
class FullScale:
    """pulse: Flux of a pulse at full scale (Phi0). chi2: Per degree of freedom."""

    pulse: Measured
    traces: tuple[Trace, ...]
    chi2: float


def fit_full_scale(
    amplitude: Array, frequency: Array, error: Array, *, rest: float, pulse: float, transmon: Transmon
) -> FullScale:
    """Full scale from `frequency` (Hz) with errors `error` during pulses of `amplitude`, shape (N,), N > 2.

    rest: Flux without a pulse (Phi0). pulse: Believed full scale (Phi0). transmon: As measured; free is a common shift
    of all frequencies. FitRejected if the curve does not pass through the points.
    """

    def model(at: Array, *, scale: float, shift: float) -> Array:
        """scale: More than believed (%). shift: Of all frequencies (MHz)."""
        return np.asarray(transmon.frequency(rest + pulse * (1 + scale / 100) * at) / MHz + shift)

    guesses = {"scale": Guess(value=0.1, low=-15.0, high=15.0), "shift": Guess(value=0.1)}
    widened = np.hypot(error, _LEFT_OUT) / MHz
    hint = "measure the flux map again, or look at the single spectra"
    fit = fitted(model, amplitude, frequency / MHz, widened, guesses, "the flux pulse's scale", hint=hint)
    trace = Trace.through(
        lambda fine: model(fine, **fit.numbers) * MHz,
        x=amplitude,
        read=frequency,
        error=error,
        title="qubit during flux pulses",
        x_name="amplitude",
        y_name="frequency",
        y_unit="Hz",
    )
    found = Measured(pulse * (1 + fit["scale"].value / 100), pulse * fit["scale"].error / 100)
    return FullScale(pulse=found, traces=(trace,), chi2=fit.chi2)
