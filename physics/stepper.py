"""Stepper: evolves joint operators through segments by Strang splitting between Hamiltonian and dissipators."""

import hashlib
from dataclasses import fields
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from .bundle import Bundle, spectator_differences
from .controls import Rates
from .dissipation import Tables, dissipate, tables
from .hamiltonian import Hamiltonian, Matrix
from .idle import idle_map
from .joint_operator import JointOperator, Levels, Pair, Vector
from .ladder import Ladder
from .layout import Layout, layout
from .segment import Segment
from .space import ModeSpace
from .trunk import Trunk


class Stepper:
    """Keeps the exponentials of `rates` on `modes` for the next windows, as many as fit."""

    def __init__(self, rates: Rates, modes: ModeSpace, levels: int) -> None:
        self.rates, self.modes, self.levels = rates, modes, levels
        self._hamiltonian = lru_cache(maxsize=8)(self._find_hamiltonian)
        self._tables = lru_cache(maxsize=4096)(self._find_tables)
        self._trunk = Trunk()

    def evolve(self, state: JointOperator, segment: Segment, tolerance: float) -> JointOperator:
        """`state` after `segment`; parts whose norm is below `tolerance` are dropped."""
        parts: dict[Pair, Vector] = {}
        for difference in spectator_differences(state, segment.active):
            bundle = Bundle.gathered(state, segment.active, difference)
            evolved = bundle.changed(self._compressed(bundle, segment, tolerance))
            parts |= evolved.changed(self._spectated(evolved, segment)).scattered()
        after = state.changed(parts)
        return after if state.difference else after.completed()

    def _compressed(self, bundle: Bundle, segment: Segment, tolerance: float) -> Vector:
        """Evolve as few combinations of the rows of `bundle` as span them to `tolerance`."""
        weights, basis = eigh(bundle.vectors @ bundle.vectors.conj().T)
        basis = basis[:, weights > tolerance**2]
        lanes = np.ascontiguousarray(basis.conj().T @ bundle.vectors)
        if len(lanes):
            self._strang(lanes, segment, bundle.layout)
        return np.asarray(basis @ lanes)

    def _strang(self, lanes: Vector, segment: Segment, elements: Layout) -> None:
        """Half a step of dissipation, the rotation, half a step; two halves with the same load are taken as one."""
        steps, active = segment.controls, segment.active
        hamiltonian = self._hamiltonian(active)
        trunk = self._trunk.follow(lanes, segment, elements.difference)
        begin, pending = trunk.resume(lanes)
        before = steps.load[max(0, begin - 1)]
        for index in range(begin, len(steps.duration)):
            duration, load = steps.duration[index], steps.load[index]
            if not np.array_equal(load, before):
                self._dissipate(lanes, active, elements, before, pending)
                pending, before = 0.0, load
            self._dissipate(lanes, active, elements, load, pending + duration / 2)
            _rotate(lanes, elements, hamiltonian.unitaries(steps, index))
            pending = duration / 2
            trunk.keep(index, lanes, pending)
        self._dissipate(lanes, active, elements, before, pending)

    def _dissipate(
        self, lanes: Vector, active: Levels, elements: Layout, load: NDArray[np.float64], duration: float
    ) -> None:
        attoseconds = round(duration * 1e18)
        for subsystem in range(len(active) + len(load)):
            mode = subsystem - len(active)
            qubit, rate = (active[subsystem], 0) if mode < 0 else (-1, round(float(load[mode])))
            table = self._tables(elements.basis.qubits, elements.difference, subsystem, qubit, rate, attoseconds)
            dissipate(lanes, elements.strings(subsystem), table)

    def _spectated(self, bundle: Bundle, segment: Segment) -> Vector:
        """Let the qubits that are off follow their own relaxation, dephasing and rotation."""
        vectors = bundle.vectors
        for place, qubit in enumerate(bundle.spectators):
            angle = float(segment.controls.duration @ segment.controls.qubit[:, qubit])
            single = idle_map(self.rates, qubit, self.levels, segment.duration, angle)
            vectors = bundle.transfer(place, single) @ vectors
        return vectors

    def _find_hamiltonian(self, active: Levels) -> Hamiltonian:
        return Hamiltonian(self.rates, active, layout(self.modes, len(active), self.levels, 0).basis)

    def _find_tables(
        self, qubits: int, difference: int, subsystem: int, qubit: int, load: int, attoseconds: int
    ) -> Tables:
        mode = subsystem - qubits
        ladder = Ladder.of_qubit(self.rates, qubit) if mode < 0 else Ladder.of_mode(self.rates, mode, float(load))
        strings = layout(self.modes, qubits, self.levels, difference).strings(subsystem)
        return tables(strings, ladder, attoseconds * 1e-18)


def _rotate(lanes: Vector, elements: Layout, unitaries: list[Matrix]) -> None:
    for block in elements.blocks:
        matrix = lanes[:, block.elements].reshape(len(lanes), *block.shape)
        np.matmul(unitaries[block.row] @ matrix, unitaries[block.column].conj(), out=matrix)


class _Key:
    """Rates that compare by value, so that windows of the same link find the same stepper."""

    def __init__(self, rates: Rates) -> None:
        self.rates = rates
        arrays = [np.ascontiguousarray(getattr(rates, field.name)) for field in fields(rates)]
        self.digest = hashlib.sha256(b"".join(array.tobytes() for array in arrays)).digest()

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.digest == other.digest


def stepper(rates: Rates, modes: ModeSpace, levels: int) -> Stepper:
    """The stepper of these arguments; the latest ones are kept, because a sweep's windows share them."""
    return _stepper(_Key(rates), modes, levels)


@lru_cache(maxsize=4)
def _stepper(key: _Key, modes: ModeSpace, levels: int) -> Stepper:
    return Stepper(key.rates, modes, levels)
