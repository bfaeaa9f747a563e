"""Photon contact: tones near f0-g1 at one or both nodes of a line along which photons travel, and what they couple.

The nodes evolve together in retarded time: the second one is followed as much later as the line delays what it hears.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ...physics.controls import Controls, Rates
from ...physics.device import TWO_PI
from ...physics.travelling import PhotonDevice, PhotonWindow, Tones
from ...sequences.errors import ModelError
from .board.output import Played
from .contact import FORGOTTEN, LEVELS, State, Trace, turn

STEP = 2e-9
"""Longest step on which a tone counts as constant (s): an eighth of what the fastest resonators of such links take."""
COARSEST = 0.25
"""Largest turn (rad) of a tone against the first one at its node within a step."""


@dataclass(frozen=True)
class PhotonContact:
    """All tones between which the resonators keep their memory. link: Its number. line: Itself. nodes: At its ends.

    start, end: (s). spans: From when to when each node is followed with the line (s). tones: As the cascade takes them.
    turning: Of each node's f in the frame of the tones against that of its rest (rad/s). ahead: Of the tones (rad).
    """

    link: int
    line: PhotonDevice
    nodes: tuple[int, ...]
    start: float
    end: float
    spans: tuple[tuple[float, float], ...]
    tones: Tones
    turning: Trace
    ahead: Trace

    called: ClassVar[str] = "f0-g1 tone"

    @property
    def active(self) -> frozenset[int]:
        """Nodes that are followed: a photon may meet either."""
        return frozenset(self.nodes)

    @property
    def course(self) -> tuple[Trace, ...]:
        """See `Contact`."""
        tones = self.tones
        return tones.duration * 1e15, tones.coupling.real, tones.coupling.imag, tones.detuning

    def window(self, rates: Rates, initial: Trace, read: frozenset[int], error: float) -> PhotonWindow:
        """The map; the resonators have come to rest before."""
        return self.line.window(rates, self.tones, error)

    def frames(self, rest: Controls) -> tuple[State, State]:
        """Factors from the frames of the resting qubits to those of the tones as it begins, and back as it ends."""
        begin, end = (np.array([span[side] for span in self.spans]) for side in range(2))
        return turn(self._phases(begin)), turn(self._phases(end)).conj()

    def _phases(self, times: Trace) -> Trace:
        of_f = np.arange(LEVELS) == LEVELS - 1
        return np.asarray((self.turning * times + self.ahead)[:, None] * of_f)


@dataclass(frozen=True)
class Sender:
    """A photon link of a network as tones meet it. number: Of the link. nodes: At its ends. qubits: Frequencies of the
    resting ones (Hz). rates: g~ at full scale of each drive (rad/s).
    """

    number: int
    nodes: tuple[int, ...]
    link: PhotonDevice
    qubits: Sequence[float]
    rates: Sequence[float]

    def contacts(self, tones: Sequence[Sequence[Played]]) -> Iterator[PhotonContact]:
        """Of the tones at each end. ModelError for one that is too far from the others at its end to be followed."""
        memory = FORGOTTEN / min(end.resonator.kappa for end in self.link.ends)
        tones_of = ((end, wave) for end, waves in enumerate(tones) for wave in waves if wave.envelope.any())
        ordered = sorted(tones_of, key=lambda tone: self._heard(*tone))
        group: list[tuple[int, Played]] = []
        last = -np.inf
        for end, wave in ordered:
            begun, over = self._heard(end, wave)
            if group and begun > last + memory:
                yield self._contact(group)
                group, last = [], -np.inf
            group.append((end, wave))
            last = max(last, over)
        if group:
            yield self._contact(group)

    def _heard(self, end: int, wave: Played) -> tuple[float, float]:
        """When a wave begins and ends to sound on the first node's clock (s); a board pads it with silence."""
        sounding = np.flatnonzero(wave.envelope)
        begin = wave.start - self._late(end)
        return begin + int(sounding[0]) / wave.sample_rate, begin + (int(sounding[-1]) + 1) / wave.sample_rate

    def _late(self, end: int) -> float:
        return self.link.waveguide.delay if end else 0.0

    def _contact(self, group: list[tuple[int, Played]]) -> PhotonContact:
        heard = [self._heard(*tone) for tone in group]
        begin = min(first for first, _ in heard)
        length = max(last for _, last in heard) - begin
        steps = int(np.ceil(length / STEP))
        edges = np.linspace(0, length, steps + 1)
        resonances = np.array([TWO_PI * self.link.resonance(end, qubit) for end, qubit in enumerate(self.qubits)])
        carriers, found, ahead = resonances.copy(), np.zeros((steps, 2), complex), np.zeros(2)
        for end in sorted({end for end, _ in group}):
            waves = [wave for place, wave in group if place == end]
            carriers[end] = carrier(waves[0])
            first = begin + self._late(end)
            for wave in waves:
                found[:, end] += self.rates[end] * _mean(wave, carriers[end], first + edges)
            strongest = found[np.argmax(np.abs(found[:, end])), end]
            ahead[end] = -np.angle(strongest)
            found[:, end] *= np.exp(1j * ahead[end])
        held = _held(found)
        spans = tuple((begin + self._late(end), begin + length + self._late(end)) for end in range(2))
        return PhotonContact(
            link=self.number,
            line=self.link,
            nodes=self.nodes,
            start=spans[0][0],
            end=spans[1][1],
            spans=spans,
            tones=Tones(
                duration=np.add.reduceat(np.diff(edges), held),
                coupling=found[held],
                detuning=resonances - carriers,
            ),
            turning=TWO_PI * np.array([qubit.transmon.anharmonicity for qubit in self.link.qubits])
            + carriers
            - resonances,
            ahead=ahead,
        )


def _held(coupling: NDArray[np.complex128]) -> NDArray[np.int64]:
    """First steps of the stretches on which nothing changes by more than rounding."""
    # A drive line on which nothing reaches a resonator couples nothing.
    grains = np.round(coupling / (np.abs(coupling).max() or 1.0), 9)
    return np.flatnonzero(np.append(True, np.any(grains[1:] != grains[:-1], axis=1)))


def carrier(wave: Played) -> float:
    """Of a wave (rad/s)."""
    return TWO_PI * (wave.oscillator + wave.frequency)


def _mean(wave: Played, reference: float, edges: Trace) -> NDArray[np.complex128]:
    """What a wave asks for, as a part of the full scale, between neighbouring `edges` (s), in a frame that turns as
    exp(-i reference t): conj(envelope) exp(-i (its phase - reference t)).
    """
    offset = carrier(wave) - reference
    step = max(float(edges[1] - edges[0]), 1 / wave.sample_rate)
    if abs(offset) * step > COARSEST:
        why = (
            f"a tone at the same node differs from it by {offset / TWO_PI:.3g} Hz, and {COARSEST / step / TWO_PI:.3g} "
        )
        why += "are followed; play them further apart in time"
        raise ModelError("carrier of an f0-g1 tone (Hz)", carrier(wave) / TWO_PI, why)
    samples = wave.start + np.arange(len(wave.envelope) + 1) / wave.sample_rate
    middle = (samples[1:] + samples[:-1]) / 2
    begun = TWO_PI * wave.oscillator * wave.start + wave.phase - reference * wave.start
    asked = np.conj(wave.envelope) * np.exp(-1j * (offset * (middle - wave.start) + begun))
    reached = np.concatenate([[0.0], np.cumsum(asked) / wave.sample_rate])
    return np.asarray(np.diff(np.interp(edges, samples, reached)) / np.diff(edges))
