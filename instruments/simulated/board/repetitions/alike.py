"""Alike: which stretches of a run's events hold the same words, compared word by word."""

import numpy as np
from numpy.typing import NDArray

from ...compiled import compiled

_PRIME = 1099511628211


@compiled
def alike(
    words: NDArray[np.int64],
    columns: NDArray[np.int64],
    times: int,
    first: NDArray[np.int64],
    stop: NDArray[np.int64],
    origins: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First stretch of each kind, and the kind of each stretch.

    words: One row for each event. columns: Those that are compared; the first `times` of them relative to the origin.
    first, stop, origins: Of each stretch.
    """
    count = first.size
    kinds = np.empty(count, np.int64)
    index = np.empty(count, np.int64)
    found = 0
    slots = 16
    while slots < 2 * count:
        slots *= 2
    table = np.full(slots, -1, np.int64)
    for n in range(count):
        slot = _hashed(words, columns, times, first[n], stop[n], origins[n]) & (slots - 1)
        while table[slot] >= 0:
            m = index[table[slot]]
            if stop[m] - first[m] == stop[n] - first[n] and _equal(
                words, columns, times, first[m], origins[m], first[n], origins[n], stop[n] - first[n]
            ):
                break
            slot = (slot + 1) & (slots - 1)
        if table[slot] < 0:
            table[slot] = found
            index[found] = n
            found += 1
        kinds[n] = table[slot]
    return index[:found], kinds


@compiled
def _hashed(
    words: NDArray[np.int64], columns: NDArray[np.int64], times: int, first: int, stop: int, origin: int
) -> int:
    total = stop - first
    for row in range(first, stop):
        for n in range(columns.size):
            word = words[row, columns[n]]
            total = (total ^ (word - origin if n < times else word)) * _PRIME
    return int(total ^ total >> 32)


@compiled
def _equal(
    words: NDArray[np.int64],
    columns: NDArray[np.int64],
    times: int,
    one: int,
    its: int,
    other: int,
    origin: int,
    size: int,
) -> bool:
    for row in range(size):
        for n in range(columns.size):
            shift = its - origin if n < times else 0
            if words[one + row, columns[n]] - words[other + row, columns[n]] != shift:
                return False
    return True
