"""Rabi fit: the amplitude at which a pulse turns a qubit by half a turn."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..sequences.errors import FitRejected
from .bootstrap import Measured
from .least_squares import Guess, fitted
from .linear import weights
from .trace import Trace

Array = NDArray[np.float64]
HINT: Final = "look at the drive line and the qubit's frequency, or take more shots"
FAINTEST: Final = 8.0
"""Swing over its error: what a search among noise does not find."""
BEYOND: Final = 1.5e-3
"""Relative: by how much the third level moves the best amplitude off the one with half a turn of area."""


@dataclass(frozen=True, kw_only=True)
class RabiFit:
    """pi_amplitude: Of the pulse that makes half a turn (fraction of the range). chi2: Per degree of freedom."""

    pi_amplitude: Measured
    chi2: float
    traces: tuple[Trace, ...]


def fit_rabi(amplitudes: Array, read: Array, error: Array, repeats: int) -> RabiFit:
    """Fit a cosine to `read` (ADC) of pulses of `amplitudes` that were played `repeats` times.

    FitRejected if they do not show at least three quarters of an oscillation.
    """
    longest = float(amplitudes.max())

    def model(x: Array, pi: float, middle: float, swing: float) -> Array:
        return middle + swing * np.cos(np.pi * repeats * x / pi)

    # From one and a half half turns in the whole range to two points in each half turn.
    candidates = repeats * longest / np.linspace(1.5, len(amplitudes) / 2, 400)
    shapes = [np.stack([np.ones_like(amplitudes), model(amplitudes, pi, 0.0, 1.0)]) for pi in candidates]
    best = int(np.argmin([weights(shape, read, error)[1] for shape in shapes]))
    (middle, swing), _ = weights(shapes[best], read, error)
    guesses = {
        "pi": Guess(value=float(candidates[best]), low=float(candidates[-1]), high=float(candidates[0])),
        "middle": Guess(value=float(middle)),
        "swing": Guess(value=float(swing)),
    }
    found = fitted(model, amplitudes, read, error, guesses, "Rabi", hint=HINT)
    if abs(found["swing"].value) < FAINTEST * found["swing"].error:
        raise FitRejected(f"Rabi: the echo swings by {found['swing']} ADC, which is noise", HINT)
    trace = Trace.through(
        lambda fine: model(fine, **found.numbers),
        x=amplitudes,
        read=read,
        error=error,
        title=f"Rabi oscillation, {repeats} pulses",
        x_name="amplitude",
        y_name="mean echo",
        y_unit="ADC",
    )
    pi = found["pi"]
    error_of_pi = float(np.hypot(pi.error, BEYOND * pi.value))
    return RabiFit(pi_amplitude=Measured(pi.value, error_of_pi), chi2=found.chi2, traces=(trace,))
