"""Flux map: a transmon's flux curve through its frequency at several static biases."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..physics.lines import FluxLine
from ..physics.transmon import Transmon
from ..sequences.errors import FitRejected, ModelError
from ..sequences.units import MHz
from .bootstrap import Measured
from .least_squares import Guess, fitted
from .trace import Trace

Array = NDArray[np.float64]
_STEP: Final = 1e-3
_HINT: Final = "take biases that lie further apart, or look at the single spectra"
_WHAT: Final = "the qubit's flux map"


@dataclass(frozen=True, kw_only=True)
class FluxMap:
    """offset (Phi0), per_volt (Phi0/V): Of the qubit's source. maximum_frequency: (Hz). bias: For the frequency asked
    for (V). frequency: There (Hz). chi2: Per degree of freedom.
    """

    offset: Measured
    per_volt: Measured
    maximum_frequency: Measured
    bias: Measured
    frequency: Measured
    traces: tuple[Trace, ...]
    chi2: float


def fit_flux_map(
    volts: Array, frequency: Array, error: Array, *, line: FluxLine, transmon: Transmon, wanted: float, displaced: float
) -> FluxMap:
    """Curve through `frequency` (Hz) with errors `error` at `volts` (V), shape (N,), N > 3.

    line, transmon: As believed; found are the line's offset and scale and the transmon's maximum. wanted: Frequency
    whose bias, on the branch of 0 to half a flux quantum, is asked for (Hz). displaced: By which the line's modes move
    the qubit differently at different biases (Hz). FitRejected if the points do not tell.
    """

    def at(offset: float, scale: float, maximum: float) -> tuple[FluxLine, Transmon]:
        moved = replace(line, offset=line.offset + offset / 1e3, bias=line.bias * (1 + scale / 100))
        return moved, replace(transmon, maximum_frequency=transmon.maximum_frequency + maximum * MHz)

    def model(volts: Array, *, offset: float, scale: float, maximum: float) -> Array:
        """offset: Above the believed one (mPhi0). scale: More than believed (%). maximum: Above believed (MHz)."""
        moved, there = at(offset, scale, maximum)
        return np.asarray(there.frequency(moved.offset + moved.bias * volts) / MHz)

    guesses = {
        "offset": Guess(value=0.1, low=-100.0, high=100.0),
        "scale": Guess(value=0.01, low=-10.0, high=10.0),
        "maximum": Guess(value=0.1, low=-200.0, high=200.0),
    }
    widened = np.hypot(error, displaced)
    fit = fitted(model, volts, frequency / MHz, widened / MHz, guesses, _WHAT, hint=_HINT)
    moved, there = at(**fit.numbers)
    try:
        flux = float(there.flux(wanted))
    except ModelError as unreachable:
        raise FitRejected(f"{_WHAT}: {unreachable}", "ask for a lower idle frequency") from None
    bias = np.array([moved.volts(flux)])
    # The error of the frequency at this bias, by how it moves with each parameter.
    slopes = np.array(
        [
            (model(bias, **{**fit.numbers, name: value + _STEP}) - model(bias, **fit.numbers))[0] / _STEP
            for name, value in fit.numbers.items()
        ]
    )
    doubt = float(np.hypot(np.sqrt(slopes @ fit.covariance @ slopes) * MHz, displaced))
    trace = Trace.through(
        lambda fine: model(fine, **fit.numbers) * MHz,
        x=volts,
        read=frequency,
        error=error,
        title="qubit against its bias",
        x_name="bias",
        x_unit="V",
        y_name="frequency",
        y_unit="Hz",
    )
    return FluxMap(
        offset=Measured(moved.offset, fit["offset"].error / 1e3),
        per_volt=Measured(moved.bias, line.bias * fit["scale"].error / 100),
        maximum_frequency=Measured(there.maximum_frequency, fit["maximum"].error * MHz),
        bias=Measured(float(bias[0]), doubt / abs(float(there.slope(flux)) * moved.bias)),
        frequency=Measured(wanted, doubt),
        traces=(trace,),
        chi2=fit.chi2,
    )
