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


@njit(cache=True, fastmath=True)
def _dissipate(vectors, order, counts, lengths, values):  # type: ignore[no-untyped-def]
    longest = lengths.max()
    real, imag = np.empty(longest), np.empty(longest)
    for lane in range(vectors.shape[0]):
        vector = vectors[lane]
        first, offset = 0, 0
        for kind in range(len(counts)):
            length = lengths[kind]
            table = values[offset : offset + length * length].reshape(length, length)
            last = first + counts[kind] * length
            if length == 1:
                _scale(vector, order[first:last], table[0, 0])
            elif length == 2:
                _mix_two(vector, order[first:last], table)
            elif length == 3:
                _mix_three(vector, order[first:last], table)
            else:
                _mix(vector, order[first:last], table, real, imag)
            first, offset = last, offset + length * length


@njit(cache=True, fastmath=True)
def _scale(vector, order, factor):  # type: ignore[no-untyped-def]
    for element in order:
        vector[element, 0] *= factor
        vector[element, 1] *= factor


@njit(cache=True, fastmath=True)
def _mix_two(vector, order, table):  # type: ignore[no-untyped-def]
    aa, ab, ba, bb = table[0, 0], table[0, 1], table[1, 0], table[1, 1]
    for first in range(0, len(order), 2):
        i, j = order[first], order[first + 1]
        for part in range(2):
            a, b = vector[i, part], vector[j, part]
            vector[i, part] = aa * a + ab * b
            vector[j, part] = ba * a + bb * b


@njit(cache=True, fastmath=True)
def _mix_three(vector, order, table):  # type: ignore[no-untyped-def]
    aa, ab, ac = table[0, 0], table[0, 1], table[0, 2]
    ba, bb, bc = table[1, 0], table[1, 1], table[1, 2]
    ca, cb, cc = table[2, 0], table[2, 1], table[2, 2]
    for first in range(0, len(order), 3):
        i, j, k = order[first], order[first + 1], order[first + 2]
        for part in range(2):
            a, b, c = vector[i, part], vector[j, part], vector[k, part]
            vector[i, part] = aa * a + ab * b + ac * c
            vector[j, part] = ba * a + bb * b + bc * c
            vector[k, part] = ca * a + cb * b + cc * c


@njit(cache=True, fastmath=True)
def _mix(vector, order, table, real, imag):  # type: ignore[no-untyped-def]
    length = len(table)
    for first in range(0, len(order), length):
        for k in range(length):
            element = order[first + k]
            real[k], imag[k] = vector[element, 0], vector[element, 1]
        for k in range(length):
            x, y = 0.0, 0.0
            for j in range(length):
                x += table[k, j] * real[j]
                y += table[k, j] * imag[j]
            vector[order[first + k], 0], vector[order[first + k], 1] = x, y
