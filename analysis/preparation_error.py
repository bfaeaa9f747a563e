"""Preparation error fit: what a pi pulse leaves behind, from trains of many."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..sequences.errors import FitRejected
from .bootstrap import Measured
from .least_squares import Guess, fitted
from .trace import Trace

Array = NDArray[np.float64]
HINT: Final = "tune frequency and amplitude of the pi pulse first, or take more shots"
FAINTEST: Final = 8.0
"""Swing over its error."""
LARGEST: Final = 0.2
"""Error beyond which a pulse is none."""
LOOSEST: Final = 2e-3
"""Largest error of the result that is worth keeping."""
MISSED: Final = 1e-4
"""What a pulse leaves behind whose amplitude is half a percent off: not seen here, and part of the error."""


@dataclass(frozen=True, kw_only=True)
class PreparationFit:
    """preparation_error: Of e at the end of one pulse on g. chi2: Per degree of freedom."""

    preparation_error: Measured
    chi2: float
    traces: tuple[Trace, ...]


def fit_preparation_error(counts: Array, read: Array, error: Array) -> PreparationFit:
    """Fit `read` (ADC) after `counts` of pi pulses to and fro, of even and odd numbers.

    Each pulse turns the Bloch vector round and shrinks it by the factor 1 - 2 left: decay and lost phase. A wrong
    angle, which adds its square over four, cancels in a train and is small once the amplitude is known to a percent
    (2e-4). What relaxes between the last pulse and the readout is part of the readout. FitRejected if nothing swings
    or the error of a pulse is not told.
    """

    def model(x: Array, left: float, floor: float, swing: float) -> Array:
        return np.asarray(floor + swing * (1 - 2 * (x % 2)) * (1 - 2 * left) ** x)

    odd = counts % 2 == 1
    floor, swing = (read[~odd].mean() + read[odd].mean()) / 2, (read[~odd].mean() - read[odd].mean()) / 2
    guesses = {
        "left": Guess(value=0.005, low=-LARGEST, high=LARGEST),
        "floor": Guess(value=float(floor)),
        "swing": Guess(value=float(swing)),
    }
    found = fitted(model, counts, read, error, guesses, "preparation error", hint=HINT)
    left = Measured(found["left"].value, float(np.hypot(found["left"].error, MISSED)))
    if abs(found["swing"].value) < FAINTEST * found["swing"].error:
        raise FitRejected(f"preparation error: the echo swings by {found['swing']} ADC, which is noise", HINT)
    if left.error > LOOSEST or left.value < -3 * left.error:
        raise FitRejected(f"preparation error: {left} tells nothing", HINT)
    fine = np.arange(counts.min(), counts.max() + 1)
    trace = Trace(
        x=counts,
        read=read,
        error=error,
        fine_x=fine,
        model=model(fine, **found.numbers),
        title="Trains of pi pulses",
        x_name="pulses",
        x_unit="",
        y_name="mean echo",
        y_unit="ADC",
    )
    return PreparationFit(preparation_error=left, chi2=found.chi2, traces=(trace,))
