"""Bootstrap: error bars of anything computed from counts, by drawing the counts again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import floor, isfinite, log10

import numpy as np
from numpy.typing import NDArray

from ..sequences.errors import FitRejected
from .counts import checked_counts

Statistics = Callable[..., Mapping[str, NDArray[np.float64]]]


@dataclass(frozen=True)
class Measured:
    """A number with its standard error, both in the same unit."""

    value: float
    error: float

    def __str__(self) -> str:
        """Short form: 0.585(4)."""
        if not (isfinite(self.value) and isfinite(self.error) and self.error > 0):
            return f"{self.value:.6g} ± {self.error:.2g}"
        digits = -floor(log10(float(f"{self.error:.0e}")))
        if digits <= 0 or digits > 9:
            return f"{self.value:.6g} ± {self.error:.1g}"
        return f"{self.value:.{digits}f}({round(self.error * 10**digits)})"


def bootstrap(
    statistics: Statistics, *counts: NDArray[np.generic], generator: np.random.Generator, resamples: int = 500
) -> dict[str, Measured]:
    """Value of each of the `statistics` with the scatter it has when the multinomial `counts` are drawn again.

    counts: Arrays whose last axis lists the outcomes of one setting; give a correction's readout calibration as a
    further array, and its errors are drawn as well. statistics: From as many arrays, each with a leading batch axis,
    to name -> values (batch).
    """
    if resamples < 2:
        raise FitRejected(f"{resamples} resamples have no scatter", "use at least 2, better 200")
    batch = statistics(
        *(np.concatenate([np.asarray(one)[None], resample(one, generator, resamples)]) for one in counts)
    )
    return {name: Measured(float(values[0]), float(np.std(values[1:], ddof=1))) for name, values in batch.items()}


def resample(counts: NDArray[np.generic], generator: np.random.Generator, resamples: int) -> NDArray[np.int64]:
    """Draw `counts` (..., outcomes) again with its own frequencies: shape (resamples, ..., outcomes)."""
    numbers = checked_counts(counts, np.shape(counts)[-1:])
    shots = numbers.sum(-1)
    size = (resamples, *shots.shape)
    return generator.multinomial(shots.astype(np.int64), numbers / shots[..., None], size=size)
