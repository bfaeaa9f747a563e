"""Joint operator: one excitation difference of an operator on all qubits and the line."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .space import ModeSpace

Levels = tuple[int, ...]
Pair = tuple[Levels, Levels]
Vector = NDArray[np.complex128]


@dataclass(frozen=True)
class Reduced:
    """An operator with the line traced out. qubits: Shape (levels**Q, levels**Q).

    occupations: tr(c+c operator) of each mode, shape (M,).
    """

    qubits: Vector
    occupations: NDArray[np.float64]

    def plus(self, other: "Reduced", weight: complex) -> "Reduced":
        """This and `weight` times `other`."""
        return Reduced(self.qubits + weight * other.qubits, self.occupations + np.real(weight * other.occupations))


@dataclass(frozen=True)
class JointOperator:
    """Part of an operator with N_row - N_col = difference.

    parts: For each pair of qubit states, the elements between mode states in the order of `ModeSpace.pairs`.
    levels, count: Of each qubit, and of qubits.
    """

    difference: int
    parts: Mapping[Pair, Vector]
    modes: ModeSpace
    levels: int
    count: int

    @classmethod
    def product(
        cls, qubits: Vector, difference: int, modes: ModeSpace, occupations: NDArray[np.float64], levels: int
    ) -> "JointOperator":
        """`qubits`, all of one excitation difference, times a thermal state of the modes."""
        rows, columns = modes.pairs(0)
        weights = np.prod((occupations / (1 + occupations)) ** modes.states, axis=1)
        thermal = np.where(rows == columns, weights[rows] / weights.sum(), 0).astype(complex)
        count = round(np.log(len(qubits)) / np.log(levels))
        states = list(itertools.product(range(levels), repeat=count))
        found = {(states[i], states[j]): qubits[i, j] * thermal for i, j in zip(*np.nonzero(qubits), strict=True)}
        return cls(difference, found, modes, levels, count)

    def forget(self, qubit: int) -> "JointOperator":
        """Trace a qubit out; one in its ground state, of no meaning, takes its place."""
        parts: dict[Pair, Vector] = {}
        for (left, right), vector in self.parts.items():
            if left[qubit] == right[qubit]:
                key = _grounded(left, qubit), _grounded(right, qubit)
                parts[key] = parts[key] + vector if key in parts else vector
        return self.changed(parts)

    def changed(self, parts: Mapping[Pair, Vector]) -> "JointOperator":
        """The same operator with other `parts`."""
        return JointOperator(self.difference, parts, self.modes, self.levels, self.count)

    def completed(self) -> "JointOperator":
        """With the elements that follow from the others because the operator is Hermitian."""
        parts = dict(self.parts)
        for (left, right), vector in self.parts.items():
            if (right, left) not in parts:
                rows, columns = self.modes.pairs(sum(right) - sum(left))
                parts[right, left] = vector[np.lexsort((rows, columns))].conj()
        return self.changed(parts)

    def reduce(self) -> Reduced:
        """Trace over the modes."""
        shape = (self.levels,) * self.count
        qubits = np.zeros((self.levels**self.count,) * 2, complex)
        occupations = np.zeros(len(self.modes.cutoffs))
        rows, columns = self.modes.pairs(0)
        for (left, right), vector in self.parts.items():
            if sum(left) - sum(right) != self.difference:
                continue
            weights = vector[rows == columns]
            qubits[np.ravel_multi_index(left, shape), np.ravel_multi_index(right, shape)] = weights.sum()
            if left == right:
                occupations += weights.real @ self.modes.states
        return Reduced(qubits, occupations)


def _grounded(levels: Levels, qubit: int) -> Levels:
    return (*levels[:qubit], 0, *levels[qubit + 1 :])
