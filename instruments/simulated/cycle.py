"""Cycle: the ensemble's state through one repetition that has gone on for long, from readout to readout."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product, pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...physics.bath import relax, steady_state
from ...physics.controls import Controls
from ...physics.device import TWO_PI
from ...sequences.errors import ModelError
from .board.output import Played, Repetition, Window
from .contact import Contact, contacts
from .flux_cluster import FluxCluster, clusters

if TYPE_CHECKING:
    from .plant import LinkPlant

LEVELS = 3
MEMORY = 1e-3
"""How much of a qubit's state may survive a rest and still be neglected."""
PASSES = 6

State = NDArray[np.complex128]
Trace = NDArray[np.float64]


@dataclass
class Ensemble:
    """Joint state of the qubits for each static detuning, and the line.

    time: (s). rho: Shape (nodes, levels**Q, levels**Q), each qubit in the frame of its rest. occupations: Shape (M,).
    """

    time: float
    rho: State
    occupations: Trace


class Cycle:
    """Carries the ensemble through the waveforms of one repetition."""

    def __init__(self, plant: "LinkPlant", repetition: Repetition, rest: Controls) -> None:
        self.plant, self.rest, self.period = plant, rest, repetition.period
        self.rates, self.count = plant.rates, len(plant.device.qubits)
        self.clusters = clusters(repetition.played, plant.lines, plant.controls)
        self.contacts = [contact for cluster in self.clusters for contact in contacts(cluster)]
        self.drives: list[list[Played]] = [[] for _ in range(self.count)]
        for wave in sorted(repetition.played, key=lambda wave: wave.start):
            line = plant.truth.generators.get(wave.generator, "")
            if line.startswith("drive "):
                self.drives[int(line.removeprefix("drive "))].append(wave)
        self.trials = list(_trials(repetition.windows))
        self._check_independence()
        self.shifts, self.weights = self._nodes()

    def populations(self) -> list[Trace]:
        """Joint populations at each trial's readout, shape (levels,) * Q, once the cycle repeats itself."""
        ensemble = self._equilibrium()
        found: list[Trace] = []
        for _ in range(PASSES):
            before = ensemble.rho.copy()
            found = [self._trial(ensemble, trial) for trial in self.trials]
            self._advance(ensemble, self.period)
            ensemble.time = 0.0
            if np.max(np.abs(ensemble.rho - before)) < 1e-6:
                break
        return found

    def _equilibrium(self) -> Ensemble:
        single = []
        for p in self.rates.excited:
            ladder = (p / (1 - p)) ** np.arange(LEVELS)
            single.append(ladder / ladder.sum())
        joint = np.array([1.0])
        for populations in single:
            joint = np.kron(joint, populations)
        load = self.rest.load[0]
        occupations = steady_state(self.rates.internal, self.rates.hot, load, self.rates.cold)
        return Ensemble(0.0, np.repeat(np.diag(joint).astype(complex)[None], len(self.weights), axis=0), occupations)

    def _trial(self, ensemble: Ensemble, trial: list[Window]) -> Trace:
        """Carry `ensemble` to the trial's readout and dephase it there; its populations."""
        readout = trial[0].start
        for contact in self.contacts:
            if ensemble.time <= contact.start < readout:
                self._advance(ensemble, contact.start)
                self._contact(ensemble, contact, trial)
        self._advance(ensemble, readout)
        joint = np.einsum("k,kii->i", self.weights, ensemble.rho).real
        ensemble.rho = np.repeat(np.diag(joint).astype(complex)[None], len(self.weights), axis=0)
        return joint.reshape((LEVELS,) * self.count)

    def _contact(self, ensemble: Ensemble, contact: Contact, trial: list[Window]) -> None:
        self._check_undriven(contact)
        read = {self.plant.truth.readouts[window.readout] for window in trial}
        pause = self._pause_after(trial)
        read |= {q for q in range(self.count) if np.exp(-pause * self.rates.relaxation[q]) > MEMORY}
        window = self.plant.window(contact, ensemble.occupations, frozenset(read))
        into, back = self._turn(contact.start), self._turn(contact.end).conj()
        occupations = np.zeros_like(ensemble.occupations)
        for node, weight in enumerate(self.weights):
            outcome = window.apply(ensemble.rho[node] * into)
            ensemble.rho[node] = outcome.qubits * back
            occupations += weight * outcome.occupations
            slip = TWO_PI * float(np.max(np.abs(self.shifts[node]), initial=0.0)) * (contact.end - contact.start)
            self.plant.error = max(self.plant.error, outcome.error + weight * slip**2 / 4)
        ensemble.occupations, ensemble.time = occupations, contact.end

    def _turn(self, time: float) -> State:
        """Factors of rho that go from the frames of the resting qubits to the frame of the mode at `time`."""
        levels = np.array(list(product(range(LEVELS), repeat=self.count)))
        phase = np.exp(-1j * (levels @ self.rest.qubit[0]) * time)
        return np.asarray(phase[:, None] * phase.conj()[None, :])

    def _advance(self, ensemble: Ensemble, until: float) -> None:
        """Carry qubits and line, each by itself, to the time `until` (s)."""
        for qubit in range(self.count):
            for node, shift in enumerate(self.shifts[:, qubit]):
                single = self._single(qubit, TWO_PI * float(shift), ensemble.time, until)
                ensemble.rho[node] = _apply(single, ensemble.rho[node], qubit, self.count)
        ensemble.occupations = self._line(ensemble.occupations, ensemble.time, until)
        ensemble.time = until

    def _single(self, qubit: int, shift: float, begin: float, end: float) -> State:
        """Map of one qubit alone from `begin` to `end` (s), shape (levels**2, levels**2)."""
        total, now = np.eye(LEVELS**2, dtype=complex), begin
        frequency = self.plant.device.mode_frequency + float(self.rest.qubit[0, qubit]) / TWO_PI
        for wave in self.drives[qubit]:
            stop = wave.start + len(wave.envelope) / wave.sample_rate
            if wave.start < begin - 1e-15 or wave.start >= end:
                continue
            total = self._idle(qubit, shift, now, wave.start) @ total
            edges = wave.start + np.arange(len(wave.envelope) + 1) / wave.sample_rate
            detuning = np.array([self._angle(qubit, a, b) for a, b in pairwise(edges)]) * wave.sample_rate
            total, now = self.plant.drive(qubit, wave, detuning + shift, frequency) @ total, stop
        return self._idle(qubit, shift, now, end) @ total

    def _idle(self, qubit: int, shift: float, begin: float, end: float) -> State:
        if end <= begin:
            return np.eye(LEVELS**2, dtype=complex)
        angle = self._angle(qubit, begin, end) + shift * (end - begin)
        number = np.arange(LEVELS)
        turn = np.exp(-1j * angle * (number[:, None] - number[None, :])).reshape(-1, 1)
        return np.asarray(turn * self.plant.relaxation(qubit, end - begin))

    def _angle(self, qubit: int, begin: float, end: float) -> float:
        rest = float(self.rest.qubit[0, qubit])
        return sum(
            cluster.angle(qubit, begin, end, rest)
            for cluster in self.clusters
            if cluster.start < end and cluster.end > begin
        )

    def _line(self, occupations: Trace, begin: float, end: float) -> Trace:
        now = begin
        for cluster in self.clusters:
            if cluster.end <= begin or cluster.start >= end:
                continue
            occupations = self._relaxed(occupations, self.rest.load[0], max(0.0, cluster.start - now))
            occupations = self._through(occupations, cluster, max(now, cluster.start), min(end, cluster.end))
            now = min(end, cluster.end)
        return self._relaxed(occupations, self.rest.load[0], max(0.0, end - now))

    def _through(self, occupations: Trace, cluster: FluxCluster, begin: float, end: float) -> Trace:
        """The line from `begin` to `end` (s) inside one cluster."""
        for index, load in enumerate(cluster.controls.load):
            overlap = min(end, cluster.edges[index + 1]) - max(begin, cluster.edges[index])
            if overlap > 0:
                occupations = self._relaxed(occupations, load, overlap)
        return occupations

    def _relaxed(self, occupations: Trace, load: Trace, duration: float) -> Trace:
        target = steady_state(self.rates.internal, self.rates.hot, load, self.rates.cold)
        return relax(occupations, target, self.rates.internal + load, duration)

    def _pause_after(self, trial: list[Window]) -> float:
        """Time from a trial's readout to the next thing that is done to the qubits (s)."""
        begin = trial[0].start
        starts = [wave.start for waves in self.drives for wave in waves] + [contact.start for contact in self.contacts]
        later = [start - begin for start in starts if start > begin]
        wrapped = [start - begin + self.period for start in starts]
        return min(later + wrapped, default=self.period)

    def _nodes(self) -> tuple[Trace, Trace]:
        """Gauss-Hermite nodes of the static detunings (Hz), shape (nodes, Q), and their weights."""
        axes = []
        for qubit, model in enumerate(self.plant.device.qubits):
            spread = TWO_PI * model.quasi_static * self._longest_evolution(qubit)
            order = 1 if spread < 1e-3 else 3 + 2 * int(np.ceil(spread))
            x, w = np.polynomial.hermite_e.hermegauss(order)
            axes.append(list(zip(x * model.quasi_static, w / w.sum(), strict=True)))
        grid = list(product(*axes))
        shifts = np.array([[shift for shift, _ in node] for node in grid])
        return shifts, np.array([np.prod([weight for _, weight in node]) for node in grid])

    def _longest_evolution(self, qubit: int) -> float:
        """From a qubit's first drive pulse to its readout, in the trial where that takes longest (s)."""
        longest, begin = 0.0, 0.0
        for trial in self.trials:
            starts = [wave.start for wave in self.drives[qubit] if begin <= wave.start < trial[0].start]
            longest = max(longest, trial[0].start - min(starts, default=trial[0].start))
            begin = trial[0].start
        return longest

    def _check_undriven(self, contact: Contact) -> None:
        for qubit, waves in enumerate(self.drives):
            for wave in waves:
                if wave.start < contact.end and wave.start + wave.duration > contact.start:
                    why = "a microwave pulse while a coupler is on is not followed; let one end before the other"
                    raise ModelError(f"drive of qubit {qubit} at (s)", wave.start, why)

    def _check_independence(self) -> None:
        starts = [trial[0].start for trial in self.trials]
        for first, second in pairwise([*starts, *(start + self.period for start in starts[:1])]):
            for qubit, rate in enumerate(self.rates.relaxation):
                if np.exp(-(second - first) * rate) > MEMORY:
                    why = f"qubit {qubit} remembers its last readout, which is not followed; rest {7 / rate:.3g} s or more"
                    raise ModelError("time between readouts (s)", second - first, why)


def _apply(single: State, rho: State, qubit: int, count: int) -> State:
    """Let a map of one qubit act on the joint state."""
    shape = (LEVELS,) * (2 * count)
    tensor = np.moveaxis(rho.reshape(shape), (qubit, count + qubit), (0, 1))
    moved = (single @ tensor.reshape(LEVELS**2, -1)).reshape(tensor.shape)
    return np.moveaxis(moved, (0, 1), (qubit, count + qubit)).reshape(rho.shape)


def _trials(windows: tuple[Window, ...]) -> Iterator[list[Window]]:
    """Windows that are open at the same time belong together."""
    group: list[Window] = []
    for window in windows:
        if group and window.start >= group[0].start + group[0].length:
            yield group
            group = []
        group.append(window)
    if group:
        yield group
