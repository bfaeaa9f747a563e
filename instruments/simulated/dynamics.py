"""Dynamics: the maps that a truth makes of waveforms; each is found once and kept for a while."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from hashlib import sha256
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from ...physics import Controls, Rates, Resonator, idle_map, steady_state
from ...physics.device import TWO_PI
from ...physics.resting_contact import RestingContact
from ...physics.travelling import PhotonDevice
from ...sequences.errors import ModelError
from .board.output import BOARD, Played
from .board.output import Window as Readout
from .chip_flux import FluxPath
from .contact import LEVELS, Contact
from .dispersive import answer
from .drift import Drift
from .ensemble import Ensemble
from .joint_state import Window
from .photon_contact import PhotonContact, Sender, carrier
from .qubit_drive import drive_map, turned
from .recent import Recent
from .residual import off
from .truth import Truth

ERROR = 1e-4
"""Of a population, that is asked of a window: below what any number of shots shows."""

STEADY = 1e-4
"""Steps of the line's temperature, relative: between two of them, maps are wrong by less than 1e-4 of a population."""
MOVED = 1e-7
"""Steps of a drifting flux offset (Phi0): between two of them, a qubit at 2.7 GHz/Phi0 is off by 140 Hz at most, which
turns it by 9e-4 rad in 1 us."""
INSTANT = 1e-15
"""To which times are compared (s)."""
SMALL = 10_000
"""States that take no more (bytes) are kept, so that thousands of them may be."""

State = NDArray[np.complex128]
Trace = NDArray[np.float64]
Means = tuple[list[Ensemble], float]
"""Of all shots when each trial begins, and the estimated largest error of any population."""


@dataclass(frozen=True)
class Rest:
    """The network with all generators silent.

    controls: Of each link, one step; the frequency of each qubit is that of its frame. contacts: Of each link, what
    couplers that are on at rest do. rates: Of all qubits, with that. frequencies: Of all qubits (Hz). resonances: Of
    each qubit's resonator, for its levels, shape (levels,) (Hz). bare: Occupations to which the modes of each link go
    by themselves, shape (1, M). flux: Reduced flux in each loop, shape (L,). lasting: How long the tails of a flux
    pulse last then (s).
    """

    controls: tuple[Controls, ...]
    contacts: tuple[RestingContact, ...]
    rates: Rates
    frequencies: tuple[float, ...]
    resonances: tuple[Trace, ...]
    bare: tuple[Trace, ...]
    flux: Trace
    lasting: float

    @property
    def occupations(self) -> tuple[Trace, ...]:
        """Of the modes of each link."""
        return tuple(contact.occupations for contact in self.contacts)

    @cached_property
    def thermal(self) -> State:
        """What all qubits are in after long, shape (levels**Q, levels**Q)."""
        joint = np.array([1.0])
        for p in self.rates.excited:
            ladder = (p / (1 - p)) ** np.arange(LEVELS)
            joint = np.kron(joint, ladder / ladder.sum())
        return np.diag(joint).astype(complex)


@dataclass
class Dynamics:
    """How the network of `truth` moves under given waveforms and static biases.

    line_temperature: Of the bath of all lines (K), which hang on one stage; at first that of the truth. drifted: Where
    all else has drifted to. What moves less than a step of either costs no new maps. qubits: Rates of all qubits, by
    themselves. lines: Rates of each link.
    """

    truth: Truth
    _rests: Recent[Rest] = field(default_factory=lambda: Recent(64))
    _windows: Recent[Window] = field(default_factory=lambda: Recent(1024))
    _controls: Recent[tuple[tuple[Controls, ...], float]] = field(default_factory=lambda: Recent(64))
    _means: Recent[Means] = field(default_factory=lambda: Recent(4096))
    _drives: Recent[State] = field(default_factory=lambda: Recent(4096))
    _idle: Recent[State] = field(default_factory=lambda: Recent(4096))
    _answers: Recent[State] = field(default_factory=lambda: Recent(1024))

    def __post_init__(self) -> None:
        self.network, self.path = self.truth.network, FluxPath(self.truth)
        self.line_temperature, self.drifted = self.network.links[0].line_temperature, self.truth.undrifted
        for link in self.network.links:
            if link.line_temperature != self.line_temperature:
                why = f"another one has {self.line_temperature:g} K, and all lines hang on one stage; give them one"
                raise ModelError("line temperature (K)", link.line_temperature, why)
        self._renew()
        self.flux_lines = {
            generator: line
            for generator, line in self.truth.generators.items()
            if line.startswith(("flux", "coupler", "load"))
        }

    def warm(self, temperature: float) -> None:
        """Bring the lines' bath to the step that is nearest to `temperature` (K)."""
        design = self.network.links[0].line_temperature
        if temperature > 0 < design:
            temperature = design * exp(STEADY * round(log(temperature / design) / STEADY))
        self.line_temperature = temperature
        self._renew()

    def drift(self, to: Drift) -> None:
        """Let everything but the lines' temperature drift, each offset to the step that is nearest."""
        self.drifted = replace(to, flux={line: MOVED * round(moved / MOVED) for line, moved in to.flux.items()})
        self._renew()

    def arriving(self, played: Iterable[Played]) -> list[Played]:
        """What is played, each wave as much later as its line delays it, and drives with their carriers' drift."""
        return [self._arrived(wave) for wave in played]

    def rest(self, volts: Mapping[str, float]) -> Rest:
        """The network at the static `volts`."""
        flux = self.path.rest(volts, self.drifted.flux)

        def find() -> Rest:
            made = self.path.controls(np.ones(1), flux[None])
            links = zip(self.network.links, self.lines, made, strict=True)
            contacts = tuple(link.resting(rates, controls) for link, rates, controls in links)
            shifts = self.network.summed([contact.shift for contact in contacts])
            resting = tuple(replace(one, qubit=one.qubit + shift) for one, shift in zip(made, shifts, strict=True))
            frequencies = tuple(self._resting(resting, *places[0]) for places in self.network.places)
            return Rest(
                controls=resting,
                contacts=contacts,
                rates=self._felt(contacts),
                frequencies=frequencies,
                resonances=tuple(map(self._resonances, range(len(frequencies)), frequencies)),
                bare=tuple(map(settled, self.lines, (one.load for one in resting))),
                flux=flux,
                lasting=self.path.lasting(flux),
            )

        return self._rests.get((self._conditions, flux.tobytes()), find)

    def controls(
        self, rest: Rest, duration: Trace, fractions: Mapping[str, Trace]
    ) -> tuple[tuple[Controls, ...], float]:
        """What the fractions of full scale on each flux line make of the links that were at `rest`.

        Second: the error of a population by couplers that count as off.
        """
        key = sha256(repr(self._conditions).encode() + rest.flux.tobytes() + np.round(duration * 1e15).tobytes())
        for line in sorted(fractions):
            key.update(line.encode() + np.round(fractions[line], 9).tobytes())

        def find() -> tuple[tuple[Controls, ...], float]:
            arriving = self.path.arriving(duration, fractions, rest.flux)
            moving = dict(zip(self.path.lines, arriving.flux.T, strict=True))
            made = self.path.controls(arriving.duration, rest.flux + arriving.flux)
            return self._without_residuals(made, moving, rest)

        return self._controls.get(key.digest(), find)

    def window(self, contact: Contact | PhotonContact, occupations: Trace, read: frozenset[int], rest: Rest) -> Window:
        """The map of one contact. occupations: Of its line's modes when it begins. read: Nodes, as its ends are."""
        rates = self._spectated(contact, rest)
        ends = frozenset(end for end, node in enumerate(contact.nodes) if node in read)
        key = sha256(repr((contact.link, sorted(ends))).encode() + np.round(occupations, 6).tobytes())
        key.update(_digest(rates.relaxation, rates.excited, rates.dephasing, rates.hot))
        for values in contact.course:
            key.update(np.round(values).tobytes())
        return self._windows.get(key.digest(), lambda: contact.window(rates, occupations, ends, ERROR))

    def photon_contacts(self, rest: Rest, drives: Sequence[Sequence[Played]]) -> list[PhotonContact]:
        """What the drives of each qubit do to lines along which photons travel."""
        found: list[PhotonContact] = []
        for number, nodes in enumerate(self.network.ends):
            tones = [
                [wave for wave in drives[node] if self.photon_place(rest, node, wave) == (number, end)]
                for end, node in enumerate(nodes)
            ]
            if any(tones):
                found += self._sender(rest, number).contacts(tones)
        return found

    def photon_place(self, rest: Rest, qubit: int, wave: Played) -> tuple[int, int] | None:
        """Link and end at which a drive of a qubit exchanges f with a photon; None if it is nearer to the qubit."""
        if not self._transfer[qubit]:
            return None
        own, tone = rest.frequencies[qubit], carrier(wave) / TWO_PI
        near = {place: abs(tone - link.resonance(place[1], own)) for place, link in self._transfer[qubit].items()}
        nearest = min(near, key=near.__getitem__)
        return nearest if near[nearest] < abs(tone - own) else None

    def means(self, rest: Rest, moving: Hashable, size: int, find: Callable[[], Means]) -> Means:
        """What `find` makes of a repetition that goes on from `rest`, where `moving` is all that happens in it.

        size: Of a state (bytes).
        """
        if size > SMALL:
            return find()
        return self._means.get((self._conditions, rest.flux.tobytes(), moving), find)

    def answer(
        self, resonator: Resonator, resonances: Trace, window: Readout, tone: Played, ahead: float, parts: int
    ) -> State:
        """See `dispersive.answer`."""
        key = (resonator, resonances.tobytes(), window, *shape(tone), tone.phase, ahead, parts)
        return self._answers.get(key, lambda: answer(resonator, resonances, window, tone, ahead, parts))

    def idle(self, rates: Rates, qubit: int, duration: float, angle: float, shifts: Trace) -> State:
        """Maps of a qubit left alone for `duration` (s) in its own frame, shape (K, levels**2, levels**2).

        angle: By which it turns meanwhile (rad). shifts: Static detunings, shape (K,) (rad/s).
        """
        key = (qubit, _own(rates, qubit), round(duration * 1e15), angle, shifts.tobytes())

        def find() -> State:
            number = np.arange(LEVELS)
            angles = np.multiply.outer(angle + shifts * duration, number[:, None] - number)
            turn = np.exp(-1j * angles).reshape(len(shifts), -1, 1)
            return np.asarray(turn * idle_map(rates, qubit, LEVELS, duration, 0.0).reshape(LEVELS**2, LEVELS**2))

        return self._idle.get(key, find)

    def drive(self, rates: Rates, qubit: int, wave: Played, detuning: Trace, shifts: Trace, rest: float) -> State:
        """Maps of one microwave pulse, shape (K, levels**2, levels**2).

        detuning: Of the qubit on each sample (rad/s). shifts: Static ones beside it, shape (K,) (rad/s). rest: The
        qubit's frequency (Hz).
        """
        offset = TWO_PI * (wave.oscillator + wave.frequency - rest)
        samples = np.round(wave.envelope, 9).tobytes(), np.round(detuning).tobytes(), shifts.tobytes()
        key = (qubit, _own(rates, qubit), round(offset, 3), wave.sample_rate, *samples)

        def find() -> State:
            amplitude = np.asarray(np.pi * self.truth.drives[qubit].rabi_rate * np.conj(wave.envelope), complex)
            duration = np.full(len(wave.envelope), 1 / wave.sample_rate)
            pulse = partial(drive_map, rates, qubit, LEVELS, duration=duration, amplitude=amplitude, offset=offset)
            return np.array([pulse(detuning=detuning + shift) for shift in shifts])

        begin = TWO_PI * (wave.oscillator - rest) * wave.start + wave.phase
        return turned(self._drives.get(key, find), LEVELS, begin)

    @cached_property
    def _transfer(self) -> list[dict[tuple[int, int], PhotonDevice]]:
        """Where each qubit has a transfer resonator: link and end."""
        links = dict(enumerate(self.network.links))
        return [
            {place: link for place in places if isinstance(link := links[place[0]], PhotonDevice)}
            for places in self.network.places
        ]

    def _sender(self, rest: Rest, number: int) -> Sender:
        nodes = self.network.ends[number]
        return Sender(
            number=number,
            nodes=nodes,
            link=self._transfer[nodes[0]][number, 0],
            qubits=[rest.frequencies[node] for node in nodes],
            rates=[TWO_PI * self.truth.drives[node].photon_rate for node in nodes],
        )

    @property
    def _conditions(self) -> tuple[float, ...]:
        """On which the rates depend."""
        return (self.line_temperature, *self.drifted.relaxation)

    def _renew(self) -> None:
        """Find the rates under the present conditions."""
        more = 1 + np.array(self.drifted.relaxation)
        own = self.network.rates()
        self.qubits = replace(own, relaxation=more * own.relaxation)
        self.lines = [self._line(number, more) for number in range(len(self.network.links))]

    def _line(self, number: int, more: Trace) -> Rates:
        link = self.network.links[number]
        rates = link.rates()
        relaxation = more[list(self.network.ends[number])] * rates.relaxation
        return link.warmed(replace(rates, relaxation=relaxation), self.line_temperature)

    def _resting(self, controls: tuple[Controls, ...], link: int, end: int) -> float:
        """Frequency of the qubit at the end of a resting link (Hz)."""
        return self.network.links[link].mode_frequency + float(controls[link].qubit[0, end]) / TWO_PI

    def _resonances(self, qubit: int, frequency: float) -> Trace:
        model = self.network.qubits[qubit].transmon
        return self.truth.resonators[qubit].resonances(frequency, model.anharmonicity, LEVELS)

    def _arrived(self, wave: Played) -> Played:
        line = self.truth.generators.get(wave.generator, "")
        if line in self.path.lines:
            return _later(wave, self.path.lines[line].filter.delay)
        if not line.startswith("drive "):
            return wave
        qubit = int(line.removeprefix("drive "))
        ahead = self.drifted.lo_phase[qubit] + self.drifted.board_phase[wave.generator // BOARD]
        return _later(wave, self.truth.drives[qubit].delay, ahead)

    def _felt(self, contacts: Iterable[RestingContact], without: int | None = None) -> Rates:
        """Rates of all qubits with the resting contacts of all links, or `without` that of one."""
        rates = self.qubits
        for number, (contact, ends) in enumerate(zip(contacts, self.network.ends, strict=True)):
            rates = rates if number == without else contact.added(rates, ends)
        return rates

    def _without_residuals(
        self, made: tuple[Controls, ...], moving: Mapping[str, Trace], rest: Rest
    ) -> tuple[tuple[Controls, ...], float]:
        """With silent couplers off, whose qubits stay where all of their links shift them to: see `residual`."""
        found = [
            off(one, moving, self.lines[number], rest.contacts[number], self.network, number)
            for number, one in enumerate(made)
        ]
        silent, errors = [where for where, _ in found], [error for _, error in found]
        shifts = [np.where(where, contact.shift, 0.0) for where, contact in zip(silent, rest.contacts, strict=True)]
        heard = tuple(
            replace(one, qubit=one.qubit + shift, coupling=np.where(where, 0.0, one.coupling))
            for one, where, shift in zip(made, silent, self.network.summed(shifts), strict=True)
        )
        return heard, sum(errors)

    def _spectated(self, contact: Contact | PhotonContact, rest: Rest) -> Rates:
        """Of a link. Qubits that are active in the contact feel their other links alone, for this one is followed."""
        nodes, own = list(contact.nodes), self._felt(rest.contacts, without=contact.link)
        inside = np.isin(nodes, list(contact.active))
        changed = {
            name: np.where(inside, getattr(own, name)[nodes], getattr(rest.rates, name)[nodes]) for name in _OF_QUBITS
        }
        return replace(self.lines[contact.link], **changed)


def settled(rates: Rates, load: Trace) -> Trace:
    """Occupations to which the modes of a line go with kappa_load as it is, shape (K, M) both."""
    return steady_state(rates.internal, rates.hot, load, rates.cold)


def shape(wave: Played) -> tuple[Hashable, ...]:
    """All of a wave but its phase."""
    start = round(wave.start / INSTANT)
    return wave.generator, start, wave.sample_rate, wave.envelope.tobytes(), wave.oscillator, wave.frequency


def _later(wave: Played, delay: float, ahead: float = 0.0) -> Played:
    if not delay and not ahead:
        return wave
    return replace(wave, start=wave.start + delay, phase=wave.phase + ahead - TWO_PI * wave.oscillator * delay)


def _own(rates: Rates, qubit: int) -> tuple[float, float, float]:
    return float(rates.relaxation[qubit]), float(rates.excited[qubit]), float(rates.dephasing[qubit])


_OF_QUBITS = ("relaxation", "excited", "dephasing")


def _digest(*arrays: Trace) -> bytes:
    return b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)
