"""Bundle: what a joint operator has for one excitation difference of the qubits that are off, as rows of an array."""

import itertools
from dataclasses import dataclass, replace

import numpy as np

from .joint_operator import JointOperator, Levels, Pair, Vector
from .layout import Layout, layout


@dataclass(frozen=True)
class Bundle:
    """Operators on the active qubits and the line, one for each pair of states of the spectators.

    pairs: States of the spectators. vectors: Elements in the order of `layout`, shape (pairs, elements).
    """

    layout: Layout
    active: Levels
    spectators: Levels
    pairs: list[Pair]
    vectors: Vector

    @classmethod
    def gathered(cls, state: JointOperator, active: Levels, difference: int) -> "Bundle":
        """The parts of `state` in which the spectators' excitations differ by `difference`."""
        spectators = tuple(qubit for qubit in range(state.count) if qubit not in active)
        elements = layout(state.modes, len(active), state.levels, state.difference - difference)
        pairs = _pairs(state.levels, len(spectators), difference)
        index = {pair: row for row, pair in enumerate(pairs)}
        vectors = np.zeros((len(pairs), elements.size), complex)
        for (left, right), vector in state.parts.items():
            row = index.get((_picked(left, spectators), _picked(right, spectators)))
            if row is not None:
                vectors[row, elements.position(_picked(left, active), _picked(right, active))] = vector
        return cls(elements, active, spectators, pairs, vectors)

    def changed(self, vectors: Vector) -> "Bundle":
        """The same parts with other `vectors`."""
        return replace(self, vectors=vectors)

    def scattered(self) -> dict[Pair, Vector]:
        """The parts that are not zero."""
        states = list(itertools.product(range(self.layout.basis.levels), repeat=len(self.active)))
        parts: dict[Pair, Vector] = {}
        for (left, right), vector in zip(self.pairs, self.vectors, strict=True):
            if np.any(vector):
                for here, there in itertools.product(states, repeat=2):
                    position = self.layout.position(here, there)
                    if position.size:
                        parts[self._joined(here, left), self._joined(there, right)] = vector[position]
        return parts

    def transfer(self, spectator: int, single: Vector) -> Vector:
        """What a map of one spectator does between `pairs`, shape (pairs, pairs).

        spectator: Its place among the spectators. single: Shape (levels,) * 4, out row, out column, in row, in column.
        """
        matrix = np.zeros((len(self.pairs),) * 2, complex)
        others = [(_without(left, spectator), _without(right, spectator)) for left, right in self.pairs]
        own = [(left[spectator], right[spectator]) for left, right in self.pairs]
        for i, j in itertools.product(range(len(own)), repeat=2):
            if others[i] == others[j]:
                matrix[i, j] = single[own[i] + own[j]]
        return matrix

    def _joined(self, here: Levels, there: Levels) -> Levels:
        levels = dict(zip((*self.active, *self.spectators), (*here, *there), strict=True))
        return tuple(levels[qubit] for qubit in sorted(levels))


def spectator_differences(state: JointOperator, active: Levels) -> list[int]:
    """Excitation differences of the qubits that are off, of which the operator has parts.

    A Hermitian part, difference 0, has for every difference its opposite: only one of the two is given.
    """
    spectators = tuple(qubit for qubit in range(state.count) if qubit not in active)
    found = {sum(_picked(left, spectators)) - sum(_picked(right, spectators)) for left, right in state.parts}
    return sorted(delta for delta in found if state.difference or delta >= 0 or -delta not in found)


def _pairs(levels: int, count: int, difference: int) -> list[Pair]:
    states = list(itertools.product(range(levels), repeat=count))
    return [(left, right) for left in states for right in states if sum(left) - sum(right) == difference]


def _picked(levels: Levels, qubits: Levels) -> Levels:
    return tuple(levels[qubit] for qubit in qubits)


def _without(levels: Levels, place: int) -> Levels:
    return levels[:place] + levels[place + 1 :]
