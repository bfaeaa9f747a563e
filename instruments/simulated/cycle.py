"""Cycle: the ensemble's state through one repetition that has gone on for long, from readout to readout."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from ...physics import relax_through, steady_state
from ...physics.device import TWO_PI
from ...physics.quasi_static import static_detunings
from ...sequences.errors import ModelError
from .board.output import Played, Repetition
from .contact import FORGOTTEN, Contact, contacts
from .dynamics import LEVELS, Dynamics
from .flux_cluster import clusters
from .trial import Trial, trials

MEMORY = 1e-3
"""How much of a qubit's state may survive a rest and still be neglected."""
PASSES = 6
QUADRATURE = 1e-5
"""Largest error of a population by the sum over static detunings."""
TOUCHING = 1e-12
"""Overlap of two events (s) that is rounding."""

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
    """Carries the ensemble through the waveforms of one repetition.

    volts: Static bias of each flux line. error: Estimated largest error of any population so far.
    """

    def __init__(self, dynamics: Dynamics, repetition: Repetition, volts: Mapping[str, float]) -> None:
        rest = dynamics.rest(volts)
        self.dynamics, self.period, self.error = dynamics, repetition.period, rest.contact.error
        self.rest, self.resting, self.rates = rest.controls, rest.contact, rest.contact.rates
        self.count = len(dynamics.device.qubits)
        played, path = dynamics.arriving(repetition.played), dynamics.path
        memory = FORGOTTEN / float(self.rates.internal[0] + self.rest.load[0, 0])
        self.clusters = clusters(
            played,
            dynamics.flux_lines,
            partial(dynamics.controls, rest),
            memory=max(memory, path.lasting + 2 * path.reach),
            reach=path.reach,
        )
        self.contacts = [contact for cluster in self.clusters for contact in contacts(cluster)]
        self.drives: list[list[Played]] = [[] for _ in range(self.count)]
        for wave in sorted(played, key=lambda wave: wave.start):
            line = dynamics.truth.generators.get(wave.generator, "")
            if line.startswith("drive "):
                self.drives[int(line.removeprefix("drive "))].append(wave)
        self.trials = trials(repetition, dynamics.truth)
        self._check_reach()
        self._check_order()
        self._check_independence()
        self.shifts, self.weights = self._nodes()

    def frequency(self, qubit: int) -> float:
        """Of a resting qubit (Hz)."""
        return self.dynamics.device.mode_frequency + float(self.rest.qubit[0, qubit]) / TWO_PI

    def populations(self) -> list[Trace]:
        """Joint populations at each trial's readout, shape (levels,) * Q, once the cycle repeats itself."""
        ensemble = self._equilibrium()
        found: list[Trace] = []
        for _ in range(PASSES):
            before = ensemble.rho.copy()
            found = [self._trial(ensemble, trial) for trial in self.trials]
            self._carry(ensemble, self.period, frozenset(range(self.count)))
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
        rho = np.repeat(np.diag(joint).astype(complex)[None], len(self.weights), axis=0)
        return Ensemble(0.0, rho, self.resting.occupations)

    def _trial(self, ensemble: Ensemble, trial: Trial) -> Trace:
        """Carry `ensemble` to the trial's readout and dephase it there; its populations."""
        self._carry(ensemble, trial.start, self._wanted(trial))
        joint: Trace = np.einsum("k,kii->i", self.weights, ensemble.rho).real
        # What a contact does not follow of the state is lost from its trace, which must not add up over the trials.
        joint /= joint.sum()
        ensemble.rho = np.repeat(np.diag(joint).astype(complex)[None], len(self.weights), axis=0)
        return joint.reshape((LEVELS,) * self.count)

    def _wanted(self, trial: Trial) -> frozenset[int]:
        """Qubits that are read in a trial, or remember it when the next thing is done to them."""
        pause = self._pause_after(trial)
        return trial.qubits | {q for q in range(self.count) if np.exp(-pause * self.rates.relaxation[q]) > MEMORY}

    def _carry(self, ensemble: Ensemble, until: float, wanted: frozenset[int]) -> None:
        """Carry `ensemble` to the time `until` (s), where the qubits `wanted` matter."""
        coming = [contact for contact in self.contacts if ensemble.time <= contact.start < until]
        for number, contact in enumerate(coming):
            self._advance(ensemble, contact.start)
            later = [other.active for other in coming[number + 1 :]]
            self._contact(ensemble, contact, wanted.union(*later))
        self._advance(ensemble, until)

    def _contact(self, ensemble: Ensemble, contact: Contact, read: frozenset[int]) -> None:
        window = self.dynamics.window(contact, ensemble.occupations, read, self.resting)
        into, back = self._turn(contact.start), self._turn(contact.end).conj()
        occupations, error = np.zeros_like(ensemble.occupations), 0.0
        for node, weight in enumerate(self.weights):
            outcome = window.apply(ensemble.rho[node] * into)
            ensemble.rho[node] = outcome.qubits * back
            occupations += weight * outcome.occupations
            error += weight * outcome.error
        # The static detunings stand still meanwhile: a coherence e^{-slip^2/2} and half as much of a population.
        slips = [TWO_PI * qubit.quasi_static * (contact.end - contact.start) for qubit in self.dynamics.device.qubits]
        self.error = max(self.error, min(1.0, error + float(np.sum(np.square(slips))) / 4))
        ensemble.occupations, ensemble.time = occupations, contact.end

    def _turn(self, time: float) -> State:
        """Factors of rho that go from the frames of the resting qubits to the frame of the mode at `time`."""
        levels = np.array(list(product(range(LEVELS), repeat=self.count)))
        phase = np.exp(-1j * (levels @ self.rest.qubit[0]) * time)
        return np.asarray(phase[:, None] * phase.conj()[None, :])

    def _advance(self, ensemble: Ensemble, until: float) -> None:
        """Carry qubits and line, each by itself, to the time `until` (s)."""
        for qubit in range(self.count):
            maps = {
                shift: self._single(qubit, TWO_PI * shift, ensemble.time, until)
                for shift in set(self.shifts[:, qubit].tolist())
            }
            for node, shift in enumerate(self.shifts[:, qubit].tolist()):
                ensemble.rho[node] = _apply(maps[shift], ensemble.rho[node], qubit, self.count)
        ensemble.occupations = self._line(ensemble.occupations, ensemble.time, until)
        ensemble.time = until

    def _single(self, qubit: int, shift: float, begin: float, end: float) -> State:
        """Map of one qubit alone from `begin` to `end` (s), shape (levels**2, levels**2)."""
        total, now = np.eye(LEVELS**2, dtype=complex), begin
        frequency = self.frequency(qubit)
        for wave in self.drives[qubit]:
            if not begin - TOUCHING <= wave.start < end - TOUCHING:
                continue
            total = self._idle(qubit, shift, now, wave.start) @ total
            edges = wave.start + np.arange(len(wave.envelope) + 1) / wave.sample_rate
            detuning = self._angles(qubit, edges) * wave.sample_rate
            pulse = self.dynamics.drive(self.rates, qubit, wave, detuning + shift, frequency)
            total, now = pulse @ total, float(edges[-1])
        return self._idle(qubit, shift, now, end) @ total

    def _idle(self, qubit: int, shift: float, begin: float, end: float) -> State:
        if end <= begin:
            return np.eye(LEVELS**2, dtype=complex)
        angle = float(self._angles(qubit, np.array([begin, end]))[0]) + shift * (end - begin)
        number = np.arange(LEVELS)
        turn = np.exp(-1j * angle * (number[:, None] - number[None, :])).reshape(-1, 1)
        return np.asarray(turn * self.dynamics.relaxation(self.rates, qubit, end - begin))

    def _angles(self, qubit: int, edges: Trace) -> Trace:
        """Turn of a qubit from its rest between neighbouring `edges` (s), shape (len(edges) - 1,) (rad)."""
        rest, total = float(self.rest.qubit[0, qubit]), np.zeros(len(edges) - 1)
        for cluster in self.clusters:
            if cluster.start < edges[-1] and cluster.end > edges[0]:
                total += cluster.angles(qubit, edges, rest)
        return total

    def _line(self, occupations: Trace, begin: float, end: float) -> Trace:
        now = begin
        for cluster in self.clusters:
            if cluster.end <= begin or cluster.start >= end:
                continue
            occupations = self._resting_line(occupations, cluster.start - now)
            occupations = self._relaxed(occupations, *cluster.loads(max(now, cluster.start), min(end, cluster.end)))
            now = min(end, cluster.end)
        return self._resting_line(occupations, end - now)

    def _resting_line(self, occupations: Trace, duration: float) -> Trace:
        return self._relaxed(occupations, np.array([max(0.0, duration)]), self.rest.load)

    def _relaxed(self, occupations: Trace, duration: Trace, load: Trace) -> Trace:
        """The line after steps of `duration`, shape (K,) (s), with kappa_load of each mode, shape (K, M) (rad/s)."""
        target = steady_state(self.rates.internal, self.rates.hot, load, self.rates.cold)
        return relax_through(occupations, target, self.rates.internal + load, duration)

    def _pause_after(self, trial: Trial) -> float:
        """Time from a trial's readout to the next thing that is done to the qubits (s)."""
        starts = [wave.start for waves in self.drives for wave in waves] + [contact.start for contact in self.contacts]
        later = [start - trial.start for start in starts if start > trial.start]
        wrapped = [start - trial.start + self.period for start in starts]
        return min(later + wrapped, default=self.period)

    def _nodes(self) -> tuple[Trace, Trace]:
        """Static detunings (Hz), shape (nodes, Q), and their weights."""
        spreads = [model.quasi_static for model in self.dynamics.device.qubits]
        return static_detunings(spreads, self._longest_evolution(), QUADRATURE)

    def _longest_evolution(self) -> float:
        """From the first thing done to a qubit to its readout, in the trial where that takes longest (s)."""
        starts = [wave.start for waves in self.drives for wave in waves] + [contact.start for contact in self.contacts]
        longest, begin = 0.0, 0.0
        for trial in self.trials:
            longest = max([longest, *(trial.start - start for start in starts if begin <= start < trial.start)])
            begin = trial.start
        return longest

    def _check_reach(self) -> None:
        """What the flux lines make of a repetition must lie within it."""
        for contact in self.contacts:
            if contact.start < 0:
                why = "a low-pass filter begins it before the repetition; delay the line or play it later"
                raise ModelError("start of a coupler pulse (s)", contact.start, why)
        last = max((cluster.end for cluster in self.clusters), default=0.0)
        if self.dynamics.path.lasting and last > self.period:
            why = f"the repetition ends at {self.period:.6g} s and the next one would begin in it; rest longer"
            raise ModelError("end of a flux tail (s)", last, why)

    def _check_order(self) -> None:
        """A qubit does one thing at a time: pulses, contacts and readouts that overlap are not followed."""
        shared = [("coupler pulse", contact.start, contact.end) for contact in self.contacts]
        for trial in self.trials:
            shared.append(("readout", trial.start, trial.end))
        for qubit, waves in enumerate(self.drives):
            own = [("drive pulse", wave.start, wave.start + wave.duration) for wave in waves]
            events = sorted([*shared, *own], key=lambda event: event[1])
            for (first, _, end), (second, start, _) in pairwise(events):
                # A resonator answers far more slowly than a line settles.
                if start < end - TOUCHING - (self.dynamics.path.settling if second == "readout" else 0.0):
                    why = f"qubit {qubit} is still busy with its {first} until {end:.9g}; let one end before the other"
                    raise ModelError(f"start of a {second} (s)", start, why)

    def _check_independence(self) -> None:
        starts = [trial.start for trial in self.trials]
        for first, second in pairwise([*starts, *(start + self.period for start in starts[:1])]):
            for qubit, rate in enumerate(self.rates.relaxation):
                if np.exp(-(second - first) * rate) > MEMORY:
                    why = f"qubit {qubit} remembers its last readout, which is not followed; "
                    raise ModelError("time between readouts (s)", second - first, f"{why}rest {7 / rate:.3g} s or more")


def _apply(single: State, rho: State, qubit: int, count: int) -> State:
    """Let a map of one qubit act on the joint state."""
    shape = (LEVELS,) * (2 * count)
    tensor = np.moveaxis(rho.reshape(shape), (qubit, count + qubit), (0, 1))
    moved = (single @ tensor.reshape(LEVELS**2, -1)).reshape(tensor.shape)
    return np.moveaxis(moved, (0, 1), (qubit, count + qubit)).reshape(rho.shape)
