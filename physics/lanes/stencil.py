"""Stencil: the generator of some coefficients, merged and sorted for the kernel, without what is never reached."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from .elements import Elements, Index

Places = NDArray[np.int32]


@dataclass(frozen=True)
class Stencil:
    """L = sum_k c_k L_k row by row: out_r = sum_q table[weights_q] in[columns_q], q between two `ends` (CSR).

    Elements of L with the same value in every L_k share a place in the table, which the kernel fills once for each
    exponential: place w holds sum_q c[kinds_q] values_q, q between two `table_ends`.

    kept: The number of the elements that each row stands for, shape (rows,).
    """

    kept: Index
    ends: Places
    columns: Places
    weights: Places
    table_ends: Places
    kinds: Places
    values: NDArray[np.float64]

    @property
    def rows(self) -> int:
        """Numbers that are followed."""
        return len(self.kept)

    @property
    def arrays(self) -> tuple[NDArray[np.int32] | NDArray[np.float64], ...]:
        """As the kernel takes them."""
        return self.ends, self.columns, self.weights, self.table_ends, self.kinds, self.values


def reached(matrices: Sequence[csr_array], start: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Numbers that are not zero for ever if only `start` is not zero now, shape (numbers,)."""
    size = len(start)
    pattern = csr_array((size, size))
    for matrix in matrices:
        for half in range(0, matrix.shape[1], size):
            pattern = pattern + abs(matrix[:, half : half + size])
    found, before = start, np.zeros_like(start)
    while np.any(found != before):
        before, found = found, found | (pattern @ found.astype(np.float64) != 0)
    return found


def stencil(matrices: Sequence[csr_array], elements: Elements, kept: NDArray[np.bool_]) -> Stencil:
    """Merge `matrices`, one for each coefficient; rows are sorted by sector, then by length: branches repeat."""
    rows, columns, values = _merged([matrix[kept] for matrix in matrices])
    inside = np.tile(kept, matrices[0].shape[1] // len(kept))[columns]
    rows, columns, values = rows[inside], columns[inside], values[inside]
    numbers = np.flatnonzero(kept)
    lengths = np.bincount(rows, minlength=len(numbers))
    order = np.lexsort((lengths, elements.sectors[numbers]))
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    of_number = np.full(len(kept), -1)
    of_number[numbers] = place
    half, number = np.divmod(columns, len(kept))
    target, source = place[rows], of_number[number] + half * len(numbers)
    sorting = np.lexsort((source, target))
    entries, weights = np.unique(values, axis=0, return_inverse=True)
    entry, kinds = np.nonzero(entries)
    return Stencil(
        kept=numbers[order],
        ends=_ends(lengths[order]),
        columns=source[sorting].astype(np.int32),
        weights=weights.ravel()[sorting].astype(np.int32),
        table_ends=_ends(np.bincount(entry, minlength=len(entries))),
        kinds=kinds.astype(np.int32),
        values=entries[entry, kinds],
    )


def _merged(matrices: list[csr_array]) -> tuple[Index, Index, NDArray[np.float64]]:
    """Rows and columns of all elements of any matrix, and their values, shape (elements, matrices).

    Values are rounded to twelve digits of the largest, so that sqrt(2) sqrt(3) and sqrt(6) are one.
    """
    width = matrices[0].shape[1]
    parts = [matrix.tocoo() for matrix in matrices]
    codes = [part.row.astype(np.int64) * width + part.col for part in parts]
    union = np.unique(np.concatenate(codes))
    values = np.zeros((len(union), len(matrices)))
    for k, (part, code) in enumerate(zip(parts, codes, strict=True)):
        if len(code):
            unit = 2.0 ** (np.ceil(np.log2(np.abs(part.data).max())) - 44)
            values[np.searchsorted(union, code), k] = np.round(part.data / unit) * unit
    return union // width, union % width, values


def _ends(lengths: Index) -> Places:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
