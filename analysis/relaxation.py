"""Relaxation fit: T1 from how an excitation fades."""

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
HINT: Final = "take more shots, longer waits, or tune the pi pulse first"
FAINTEST: Final = 8.0
"""Height over its error: what a search among noise does not find."""
LOOSEST: Final = 0.1
"""Largest relative error of a lifetime that is worth keeping."""


@dataclass(frozen=True, kw_only=True)
class RelaxationFit:
    """t1: (s). chi2: Per degree of freedom."""

    t1: Measured
    chi2: float
    traces: tuple[Trace, ...]


def fit_relaxation(waits: Array, read: Array, error: Array, residual: float) -> RelaxationFit:
    """Fit an exponential to `read` (ADC) at `waits` (s) after an excitation.

    residual: Thermal population. FitRejected if the data do not tell T1 to a tenth.
    """
    longest = float(waits.max())

    def model(x: Array, t1: float, floor: float, height: float) -> Array:
        return floor + height * _excited(x / t1, residual)

    candidates = np.geomspace(longest / 50, 3 * longest, 120)
    shapes = [np.stack([np.ones_like(waits), model(waits, t1, 0.0, 1.0)]) for t1 in candidates]
    best = int(np.argmin([weights(shape, read, error)[1] for shape in shapes]))
    (floor, height), _ = weights(shapes[best], read, error)
    guesses = {
        "t1": Guess(value=float(candidates[best]), low=float(candidates[0]) / 2, high=2 * float(candidates[-1])),
        "floor": Guess(value=float(floor)),
        "height": Guess(value=float(height)),
    }
    found = fitted(model, waits, read, error, guesses, "relaxation", hint=HINT)
    t1, swing = found["t1"], found["height"]
    if abs(swing.value) < FAINTEST * swing.error or t1.error > LOOSEST * t1.value:
        raise FitRejected(f"relaxation: T1 = {t1.value * 1e6:.3g} +- {t1.error * 1e6:.2g} us is too uncertain", HINT)
    trace = Trace.through(
        lambda fine: model(fine, **found.numbers),
        x=waits,
        read=read,
        error=error,
        title="Relaxation",
        x_name="wait",
        x_unit="s",
        y_name="mean echo",
        y_unit="ADC",
    )
    return RelaxationFit(t1=t1, chi2=found.chi2, traces=(trace,))


def _excited(time: Array, residual: float) -> Array:
    """What is not in g at `time` (T1) after a pi pulse on a thermal qubit.

    Level k goes down at k (1 - residual) and up at (k + 1) residual: what is lifted to f, which reads nearly as e,
    comes back late and makes the fading slower than 1/T1.
    """
    up, down = residual * np.array([1.0, 2.0]), (1 - residual) * np.array([1.0, 2.0])
    rates = np.diag(up, -1) + np.diag(down, 1)
    rates -= np.diag(rates.sum(axis=0))
    thermal = (residual / (1 - residual)) ** np.arange(3.0)
    decays, modes = np.linalg.eig(rates)
    parts = np.linalg.solve(modes, thermal[[1, 0, 2]] / thermal.sum()) * modes[1:].sum(axis=0)
    return np.asarray(parts.real @ np.exp(decays.real[:, None] * time))
