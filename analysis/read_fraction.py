"""Read fraction: how often a node was read as 1, with its error, and what a population would be read as."""

import numpy as np
from numpy.typing import NDArray

from .confusion import ReadoutErrors

Array = NDArray[np.float64]


def read_fraction(counts: NDArray[np.generic]) -> tuple[Array, Array]:
    """Fraction of 1 in `counts` (..., outcomes 0 and 1) and its standard error, both of shape (...)."""
    numbers = np.asarray(counts, dtype=np.float64)
    shots = numbers.sum(axis=-1)
    # One more shot of each outcome: a setting without a single 1 has an error too.
    shrunk = (numbers[..., 1] + 1) / (shots + 2)
    return numbers[..., 1] / shots, np.sqrt(shrunk * (1 - shrunk) / shots)


def as_read(population: Array, readout: ReadoutErrors) -> Array:
    """Fraction of 1 that an excited `population` is read as."""
    return np.asarray(readout.p10.value + readout.visibility * population)
