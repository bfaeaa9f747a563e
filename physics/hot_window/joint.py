"""Joint: one excitation difference of an operator on all qubits and the line, between two segments."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .moments import bounded

Matrix = NDArray[np.complex128]
Levels = tuple[int, ...]


@dataclass(frozen=True)
class Joint:
    """Part of an operator with N_row - N_column = difference.

    array: Moments, see `moments`: far modes and qubits of the row's side, far modes and qubits of the column's, photons
    of the near mode on the row's; shape (orders, levels * Q, orders, levels * Q, cutoff).
    """

    array: Matrix
    difference: int

    @property
    def qubits(self) -> int:
        """Number of qubits."""
        return (self.array.ndim - 3) // 2

    @property
    def levels(self) -> int:
        """Of each qubit."""
        return int(self.array.shape[1])

    @classmethod
    def product(cls, qubits: Matrix, difference: int, levels: int, orders: int, near: NDArray[np.float64]) -> "Joint":
        """`qubits`, all of one excitation difference, times the populations `near` and far modes as they would be."""
        count = round(np.log(len(qubits)) / np.log(levels))
        array = np.zeros((orders, *(levels,) * count, orders, *(levels,) * count, len(near)), complex)
        array[(0,) + (slice(None),) * count + (0,)] = qubits.reshape((levels,) * (2 * count))[..., None] * near
        return cls(array, difference)

    def lanes(self, active: Levels) -> Iterator[tuple[int, tuple[Levels, Levels], Matrix]]:
        """What there is for each pair of states of the qubits that are off: difference of the rest, the pair, the rest.

        The rest has the shape (orders, states, orders, states, cutoff).
        """
        off = [qubit for qubit in range(self.qubits) if qubit not in active]
        for left, right in itertools.product(itertools.product(range(self.levels), repeat=len(off)), repeat=2):
            lane = self._picked(off, left, right)
            if np.any(lane):
                orders, cutoff = len(lane), lane.shape[-1]
                shape = (orders, self.levels ** len(active), orders, self.levels ** len(active), cutoff)
                yield self.difference - sum(left) + sum(right), (left, right), lane.reshape(shape)

    def replaced(self, active: Levels, lanes: dict[tuple[Levels, Levels], Matrix]) -> "Joint":
        """With other `lanes`, and nothing where there is none."""
        off = [qubit for qubit in range(self.qubits) if qubit not in active]
        array = np.zeros_like(self.array)
        for (left, right), lane in lanes.items():
            place = self._place(off, left, right)
            array[place] = lane.reshape(array[place].shape)
        return replace(self, array=array)

    def spectated(self, qubit: int, single: Matrix) -> "Joint":
        """After `single` has acted on one qubit, shape (levels,) * 4: out row, out column, in row, in column."""
        array = np.zeros_like(self.array)
        # Few elements are not zero, and a threaded product would wait for its threads longer than it works.
        for out_row, out_column, in_row, in_column in np.argwhere(single):
            source = self.array[self._place([qubit], (in_row,), (in_column,))]
            array[self._place([qubit], (out_row,), (out_column,))] += (
                single[out_row, out_column, in_row, in_column] * source
            )
        return replace(self, array=array)

    def forgotten(self, qubit: int) -> "Joint":
        """With a qubit traced out; one in its ground state, of no meaning, takes its place."""
        row, column = 1 + qubit, 2 + self.qubits + qubit
        traced = np.trace(self.array, axis1=row, axis2=column)
        array = np.zeros_like(self.array)
        place: list[int | slice] = [slice(None)] * array.ndim
        place[row] = place[column] = 0
        array[tuple(place)] = traced
        return replace(self, array=array)

    def reduced(self, thermal: NDArray[np.float64], near: int) -> "Reduced":
        """With the line traced out. thermal: What each mode would hold had it met no qubit, shape (M,)."""
        size = self.levels**self.qubits
        flat = self.array.reshape(len(self.array), size, len(self.array), size, -1)
        excitations = np.indices((self.levels,) * self.qubits).reshape(self.qubits, size).sum(axis=0)
        here = excitations[:, None] - excitations[None, :] == self.difference
        qubits = np.where(here, flat[0, :, 0].sum(axis=-1), 0)
        if self.difference:
            return Reduced(qubits, np.zeros(len(thermal)))
        photons = np.arange(flat.shape[-1])
        occupations = thermal * np.trace(qubits).real
        occupations[near] = np.einsum("iin,n->", flat[0, :, 0], photons).real
        far = [mode for mode in range(len(thermal)) if mode != near]
        order = bounded(len(far), 1) if len(flat) > 1 else []
        for place, quanta in enumerate(order):
            for mode, quantum in zip(far, quanta, strict=True):
                occupations[mode] += quantum * np.einsum("iin->", flat[place, :, place]).real
        return Reduced(qubits, occupations)

    def _picked(self, off: list[int], left: Levels, right: Levels) -> Matrix:
        return np.ascontiguousarray(self.array[self._place(off, left, right)])

    def _place(self, off: list[int], left: Levels, right: Levels) -> tuple[int | slice, ...]:
        place: list[int | slice] = [slice(None)] * self.array.ndim
        for qubit, row, column in zip(off, left, right, strict=True):
            place[1 + qubit], place[2 + self.qubits + qubit] = row, column
        return tuple(place)


@dataclass(frozen=True)
class Reduced:
    """An operator with the line traced out. qubits: Shape (levels**Q, levels**Q).

    occupations: tr(c+c operator) of each mode, shape (M,).
    """

    qubits: Matrix
    occupations: NDArray[np.float64]

    def plus(self, other: "Reduced", weight: complex) -> "Reduced":
        """This and `weight` times `other`."""
        return Reduced(self.qubits + weight * other.qubits, self.occupations + np.real(weight * other.occupations))
