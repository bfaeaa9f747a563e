"""Layout: operators of qubits and line with one excitation difference, as a vector of blocks.

The Hamiltonian conserves the excitation number and every dissipator shifts it by a constant on both sides, so an
operator's parts with different N_row - N_col never mix. A `Layout` stores one such part as one vector, its blocks of
fixed N_row being rectangular matrices within it.
"""

import itertools
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from .basis import Basis
from .space import Index, ModeSpace
from .strings import Strings, find_strings


@dataclass(frozen=True)
class Block:
    """Elements whose rows have one excitation number.

    row, column: Excitations on either side. rows, columns: Basis states. start: Of the matrix in the vector.
    """

    row: int
    column: int
    rows: slice
    columns: slice
    start: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows.stop - self.rows.start, self.columns.stop - self.columns.start

    @property
    def elements(self) -> slice:
        """Part of the vector."""
        return slice(self.start, self.start + self.shape[0] * self.shape[1])


@lru_cache(maxsize=24)
def layout(modes: ModeSpace, qubits: int, levels: int, difference: int) -> "Layout":
    """The layout of these arguments; the latest ones are kept, because a sweep's windows share them."""
    return Layout(Basis(modes, qubits, levels), difference)


@dataclass(frozen=True)
class Layout:
    """Vector layout of the operators on `basis` with N_row - N_col = difference."""

    basis: Basis
    difference: int

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Matrices within the vector, one for each number of excitations that has a partner."""
        blocks, start = [], 0
        sectors = self.basis.sectors
        for row, rows in enumerate(sectors):
            column = row - self.difference
            if 0 <= column < len(sectors):
                blocks.append(Block(row, column, rows, sectors[column], start))
                start = blocks[-1].elements.stop
        return tuple(blocks)

    @property
    def size(self) -> int:
        """Length of the vector."""
        return self.blocks[-1].elements.stop if self.blocks else 0

    def row_column(self) -> tuple[Index, Index]:
        """Basis states of every element of the vector."""
        rows, columns = np.empty(self.size, np.int64), np.empty(self.size, np.int64)
        for block in self.blocks:
            i, j = np.mgrid[block.rows, block.columns]
            rows[block.elements], columns[block.elements] = i.ravel(), j.ravel()
        return rows, columns

    def position(self, left: tuple[int, ...], right: tuple[int, ...]) -> Index:
        """Where the elements between qubit states `left` and `right` lie, in the order of `ModeSpace.pairs`."""
        return self._position[left, right]

    @cached_property
    def _position(self) -> dict[tuple[tuple[int, ...], tuple[int, ...]], Index]:
        states = list(itertools.product(range(self.basis.levels), repeat=self.basis.qubits))
        size = len(self.basis.modes.states)
        place = np.argsort(self.basis.order)
        found = {}
        for (i, left), (j, right) in itertools.product(enumerate(states), repeat=2):
            rows, columns = self.basis.modes.pairs(self.difference - sum(left) + sum(right))
            found[left, right] = self._elements(place[i * size + rows], place[j * size + columns])
        return found

    def _elements(self, rows: Index, columns: Index) -> Index:
        """Where the elements between basis states lie in the vector."""
        start, width, first, left = np.zeros((4, len(self.basis.sectors)), np.int64)
        for block in self.blocks:
            start[block.row], width[block.row] = block.start, block.shape[1]
            first[block.row], left[block.row] = block.rows.start, block.columns.start
        total = self.basis.totals[rows]
        return np.asarray(start[total] + (rows - first[total]) * width[total] + columns - left[total])

    def strings(self, subsystem: int) -> Strings:
        """Elements that the dissipator of one qubit or mode mixes; subsystems count qubits first."""
        if subsystem not in self._strings:
            self._strings[subsystem] = find_strings(self.basis, *self.row_column(), subsystem)
        return self._strings[subsystem]

    @cached_property
    def _strings(self) -> dict[int, Strings]:
        return {}
