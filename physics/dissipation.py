"""Dissipation: a ladder's action, over a finite time, on vectors of operator elements."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.linalg import expm

from .ladder import Ladder
from .space import Index
from .strings import Strings


@dataclass(frozen=True)
class Tables:
    """Exponentials of all chains of a `Strings`, one after the other, row by row. lengths: Of the chains."""

    values: NDArray[np.float64]
    lengths: Index


def tables(strings: Strings, ladder: Ladder, duration: float) -> Tables:
    """What `ladder` does to every chain of `strings` in `duration` (s)."""
    matrices = [expm(ladder.generator(chain) * duration) for chain in strings.chains]
    values = np.concatenate([matrix.ravel() for matrix in matrices])
    return Tables(values, np.array([chain.length for chain in strings.chains], dtype=np.int64))


def dissipate(vectors: NDArray[np.complex128], strings: Strings, table: Tables) -> None:
    """Apply `table` to each row of `vectors`, shape (lanes, elements), in place."""
    pairs = vectors.view(np.float64).reshape(*vectors.shape, 2)
    _dissipate(pairs, strings.order, strings.counts, table.lengths, table.values)


@njit(cache=True, fastmath=True)  # type: ignore[untyped-decorator]
def _dissipate(vectors, order, counts, lengths, values):  # type: ignore[no-untyped-def]
    longest = lengths.max()
    real, imag = np.empty(longest), np.empty(longest)
    for lane in range(vectors.shape[0]):
        vector = vectors[lane]
        first, offset = 0, 0
        for kind in range(len(counts)):
            length = lengths[kind]
            for _ in range(counts[kind]):
                for k in range(length):
                    real[k] = vector[order[first + k], 0]
                    imag[k] = vector[order[first + k], 1]
                for k in range(length):
                    x, y = 0.0, 0.0
                    for j in range(length):
                        factor = values[offset + k * length + j]
                        x += factor * real[j]
                        y += factor * imag[j]
                    vector[order[first + k], 0] = x
                    vector[order[first + k], 1] = y
                first += length
            offset += length * length
