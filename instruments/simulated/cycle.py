"""Cycle: the ensemble's state through one repetition, from readout to readout."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import lru_cache, partial, reduce
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from ...physics import Rates, relax_through
from ...physics.device import TWO_PI
from ...physics.hot_window import Detuned
from ...physics.quasi_static import StaticDetunings, static_detunings
from ...sequences.errors import ModelError
from .board.output import Played, Repetition
from .contact import FORGOTTEN, LEVELS, Contact, contacts
from .dynamics import Dynamics, Means, settled, shape
from .ensemble import Ensemble, State, Trace
from .flux_cluster import clusters, left_out
from .joint_state import moved, through
from .order import TOUCHING, check_arrived, check_order
from .photon_contact import PhotonContact
from .ringing import Ringing, faded, ringing
from .trial import Trial, trials

MEMORY = 1e-3
"""How much of a qubit's state may survive a rest and still be neglected."""
PASSES = 1000
"""Repetitions after which what one hands to the next must be steady: many, if the next remembers much."""
STEADY = 1e-6
"""Change of the state from one repetition to the next that is none."""
FORESEEN = 10e-6
"""Evolution for which static detunings are resolved while it is not known yet how a repetition goes on (s)."""
QUADRATURE = 1e-5
"""Largest error of a population by the sum over static detunings."""
LARGEST = 250_000_000
"""Of the joint state (bytes); working on it takes several times as much."""
UNMOVED = 0.01
"""Turn of a qubit by what is left of flux pulses (rad) that does not matter to a photon."""


def forgotten(rates: Rates, pause: float) -> bool:
    """No qubit remembers after a `pause` (s) how it was read."""
    return bool(np.exp(-pause * rates.relaxation.min()) <= MEMORY)


class Cycle:
    """Carries the ensemble through the waveforms of one repetition.

    volts: Static bias of each flux line. error: Estimated largest error of any population so far.
    """

    def __init__(self, dynamics: Dynamics, repetition: Repetition, volts: Mapping[str, float]) -> None:
        self.dynamics, self.network, self.period = dynamics, dynamics.network, repetition.period
        self.rest = dynamics.rest(volts)
        self.rates, self.count = self.rest.rates, len(self.network.qubits)
        self.error = max(contact.error for contact in self.rest.contacts)
        self._all = frozenset(range(self.count))
        self._check_memory(1)
        self._played, path = dynamics.arriving(repetition.played), dynamics.path
        memory = max(FORGOTTEN / self._loss(link) for link in range(len(self.network.links)))
        self.clusters = clusters(
            self._played,
            dynamics.flux_lines,
            partial(dynamics.controls, self.rest),
            memory=max(memory, self.rest.lasting + 2 * path.reach),
            reach=path.reach,
        )
        met = [
            contacts(cluster, link, nodes) for cluster in self.clusters for link, nodes in enumerate(self.network.ends)
        ]
        self._driven = self._on_drives()
        photons = dynamics.photon_contacts(self.rest, self._driven)
        found: list[Contact | PhotonContact] = [*(contact for part in met for contact in part), *photons]
        self.contacts = sorted(found, key=lambda contact: contact.start)
        self.drives = [
            [wave for wave in waves if dynamics.photon_place(self.rest, qubit, wave) is None]
            for qubit, waves in enumerate(self._driven)
        ]
        drives = [wave.start for waves in self.drives for wave in waves]
        self._starts = drives + [contact.start for contact in self.contacts]
        self.trials = trials(repetition, dynamics.truth)
        self.ringing = self._ringing(repetition.played)
        self._check_reach()
        check_order(self.drives, self.contacts, self.trials, dynamics.path.settling)
        check_arrived(photons, self.trials)
        self._check_still(photons)
        self._lasting = self._longest_evolution()
        drawn = self._detunings()
        self.shifts, self.weights = drawn.shifts, drawn.weights
        self._besides = drawn.error + left_out(self.clusters, [trial.start for trial in self.trials])
        self.error = max(self.error, self._besides)
        self._check_memory(len(self.weights))

    def _on_drives(self) -> list[list[Played]]:
        """What is played on the drive line of each qubit, in order of time."""
        waves: list[list[Played]] = [[] for _ in range(self.count)]
        for wave in sorted(self._played, key=lambda wave: wave.start):
            line = self.dynamics.truth.generators.get(wave.generator, "")
            if line.startswith("drive "):
                waves[int(line.removeprefix("drive "))].append(wave)
        return waves

    def frequency(self, qubit: int) -> float:
        """Of a resting qubit (Hz)."""
        return self.rest.frequencies[qubit]

    def populations(self) -> list[Trace]:
        """Joint populations at each trial's readout, shape (levels,) * Q, whatever was read before; see `means`."""
        return [ensemble.joint for ensemble in self.means()]

    def means(self) -> list[Ensemble]:
        """The mean of all shots when each trial begins, in a repetition that has gone on for long."""
        points = sum(1 if self.forgotten(number) else self.weights.size for number in range(len(self.trials)))
        means, self.error = self.dynamics.means(self.rest, self._moving, self._size(points), self._found)
        return means

    @property
    def _moving(self) -> Hashable:
        """All that happens in the repetition, but for what windows hear of it."""
        flux = [wave for wave in self._played if wave.generator in self.dynamics.flux_lines]
        waves = [(*shape(wave), wave.phase) for wave in chain(flux, *self._driven)]
        rings = chain.from_iterable(self.ringing.values())
        return self.period, *waves, *rings, *((trial.start, trial.qubits) for trial in self.trials)

    def resonances(self, qubit: int) -> Trace:
        """Of a resting qubit's resonator, for each of its levels, shape (levels,) (Hz)."""
        return self.rest.resonances[qubit]

    def _ringing(self, played: Iterable[Played]) -> dict[int, tuple[Ringing, ...]]:
        """What rings on while something is done to the qubits."""
        if not self.trials or max(self._starts, default=0.0) < self.trials[0].start:
            return {}
        read = frozenset().union(*(trial.qubits for trial in self.trials))
        resonances = {qubit: self.resonances(qubit) for qubit in read}
        return ringing(self.trials, played, self.dynamics.truth, resonances, dict(enumerate(self._driven)))

    def _found(self) -> Means:
        ensemble, found = self.rested(), list[Ensemble]()
        for _ in range(PASSES):
            before, found = ensemble.rho, []
            for number, trial in enumerate(self.trials):
                arrived = self.arriving(ensemble, trial)
                ensemble = self._passed(arrived, number)
                # What is forgotten is asked for its populations alone.
                found.append(arrived.renewed(np.ones(1)) if self.forgotten(number) else arrived)
            ensemble = self.closing(ensemble)
            if np.max(np.abs(ensemble.rho - before)) < STEADY:
                break
        return found, self.error

    def rested(self) -> Ensemble:
        """Qubits and lines as a long rest leaves them, at the origin."""
        rho = np.repeat(self.rest.thermal[None], len(self.weights), axis=0)
        return Ensemble(0.0, rho, self.weights, self.rest.occupations, LEVELS)

    def arriving(self, ensemble: Ensemble, trial: Trial) -> Ensemble:
        """What `ensemble` has become when `trial` begins."""
        arrived = self._resolved(ensemble)
        self._carry(arrived, trial.start, self._wanted(trial))
        # What a contact does not follow of the state is lost from its trace, which must not add up over the trials.
        return arrived.normalised()

    def leaving(self, arrived: Ensemble, trial: Trial, begun: Mapping[int, int], left: Mapping[int, int]) -> Ensemble:
        """The part of the ensemble that is left when `trial` is over, not normalised.

        It holds the shots in which the qubits that are read were in the levels `begun` when the trial began and `left`
        when it ended: they are projected when it begins, the others keep their coherences and what they know of them.
        """
        told = arrived.told(begun)
        self._carry(told, trial.end, self._all)
        told = told.told(left)
        return told.renewed(self.weights) if self._tells_all(trial) else told

    def closing(self, ensemble: Ensemble) -> Ensemble:
        """What the next repetition finds at its origin.

        A coherence does not last so long: its phase would be that of the board's clocks, which differ from repetition
        to repetition.
        """
        closed = self._resolved(ensemble)
        self._carry(closed, self.period, self._all)
        closed.time = 0.0
        return closed.normalised().dephased(self._all).renewed(self.weights)

    def forgotten(self, number: int) -> bool:
        """Nothing is remembered of a trial's readout when the next one begins, or the first of the next repetition."""
        begun = self.trials[number].start
        later = [trial.start for trial in self.trials[number + 1 :]] or [self.trials[0].start + self.period]
        return forgotten(self.rates, later[0] - begun)

    def _passed(self, arrived: Ensemble, number: int) -> Ensemble:
        """The mean of all shots when a trial has begun."""
        if self.forgotten(number) or self._tells_all(self.trials[number]):
            return arrived.dephased(self._all).renewed(self.weights)
        return arrived.dephased(self.trials[number].qubits)

    def _tells_all(self, trial: Trial) -> bool:
        """Every qubit is read, so that none goes on with a phase; then the static detunings count as drawn anew."""
        return trial.qubits == self._all

    def _resolved(self, ensemble: Ensemble) -> Ensemble:
        """A copy on the static detunings of this repetition."""
        same = np.array_equal(ensemble.weights, self.weights)
        return ensemble.copy() if same else ensemble.renewed(self.weights)

    def _wanted(self, trial: Trial) -> frozenset[int]:
        """Qubits that are read in a trial, or remember it when the next thing is done to them."""
        if np.isnan(self.period):
            return self._all
        pause = self._pause_after(trial)
        return trial.qubits | {q for q in range(self.count) if np.exp(-pause * self.rates.relaxation[q]) > MEMORY}

    def _carry(self, ensemble: Ensemble, until: float, wanted: frozenset[int]) -> None:
        """Carry `ensemble` to the time `until` (s), where the qubits `wanted` matter.

        What has no part in a contact is carried past it later: it does not mind.
        """
        qubits, lines = dict.fromkeys(range(self.count), ensemble.time), [ensemble.time] * len(self.network.links)
        coming = [contact for contact in self.contacts if ensemble.time <= contact.start < until]
        for number, contact in enumerate(coming):
            spans = dict(zip(contact.nodes, contact.spans, strict=True))
            for qubit, (begin, _) in spans.items():
                self._advance(ensemble, qubit, qubits[qubit], begin)
            self._relax(ensemble, contact.link, lines[contact.link], contact.start)
            later = [other.active for other in coming[number + 1 :]]
            self._contact(ensemble, contact, wanted.union(*later))
            qubits |= {qubit: end for qubit, (_, end) in spans.items()}
            lines[contact.link] = contact.end
        for qubit, begin in qubits.items():
            self._advance(ensemble, qubit, begin, until)
        for link, begin in enumerate(lines):
            self._relax(ensemble, link, begin, until)
        ensemble.time = until

    def _contact(self, ensemble: Ensemble, contact: Contact | PhotonContact, read: frozenset[int]) -> None:
        window = self.dynamics.window(contact, ensemble.occupations[contact.link], read, self.rest)
        into, back = contact.frames(self.rest.controls[contact.link])
        occupations, error = np.zeros_like(window.initial), self._besides
        spans = zip(contact.nodes, contact.spans, strict=True)
        rung = [self._rung(node, np.array(span))[0] for node, span in spans]
        lasting = float(np.diff(contact.spans[0])[0])
        shifts = TWO_PI * self.shifts[:, list(contact.nodes)] - np.imag(rung) / lasting
        elsewhere = np.inf if any(rung) else self._lasting
        for point, (shift, weight) in enumerate(zip(shifts, self.weights, strict=True)):
            shots = Detuned(shift, float(weight), elsewhere)
            after, photons, missed = through(window, shots, ensemble.rho[point], contact.nodes, self.count, into, back)
            ensemble.rho[point] = after
            occupations += weight * photons
            error += weight * missed
        self.error = max(self.error, min(1.0, error))
        for node, logarithm in zip(contact.nodes, rung, strict=True):
            if logarithm:
                ensemble.rho = moved(np.diag(faded(logarithm, LEVELS))[None], ensemble.rho, node, self.count)
        ensemble.fill(contact.link, occupations)

    def _advance(self, ensemble: Ensemble, qubit: int, begin: float, end: float) -> None:
        """Carry a qubit by itself from `begin` to `end` (s)."""
        shifts, place = _distinct(self.shifts[:, qubit].tobytes())
        maps = self._single(qubit, shifts, begin, end)
        ensemble.rho = moved(maps[place], ensemble.rho, qubit, self.count)

    def _relax(self, ensemble: Ensemble, link: int, begin: float, end: float) -> None:
        """Carry a line by itself from `begin` to `end` (s)."""
        ensemble.fill(link, self._line(link, ensemble.occupations[link], begin, end))

    def _single(self, qubit: int, shifts: Trace, begin: float, end: float) -> State:
        """Maps of one qubit alone from `begin` to `end` (s), shape (K, levels**2, levels**2).

        shifts: Static detunings, shape (K,) (rad/s).
        """
        maps, now = list[State](), begin
        for wave in self.drives[qubit]:
            if not begin - TOUCHING <= wave.start < end - TOUCHING:
                continue
            maps.append(self._idle(qubit, shifts, now, wave.start))
            edges = wave.start + np.arange(len(wave.envelope) + 1) / wave.sample_rate
            rung = self._rung(qubit, edges)
            detuning = (self._angles(qubit, edges) - rung.imag) * wave.sample_rate
            pulse = self.dynamics.drive(self.rates, qubit, wave, detuning, shifts, self.frequency(qubit))
            maps.append(faded(rung.sum(), LEVELS)[:, None] * pulse)
            now = float(edges[-1])
        maps.append(self._idle(qubit, shifts, now, end))
        return reduce(lambda total, following: following @ total, maps)

    def _idle(self, qubit: int, shifts: Trace, begin: float, end: float) -> State:
        if end <= begin:
            return np.broadcast_to(np.eye(LEVELS**2, dtype=complex), (len(shifts), LEVELS**2, LEVELS**2))
        edges = np.array([begin, end])
        rung = self._rung(qubit, edges)[0]
        angle = float(self._angles(qubit, edges)[0] - rung.imag)
        idle = self.dynamics.idle(self.rates, qubit, end - begin, angle, shifts)
        return faded(rung, LEVELS)[:, None] * idle if rung else idle

    def _rung(self, qubit: int, edges: Trace) -> State:
        """Logarithm of what photons of earlier readouts make of a coherence between neighbouring `edges` (s)."""
        alive = (ring for ring in self.ringing.get(qubit, ()) if ring.start < edges[-1] and not ring.over(edges[0]))
        return sum((ring.logarithm(edges) for ring in alive), np.zeros(len(edges) - 1, complex))

    def _angles(self, qubit: int, edges: Trace) -> Trace:
        """Turn of a qubit from its rest between neighbouring `edges` (s), shape (len(edges) - 1,) (rad)."""
        link, end = place = self.network.places[qubit][0]
        rest, total = float(self.rest.controls[link].qubit[0, end]), np.zeros(len(edges) - 1)
        for cluster in self.clusters:
            if cluster.start < edges[-1] and cluster.end > edges[0]:
                total += cluster.angles(place, edges, rest)
        return total

    def _line(self, link: int, occupations: Trace, begin: float, end: float) -> Trace:
        now = begin
        for cluster in self.clusters:
            if cluster.end <= begin or cluster.start >= end:
                continue
            occupations = self._resting_line(link, occupations, cluster.start - now)
            duration, load = cluster.loads(link, max(now, cluster.start), min(end, cluster.end))
            target = settled(self.dynamics.lines[link], load)
            occupations = relax_through(occupations, target, self.dynamics.lines[link].internal + load, duration)
            now = min(end, cluster.end)
        return self._resting_line(link, occupations, end - now)

    def _resting_line(self, link: int, occupations: Trace, duration: float) -> Trace:
        loss = self.dynamics.lines[link].internal + self.rest.controls[link].load
        return relax_through(occupations, self.rest.bare[link], loss, np.array([max(0.0, duration)]))

    def _loss(self, link: int) -> float:
        """Of a resting line's communication mode (1/s)."""
        return float(self.dynamics.lines[link].internal[0] + self.rest.controls[link].load[0, 0])

    def _pause_after(self, trial: Trial) -> float:
        """Time from a trial's readout to the next thing that is done to the qubits, or asked of them (s)."""
        starts = self._starts + [other.start for other in self.trials]
        later = [start - trial.start for start in starts if start > trial.start]
        wrapped = [start - trial.start + self.period for start in starts]
        return min(later + wrapped, default=self.period)

    def _detunings(self) -> StaticDetunings:
        spreads = [model.quasi_static for model in self.network.qubits]
        return static_detunings(spreads, self._lasting, QUADRATURE)

    def _longest_evolution(self) -> float:
        """From the first thing done to a qubit to its readout, in the trial where that takes longest (s)."""
        longest, begin = (FORESEEN if np.isnan(self.period) else 0.0), 0.0
        for number, trial in enumerate(self.trials):
            longest = max([longest, *(trial.start - start for start in self._starts if begin <= start < trial.start)])
            if self._tells_all(trial) or self.forgotten(number):
                begin = trial.start
        return longest

    def _size(self, points: int) -> int:
        """Of the joint state at so many static detunings (bytes)."""
        return 16 * points * int(LEVELS ** (2 * self.count))

    def _check_memory(self, points: int) -> None:
        """The joint state must fit: it is kept for each static detuning."""
        size = self._size(points)
        if size > LARGEST:
            why = f"with {LEVELS} levels each at {points} static detunings, their joint state takes {size / 1e9:.3g} "
            why += f"GB, and {LARGEST / 1e9:.3g} are allowed; follow fewer nodes at once, or without quasi_static"
            raise ModelError("number of qubits", self.count, why)

    def _check_reach(self) -> None:
        """What the flux lines make of a repetition must lie within it."""
        for contact in self.contacts:
            if contact.start < 0:
                why = "a low-pass filter begins it before the repetition; delay the line or play it later"
                raise ModelError("start of a coupler pulse (s)", contact.start, why)
        last = max((cluster.end for cluster in self.clusters), default=0.0)
        if self.rest.lasting and last > self.period:
            why = f"the repetition ends at {self.period:.6g} s and the next one would begin in it; rest longer"
            raise ModelError("end of a flux tail (s)", last, why)

    def _check_still(self, photons: Sequence[PhotonContact]) -> None:
        """Fluxes leave a qubit alone that gives or takes a photon: with them its tone would be off resonance."""
        for contact in photons:
            for qubit, span in zip(contact.nodes, contact.spans, strict=True):
                angle = float(self._angles(qubit, np.array(span))[0])
                if abs(angle) > UNMOVED:
                    why = f"fluxes turn qubit {qubit} while it exchanges a photon, which is not followed; let them end"
                    raise ModelError("angle of a qubit (rad)", angle, why)


@lru_cache(maxsize=64)
def _distinct(shifts: bytes) -> tuple[Trace, NDArray[np.int64]]:
    """Different ones of a qubit's static detunings at all points (rad/s), and which of them each point has."""
    values, place = np.unique(np.frombuffer(shifts), return_inverse=True)
    return TWO_PI * values, place
