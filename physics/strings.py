"""Strings: the elements of an operator that one subsystem's dissipator mixes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .basis import Basis
from .ladder import Chain
from .space import Index


@dataclass(frozen=True)
class Strings:
    """Chains of elements that differ in one subsystem's two numbers only, alike in both.

    order: Elements, kind after kind, string after string, lowest numbers first. chains: The kinds.
    counts: How many strings each kind has.
    """

    order: NDArray[np.int32]
    chains: tuple[Chain, ...]
    counts: Index


def find_strings(basis: Basis, rows: Index, columns: Index, subsystem: int) -> Strings:
    """Strings of `subsystem` among elements between the basis states `rows` and `columns`.

    The elements have one difference of excitations in all, so the two numbers' difference follows from the rest.
    """
    numbers, closed = basis.numbers[:, subsystem], basis.closed[:, subsystem]
    rest = basis.rest(subsystem)
    key = rest[rows] * (rest.max() + 1) + rest[columns]
    order = np.argsort(key * (numbers.max() + 1) + numbers[rows])
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    lengths = np.diff(np.append(starts, order.size))
    top = order[starts + lengths - 1]
    row, column = rows[top], columns[top]
    larger, smaller = (np.where((numbers[row] < numbers[column]) == swap, row, column) for swap in (False, True))
    kinds = np.stack([numbers[larger] - numbers[smaller], lengths, closed[larger], closed[smaller]])
    found, kind = np.unique(kinds, axis=1, return_inverse=True)
    sorted_by_kind = np.argsort(np.repeat(kind.ravel(), lengths).astype(np.int16), kind="stable")
    chains = tuple(Chain(int(d), int(n), bool(high), bool(low)) for d, n, high, low in found.T)
    return Strings(order[sorted_by_kind].astype(np.int32), chains, np.bincount(kind.ravel()))
