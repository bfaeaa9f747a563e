"""Space: operators of qubits and line modes as blocks of fixed excitation difference.

The Hamiltonian conserves the excitation number and every dissipator shifts it by a constant, so an operator's parts
with different N_row - N_col never mix. A `Layout` stores one such part of the operators on some qubits and all modes as
one vector, its blocks of fixed N_row being rectangular matrices within it.
"""

import itertools
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int64]


@dataclass(frozen=True)
class ModeSpace:
    """Fock states of the modes with n_m < cutoffs[m] and at most `maximum` photons together."""

    cutoffs: tuple[int, ...]
    maximum: int

    @cached_property
    def states(self) -> Index:
        """Photon numbers, shape (states, modes)."""
        grid = np.indices(self.cutoffs).reshape(len(self.cutoffs), -1).T
        return np.ascontiguousarray(grid[grid.sum(axis=1) <= self.maximum])

    @cached_property
    def totals(self) -> Index:
        """Photons in each state, shape (states,)."""
        return np.asarray(self.states.sum(axis=1))

    def pairs(self, difference: int) -> tuple[Index, Index]:
        """Rows and columns of all elements with this excitation difference."""
        rows, columns = np.nonzero(self.totals[:, None] - self.totals[None, :] == difference)
        return rows, columns


@dataclass(frozen=True)
class Strings:
    """Elements that one subsystem's dissipator mixes: they differ in that subsystem's two numbers only, alike in both.

    order: Elements, string after string, lowest numbers first. starts: Of each string in `order`, one more at the end.
    kinds: Which of `classes` each string is; a class is (difference of the two numbers, length).
    """

    order: Index
    starts: Index
    kinds: Index
    classes: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Block:
    """Rows with one excitation number. start, rows, columns: Where the matrix lies in the vector and its shape."""

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


@dataclass(frozen=True)
class Layout:
    """Vector layout of the operators on `qubits` qubits and the modes with N_row - N_col = difference."""

    modes: ModeSpace
    qubits: int
    levels: int
    difference: int
    numbers: Index = field(init=False, repr=False)
    """Qubit levels and photon numbers of each basis state, sorted by total; shape (states, qubits + modes)."""

    def __post_init__(self) -> None:
        parts = [np.repeat(np.arange(self.levels**self.qubits), len(self.modes.states))]
        qubits = np.array(np.unravel_index(parts[0], (self.levels,) * self.qubits)).T if self.qubits else None
        photons = np.tile(self.modes.states, (self.levels**self.qubits, 1))
        numbers = photons if qubits is None else np.hstack([qubits, photons])
        object.__setattr__(self, "_order", np.argsort(numbers.sum(axis=1), kind="stable"))
        object.__setattr__(self, "numbers", numbers[self._order])  # type: ignore[attr-defined]

    @cached_property
    def sectors(self) -> tuple[slice, ...]:
        """Basis states with 0, 1, 2, ... excitations."""
        counts = np.bincount(self.numbers.sum(axis=1))
        edges = np.concatenate([[0], np.cumsum(counts)])
        return tuple(slice(int(a), int(b)) for a, b in itertools.pairwise(edges))

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Matrices within the vector, one for each number of excitations that has a partner."""
        blocks, start = [], 0
        for total, rows in enumerate(self.sectors):
            partner = total - self.difference
            if 0 <= partner < len(self.sectors):
                block = Block(rows, self.sectors[partner], start)
                blocks.append(block)
                start = block.elements.stop
        return tuple(blocks)

    @property
    def size(self) -> int:
        """Length of the vector."""
        return self.blocks[-1].elements.stop if self.blocks else 0

    @cached_property
    def row_column(self) -> tuple[Index, Index]:
        """Basis states of every element of the vector."""
        rows, columns = np.empty(self.size, np.int64), np.empty(self.size, np.int64)
        for block in self.blocks:
            i, j = np.mgrid[block.rows, block.columns]
            rows[block.elements], columns[block.elements] = i.ravel(), j.ravel()
        return rows, columns

    @cached_property
    def _position(self) -> dict[tuple[int, int], Index]:
        """Where the elements of each pair of qubit states lie, in the order of `ModeSpace.pairs`."""
        size = len(self.modes.states)
        inverse = np.empty(len(self.numbers), np.int64)
        inverse[self._order] = np.arange(len(self.numbers))  # type: ignore[attr-defined]
        sector = self.numbers.sum(axis=1)
        first = np.array([rows.start for rows in self.sectors])
        start = np.full(len(self.sectors), -1)
        width = np.zeros(len(self.sectors), np.int64)
        for block in self.blocks:
            total = int(sector[block.rows.start])
            start[total], width[total] = block.start, block.shape[1]
        found: dict[tuple[int, int], Index] = {}
        states = list(itertools.product(range(self.levels), repeat=self.qubits))
        for (i, left), (j, right) in itertools.product(enumerate(states), repeat=2):
            rows, columns = self.modes.pairs(self.difference - sum(left) + sum(right))
            row, column = inverse[i * size + rows], inverse[j * size + columns]
            total = sector[row]
            found[i, j] = start[total] + (row - first[total]) * width[total] + column - first[total - self.difference]
        return found

    def position(self, left: tuple[int, ...], right: tuple[int, ...]) -> Index:
        """Where the elements between qubit states `left` and `right` lie, in the order of `ModeSpace.pairs`."""
        shape = (self.levels,) * self.qubits
        index = (int(np.ravel_multi_index(left, shape)), int(np.ravel_multi_index(right, shape))) if shape else (0, 0)
        return self._position[index]

    def strings(self, subsystem: int) -> Strings:
        """Elements that the dissipator of one qubit or mode mixes; subsystems count qubits first."""
        if subsystem not in self._strings:
            self._strings[subsystem] = self._find_strings(subsystem)
        return self._strings[subsystem]

    @cached_property
    def _strings(self) -> dict[int, Strings]:
        return {}

    def _find_strings(self, subsystem: int) -> Strings:
        rows, columns = self.row_column
        base = int(self.numbers.max(initial=0)) + 1
        weights = base ** np.arange(self.numbers.shape[1])
        rest = self.numbers.copy()
        rest[:, subsystem] = 0
        code = rest @ weights
        left, right = self.numbers[rows, subsystem], self.numbers[columns, subsystem]
        lower = np.minimum(left, right)
        key = (code[rows] * (base**self.numbers.shape[1]) + code[columns]) * (2 * base) + (left - right + base)
        order = np.lexsort((lower, key))
        fresh = np.flatnonzero(np.diff(key[order], prepend=key[order[0]] - 1))
        starts = np.append(fresh, self.size)
        difference, length = np.abs(left - right)[order[fresh]], np.diff(starts)
        classes, kinds = np.unique(np.stack([difference, length]), axis=1, return_inverse=True)
        return Strings(order, starts, kinds.ravel(), tuple((int(d), int(n)) for d, n in classes.T))
