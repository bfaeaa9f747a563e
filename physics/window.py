"""Hot window: the exact evolution of qubits and line while a coupler is on, as a map of the qubits' state.

Strang splitting between the Hamiltonian (exponentials of its blocks, one for each value of the controls) and the
dissipators (which commute with each other and act on one subsystem each). Only the qubits whose couplers are on evolve
together with the line; the others follow their own map. A qubit that nobody reads later is traced out when it is done.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh, expm

from .controls import Controls, Rates
from .dissipation import Ladder, Tables, dissipate, tables
from .space import Layout, ModeSpace

Levels = tuple[int, ...]
Vector = NDArray[np.complex128]
Pair = tuple[Levels, Levels]

NEGLIGIBLE_COUPLING = 2 * np.pi * 500.0
"""A coupler below this (rad/s) is off: over 1 us it moves less than 1e-5 of a population."""


@dataclass(frozen=True, kw_only=True)
class Accuracy:
    """What is left out. step: Longest step of the splitting (s). turn: Largest change of a control within a step
    that is averaged (rad). lane: Smallest part of an operator that is followed.
    """

    step: float = 1e-9
    turn: float = 0.02
    lane: float = 2e-5


@dataclass(frozen=True)
class Outcome:
    """State after the window. qubits: Shape (levels**Q, levels**Q). occupations: Of the modes, shape (M,).

    error: Estimated largest error of a population.
    """

    qubits: Vector
    occupations: NDArray[np.float64]
    error: float


@dataclass
class HotWindow:
    """Map of the qubits' state over one window that starts with a product of qubits and thermal modes.

    rates, controls: Of the model. levels: Of each qubit. modes: Fock space of the line. initial: Occupation of each
    mode at the start. read: Qubits that matter afterwards; the others may be traced out.

    The map is found on demand: a state that earlier calls did not span costs one more propagation.
    """

    rates: Rates
    controls: Controls
    modes: ModeSpace
    initial: NDArray[np.float64]
    read: frozenset[int]
    coarse_modes: ModeSpace | None = None
    levels: int = 3
    accuracy: Accuracy = field(default_factory=Accuracy)
    _known: dict[int, list[tuple[Vector, "_Reduced"]]] = field(default_factory=dict)
    _error: float = 0.0

    def __post_init__(self) -> None:
        self._stepper = _Stepper(self.rates, self.modes, self.levels)
        self._segments = list(_segments(self.controls, self.accuracy))

    def apply(self, qubits: Vector) -> Outcome:
        """State after the window for the product of `qubits` (levels**Q square) and the thermal line."""
        total = _Reduced(np.zeros_like(qubits), np.zeros(len(self.initial)))
        numbers = _levels(self.levels, self.rates.relaxation.size).sum(axis=1)
        difference = numbers[:, None] - numbers[None, :]
        for delta in range(int(numbers.max()) + 1):
            part = np.where(difference == delta, qubits, 0)
            reduced = self._part(delta, part)
            total = total.plus(reduced, 1.0)
            if delta:
                total.qubits[:] += reduced.qubits.conj().T
        return Outcome(total.qubits, total.occupations, self._error + self.accuracy.lane)

    def _part(self, delta: int, part: Vector) -> "_Reduced":
        """Image of one diagonal of the state, from what is known and, where that does not reach, from a new lane."""
        known = self._known.setdefault(delta, [])
        rest, image = part, _Reduced(np.zeros_like(part), np.zeros(len(self.initial)))
        for basis, mapped in known:
            weight = np.vdot(basis, rest)
            rest = rest - weight * basis
            image = image.plus(mapped, weight)
        norm = float(np.linalg.norm(rest))
        if norm > self.accuracy.lane:
            mapped = self._propagate(rest / norm, delta, self._segments)
            known.append((rest / norm, mapped))
            if delta == 0:
                self._error = max(self._error, norm * self._coarse_difference(rest / norm, mapped))
            image = image.plus(mapped, norm)
        return image

    def _coarse_difference(self, diagonal: Vector, fine: "_Reduced") -> float:
        """Largest change of a population when the steps double and the Fock space shrinks to `coarse_modes`.

        The splitting is of second order, so a third of its part remains; the tail of a thermal mode falls by
        n/(1 + n) per state, so at n < 1 less than all of the other part does. Half of the sum stands for both.
        """
        coarse = Accuracy(step=2 * self.accuracy.step, turn=2 * self.accuracy.turn, lane=self.accuracy.lane)
        stepper = _Stepper(self.rates, self.coarse_modes or self.modes, self.levels)
        mapped = self._propagate(diagonal, 0, list(_segments(self.controls, coarse)), stepper)
        return float(np.max(np.abs(np.diag(mapped.qubits - fine.qubits)))) / 2

    def _propagate(
        self, part: Vector, delta: int, segments: list["_Segment"], stepper: "_Stepper | None" = None
    ) -> "_Reduced":
        stepper = stepper or self._stepper
        state = _Operator.product(part, delta, stepper.modes, self.initial, self.levels, self.rates.relaxation.size)
        for index, segment in enumerate(segments):
            state = stepper.evolve(state, segment, self.accuracy.lane)
            later = {qubit for following in segments[index + 1 :] for qubit in following.active}
            for qubit in set(segment.active) - later - self.read:
                state = state.forget(qubit)
        return state.reduce()


@dataclass(frozen=True)
class _Reduced:
    qubits: Vector
    occupations: NDArray[np.float64]

    def plus(self, other: "_Reduced", weight: complex) -> "_Reduced":
        return _Reduced(
            self.qubits + weight * other.qubits,
            self.occupations + np.real(weight * other.occupations),
        )


@dataclass(frozen=True)
class _Segment:
    """Steps in which the couplers of `active` are on. durations (s); qubit, coupling, mode, load as in Controls."""

    active: tuple[int, ...]
    controls: Controls


def _levels(levels: int, qubits: int) -> NDArray[np.int64]:
    return np.array(list(itertools.product(range(levels), repeat=qubits)), dtype=np.int64).reshape(-1, qubits)


def _segments(controls: Controls, accuracy: Accuracy) -> Iterator[_Segment]:
    """Cut where the set of active couplers changes; a pause belongs to what came before it."""
    on = np.abs(controls.coupling) > NEGLIGIBLE_COUPLING
    merged = _merge(controls, on, accuracy)
    sets: list[tuple[int, ...]] = []
    for row in np.abs(merged.coupling) > NEGLIGIBLE_COUPLING:
        active = tuple(int(q) for q in np.flatnonzero(row))
        sets.append(active or (sets[-1] if sets else ()))
    for active, group in itertools.groupby(range(len(sets)), key=lambda index: sets[index]):
        steps = list(group)
        yield _Segment(active, _take(merged, slice(steps[0], steps[-1] + 1)))


def _take(controls: Controls, steps: slice) -> Controls:
    return Controls(
        duration=controls.duration[steps],
        qubit=controls.qubit[steps],
        coupling=controls.coupling[steps],
        mode=controls.mode[steps],
        load=controls.load[steps],
    )


def _merge(controls: Controls, on: NDArray[np.bool_], accuracy: Accuracy) -> Controls:
    """Average neighbouring samples while the controls stand still, or move little within one step."""
    signals = np.hstack([controls.qubit, controls.coupling, controls.mode, controls.load])
    group, current, first, elapsed = [0], 0, 0, float(controls.duration[0])
    for index in range(1, len(controls.duration)):
        step = float(controls.duration[index])
        drift = np.max(np.abs(signals[index] - signals[first])) * (elapsed + step)
        full = elapsed + step > accuracy.step * (1 + 1e-9)
        if full or drift > accuracy.turn or np.any(on[index] != on[first]):
            current, first, elapsed = current + 1, index, 0.0
        elapsed += step
        group.append(current)
    edges = np.flatnonzero(np.diff(group, prepend=-1))
    durations = np.add.reduceat(controls.duration, edges)

    def average(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.add.reduceat(values * controls.duration[:, None], edges, axis=0) / durations[:, None])

    return Controls(
        duration=durations,
        qubit=average(controls.qubit),
        coupling=average(controls.coupling),
        mode=average(controls.mode),
        load=average(controls.load),
    )


@dataclass(frozen=True)
class _Operator:
    """Part of an operator with N_row - N_col = difference: for each pair of qubit states, the elements of the modes."""

    difference: int
    parts: dict[Pair, Vector]
    modes: ModeSpace
    levels: int
    count: int

    @classmethod
    def product(
        cls, part: Vector, difference: int, modes: ModeSpace, occupations: NDArray[np.float64], levels: int, count: int
    ) -> "_Operator":
        """`part` on the qubits, times a thermal state of the modes."""
        rows, columns = modes.pairs(0)
        weights = np.prod((occupations / (1 + occupations)) ** modes.states, axis=1)
        thermal = np.where(rows == columns, weights[rows] / weights.sum(), 0).astype(complex)
        states = [tuple(map(int, row)) for row in _levels(levels, count)]
        parts = {
            (states[i], states[j]): part[i, j] * thermal for i, j in zip(*np.nonzero(part), strict=True)
        }
        return cls(difference, parts, modes, levels, count)

    def forget(self, qubit: int) -> "_Operator":
        """Trace a qubit out; it stands in its ground state from here on."""
        parts: dict[Pair, Vector] = {}
        for (left, right), vector in self.parts.items():
            if left[qubit] == right[qubit]:
                key = (_replaced(left, qubit, 0), _replaced(right, qubit, 0))
                parts[key] = parts[key] + vector if key in parts else vector
        return _Operator(self.difference, parts, self.modes, self.levels, self.count)

    def reduce(self) -> _Reduced:
        """Trace over the modes."""
        size = self.levels**self.count
        qubits = np.zeros((size, size), complex)
        occupations = np.zeros(len(self.modes.cutoffs))
        rows, columns = self.modes.pairs(0)
        diagonal = rows == columns
        for (left, right), vector in self.parts.items():
            if sum(left) - sum(right) != self.difference:
                continue
            weights = vector[diagonal]
            index = np.ravel_multi_index(left, (self.levels,) * self.count), np.ravel_multi_index(
                right, (self.levels,) * self.count
            )
            qubits[index] = weights.sum()
            if left == right:
                occupations += weights.real @ self.modes.states
        return _Reduced(qubits, occupations)


def _replaced(levels: Levels, qubit: int, level: int) -> Levels:
    return (*levels[:qubit], level, *levels[qubit + 1 :])


class _Stepper:
    """Evolves operators through segments; keeps layouts, exponentials and tables for reuse."""

    def __init__(self, rates: Rates, modes: ModeSpace, levels: int) -> None:
        self.rates, self.modes, self.levels = rates, modes, levels
        self._layouts: dict[tuple[int, int], Layout] = {}
        self._hamiltonians: dict[tuple[int, ...], _Hamiltonian] = {}
        self._tables: dict[tuple[object, ...], Tables] = {}

    def evolve(self, state: _Operator, segment: _Segment, tolerance: float) -> _Operator:
        """`state` after `segment`; parts whose norm is below `tolerance` are dropped."""
        spectators = tuple(q for q in range(state.count) if q not in segment.active)
        by_difference: dict[int, set[Pair]] = {}
        for left, right in state.parts:
            pair = (_pick(left, spectators), _pick(right, spectators))
            by_difference.setdefault(sum(pair[0]) - sum(pair[1]), set()).add(pair)
        parts: dict[Pair, Vector] = {}
        for delta, found in by_difference.items():
            if state.difference == 0 and delta < 0 and -delta in by_difference:
                continue
            pairs = self._spectator_pairs(len(spectators), delta) if spectators else sorted(found)
            vectors = self._gather(state, segment.active, spectators, pairs, state.difference - delta)
            vectors = self._compressed(vectors, segment, state.difference - delta, tolerance)
            vectors = self._spectate(vectors, pairs, spectators, segment)
            self._scatter(parts, vectors, segment.active, spectators, pairs, state.difference - delta)
        if state.difference == 0:
            _complete(parts, self.modes)
        return _Operator(state.difference, parts, self.modes, self.levels, state.count)

    def _spectator_pairs(self, count: int, delta: int) -> list[Pair]:
        states = list(itertools.product(range(self.levels), repeat=count))
        return [(left, right) for left in states for right in states if sum(left) - sum(right) == delta]

    def _layout(self, qubits: int, difference: int) -> Layout:
        key = (qubits, difference)
        if key not in self._layouts:
            self._layouts[key] = Layout(self.modes, qubits, self.levels, difference)
        return self._layouts[key]

    def _gather(
        self, state: _Operator, active: Levels, spectators: Levels, pairs: list[Pair], difference: int
    ) -> Vector:
        layout = self._layout(len(active), difference)
        index = {pair: row for row, pair in enumerate(pairs)}
        vectors = np.zeros((len(pairs), layout.size), complex)
        for (left, right), vector in state.parts.items():
            row = index.get((_pick(left, spectators), _pick(right, spectators)))
            if row is not None:
                vectors[row, layout.position(_pick(left, active), _pick(right, active))] = vector
        return vectors

    def _scatter(
        self, parts: dict[Pair, Vector], vectors: Vector, active: Levels, spectators: Levels, pairs: list[Pair], difference: int
    ) -> None:
        layout = self._layout(len(active), difference)
        states = list(itertools.product(range(self.levels), repeat=len(active)))
        count = len(active) + len(spectators)
        for (left, right), vector in zip(pairs, vectors, strict=True):
            if not np.any(vector):
                continue
            for here, there in itertools.product(states, repeat=2):
                position = layout.position(here, there)
                if position.size:
                    key = (_joined(here, active, left, spectators, count), _joined(there, active, right, spectators, count))
                    parts[key] = vector[position]

    def _compressed(self, vectors: Vector, segment: _Segment, difference: int, tolerance: float) -> Vector:
        """Evolve as few combinations of the rows of `vectors` as span them to `tolerance`."""
        weights, basis = eigh(vectors @ vectors.conj().T)
        basis = basis[:, weights > tolerance**2]
        lanes = np.ascontiguousarray(basis.conj().T @ vectors)
        self._strang(lanes, segment, self._layout(len(segment.active), difference))
        return np.asarray(basis @ lanes)

    def _strang(self, lanes: Vector, segment: _Segment, layout: Layout) -> None:
        steps = segment.controls
        hamiltonian = self._hamiltonians.get(segment.active)
        if hamiltonian is None:
            hamiltonian = self._hamiltonians[segment.active] = _Hamiltonian(self.rates, segment.active, layout)
        previous = None
        for index, duration in enumerate(steps.duration):
            load = steps.load[index]
            if previous is not None and np.array_equal(previous[1], load):
                self._dissipate(lanes, segment.active, layout, load, (previous[0] + duration) / 2)
            else:
                if previous is not None:
                    self._dissipate(lanes, segment.active, layout, previous[1], previous[0] / 2)
                self._dissipate(lanes, segment.active, layout, load, duration / 2)
            self._rotate(lanes, layout, hamiltonian.unitaries(steps, index))
            previous = (duration, load)
        if previous is not None:
            self._dissipate(lanes, segment.active, layout, previous[1], previous[0] / 2)

    def _rotate(self, lanes: Vector, layout: Layout, unitaries: list[Vector]) -> None:
        for block in layout.blocks:
            matrix = lanes[:, block.elements].reshape(len(lanes), *block.shape)
            left = unitaries[_total(layout, block.rows)]
            right = unitaries[_total(layout, block.columns)]
            matrix[:] = left @ matrix @ right.conj().T

    def _dissipate(
        self, lanes: Vector, active: Levels, layout: Layout, load: NDArray[np.float64], duration: float
    ) -> None:
        for subsystem in range(len(active) + len(self.modes.cutoffs)):
            mode = subsystem - len(active)
            rate = float(load[mode]) if mode >= 0 else 0.0
            key = (active, layout.difference, subsystem, round(rate), round(duration * 1e16))
            strings = layout.strings(subsystem)
            if key not in self._tables:
                ladder = _qubit_ladder(self.rates, active[subsystem]) if mode < 0 else _mode_ladder(self.rates, mode, rate)
                self._tables[key] = tables(strings, ladder, duration)
            dissipate(lanes, strings, self._tables[key])

    def _spectate(self, vectors: Vector, pairs: list[Pair], spectators: Levels, segment: _Segment) -> Vector:
        """Let the qubits that are off follow their own relaxation, dephasing and rotation."""
        duration = float(segment.controls.duration.sum())
        for position, qubit in enumerate(spectators):
            angle = float(segment.controls.duration @ segment.controls.qubit[:, qubit])
            single = idle_map(self.rates, qubit, self.levels, duration, angle)
            transfer = np.zeros((len(pairs), len(pairs)), complex)
            for (i, (left, right)), (j, (was, had)) in itertools.product(enumerate(pairs), repeat=2):
                others = [k for k in range(len(spectators)) if k != position]
                if _pick(left, others) == _pick(was, others) and _pick(right, others) == _pick(had, others):
                    transfer[i, j] = single[left[position], right[position], was[position], had[position]]
            vectors = transfer @ vectors
        return vectors


def _complete(parts: dict[Pair, Vector], modes: ModeSpace) -> None:
    """Fill in the elements that follow from the others in a Hermitian operator."""
    for left, right in list(parts):
        if (right, left) not in parts:
            delta = sum(right) - sum(left)
            rows, columns = modes.pairs(delta)
            mirrored = modes.pairs(-delta)
            order = np.lexsort((rows, columns))
            assert np.array_equal(columns[order], mirrored[0])
            vector = np.empty(len(rows), complex)
            vector[order] = parts[left, right].conj()
            parts[right, left] = vector


def _total(layout: Layout, rows: slice) -> int:
    return int(layout.numbers[rows.start].sum())


def _pick(levels: Levels, qubits: Levels | list[int]) -> Levels:
    return tuple(levels[q] for q in qubits)


def _joined(here: Levels, active: Levels, there: Levels, spectators: Levels, count: int) -> Levels:
    levels = [0] * count
    for qubit, level in itertools.chain(zip(active, here, strict=True), zip(spectators, there, strict=True)):
        levels[qubit] = level
    return tuple(levels)


def _qubit_ladder(rates: Rates, qubit: int) -> Ladder:
    relaxation, excited = float(rates.relaxation[qubit]), float(rates.excited[qubit])
    return Ladder(relaxation * (1 - excited), relaxation * excited, float(rates.dephasing[qubit]))


def _mode_ladder(rates: Rates, mode: int, load: float) -> Ladder:
    internal, hot, cold = float(rates.internal[mode]), float(rates.hot[mode]), float(rates.cold[mode])
    return Ladder(internal * (hot + 1) + load * (cold + 1), internal * hot + load * cold)


def idle_map(rates: Rates, qubit: int, levels: int, duration: float, angle: float) -> Vector:
    """What an undriven, uncoupled qubit does: shape (levels, levels, levels, levels), out row, out column, in, in.

    duration: (s). angle: Integral of its detuning from the frame (rad).
    """
    ladder, anharmonicity = _qubit_ladder(rates, qubit), float(rates.anharmonicity[qubit])
    energy = anharmonicity / 2 * np.arange(levels) * (np.arange(levels) - 1)
    single = np.zeros((levels,) * 4, complex)
    for delta in range(levels):
        k = np.arange(levels - delta)
        generator = ladder.generator(delta, len(k)) - 1j * np.diag(energy[k + delta] - energy[k])
        chain = expm(generator * duration) * np.exp(-1j * angle * delta)
        for i, j in itertools.product(k, k):
            single[i + delta, i, j + delta, j] = chain[i, j]
            single[i, i + delta, j, j + delta] = chain[i, j].conj()
    return single


class _Hamiltonian:
    """Blocks of H for the active qubits: its parts, and exponentials of what the controls make of them."""

    def __init__(self, rates: Rates, active: Levels, layout: Layout) -> None:
        self.active, self.rates = active, rates
        self._cache: dict[bytes, list[Vector]] = {}
        count = len(active)
        numbers = layout.numbers
        self.sectors = layout.sectors
        anharmonicity = rates.anharmonicity[list(active)]
        qubits, photons = numbers[:, :count], numbers[:, count:]
        self.static = (qubits * (qubits - 1) / 2) @ anharmonicity + photons @ rates.detuning
        self.numbers = numbers
        self.hops = [self._hop(position, rates.parity[qubit]) for position, qubit in enumerate(active)]

    def _hop(self, position: int, parity: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """b c+ + b+ c of one qubit with all modes, block by block."""
        count = len(self.active)
        index = {tuple(row): i for i, row in enumerate(self.numbers.tolist())}
        blocks = [np.zeros((rows.stop - rows.start,) * 2) for rows in self.sectors]
        for i, row in enumerate(self.numbers.tolist()):
            for mode, sign in enumerate(parity):
                if row[position] == 0:
                    continue
                target = row.copy()
                target[position] -= 1
                target[count + mode] += 1
                j = index.get(tuple(target))
                if j is not None:
                    total = sum(row)
                    first = self.sectors[total].start
                    element = sign * np.sqrt(row[position] * target[count + mode])
                    blocks[total][i - first, j - first] = blocks[total][j - first, i - first] = element
        return blocks

    def unitaries(self, steps: Controls, index: int) -> list[Vector]:
        """exp(-i H t) of every block for one step."""
        controls = np.concatenate(
            [
                [steps.duration[index] * 1e15],
                steps.qubit[index, list(self.active)],
                steps.coupling[index, list(self.active)],
                steps.mode[index],
            ]
        )
        key = np.round(controls).tobytes()
        if key not in self._cache:
            self._cache[key] = self._exponentials(steps, index)
        return self._cache[key]

    def _exponentials(self, steps: Controls, index: int) -> list[Vector]:
        count = len(self.active)
        diagonal = (
            self.static
            + self.numbers[:, :count] @ steps.qubit[index, list(self.active)]
            + self.numbers[:, count:] @ steps.mode[index]
        )
        exponentials = []
        for total, rows in enumerate(self.sectors):
            matrix = np.diag(diagonal[rows])
            for position, qubit in enumerate(self.active):
                matrix = matrix + steps.coupling[index, qubit] * self.hops[position][total]
            energies, vectors = eigh(matrix)
            exponentials.append((vectors * np.exp(-1j * energies * steps.duration[index])) @ vectors.T)
        return exponentials
