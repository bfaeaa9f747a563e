"""Phases: of a repetition's tones and local oscillators, as far as they have a meaning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import inf
from typing import Final

from ..converters.converter import Ear, Image, Sampled, heard
from ..converters.generators import Tone
from ..converters.readouts import LocalOscillator, Readout
from ..converters.wiring import Wiring

Listener = tuple[Readout, LocalOscillator]
Pitch = tuple[int, Fraction, Fraction]
"""Of a tone: its generator, oscillator and frequency."""
Frames = dict[Pitch, Fraction]
"""What turns along with a tone (turns per tick)."""
_STILL: Final = Fraction(0)


@dataclass(frozen=True, kw_only=True)
class Term:
    """Phase of a tone or a local oscillator in turns: static + frame * step - word * reset / 2^32.

    frame: Number of alignment periods since tick 0. reset: Absolute DDS sample at which its phase was last zero.
    carried: Generator whose reset lies in an earlier repetition, None if the tone's phase does not depend on one.
    """

    static: Fraction
    step: Fraction
    word: int
    carried: int | None

    @cached_property
    def _numbers(self) -> tuple[float, int, int]:
        return float(self.static), self.step.numerator, self.step.denominator

    def turns(self, frame: int, resets: Mapping[int, int]) -> float:
        """Phase within [0, 1)."""
        static, numerator, denominator = self._numbers
        turns = static + numerator * frame % denominator / denominator
        if self.carried is not None:
            turns -= (self.word * resets.get(self.carried, 0) & 0xFFFFFFFF) / 2**32
        return turns % 1.0


class Phases:
    """Of the `tones` of a repetition, in time order, and of those who listen in its windows.

    base, alignment, bandwidth: See `PatternBuilder`. starts: Of the windows, from the origin (ticks).
    """

    def __init__(
        self,
        wiring: Wiring,
        base: int,
        alignment: int,
        bandwidth: float | None,
        tones: Sequence[Tone],
        listeners: Sequence[Listener],
        starts: Sequence[Fraction],
    ) -> None:
        self.wiring, self.base, self.alignment, self.tones = wiring, base, alignment, tones
        self.bandwidth = None if bandwidth is None else bandwidth / (wiring.f_time * 1e6)
        self._resets: dict[int, int] = {}
        frames = self._frames(set(listeners))
        nearest = {listener: self._nearest(listener, frames) for listener in set(listeners)}
        terms = [self._term(tone, frames[_pitch(tone)]) for tone in tones]
        for listener, start in zip(listeners, starts, strict=True):
            terms.append(self._listening(listener[1], nearest[listener], start))
        self.terms = tuple(terms)

    @property
    def resets(self) -> tuple[tuple[int, int, int], ...]:
        """Generator, DDS sample (in the frame) of its last phase reset, samples a frame."""
        return tuple((index, sample, self._samples(index)) for index, sample in self._resets.items())

    def _samples(self, generator: int) -> int:
        """DDS samples in an alignment period."""
        unit = self.wiring.generator(generator)
        return unit.samples * (unit.fabric.numerator * self.alignment // unit.fabric.denominator)

    def _term(self, tone: Tone, frame: Fraction) -> Term:
        """Phase of a tone relative to a frame (turns per tick) that turns since tick 0."""
        unit = self.wiring.generator(tone.generator)
        if tone.reset:
            self._resets[tone.generator] = tone.sample
        coherent = tone.generator not in self._resets
        turning = tone.oscillator - frame
        static = tone.phase + _dds(tone.word, tone.sample - self._resets.get(tone.generator, 0))
        step = _dds(tone.word, self._samples(tone.generator)) if coherent and not tone.kept else _STILL
        if turning:
            static, step = static + turning * self.base, step + turning * self.alignment
        return Term(
            static=static % 1,
            step=step % 1,
            word=tone.word,
            carried=tone.generator if coherent and tone.word and unit.resets else None,
        )

    def _listening(self, local: LocalOscillator, frame: Fraction, start: Fraction) -> Term:
        """Phase of a local oscillator, `start` ticks from the origin, relative to a frame that turns since tick 0."""
        static = local.frequency * (start + self.base - (local.since or 0)) + local.phase - frame * self.base
        turning = (local.frequency if local.since is None else 0) - frame
        return Term(static=static % 1, step=turning * self.alignment % 1, word=0, carried=None)

    def _frames(self, listeners: set[Listener]) -> Frames:
        """The frame of each tone, by its oscillator and frequency: only phases within a frame have a meaning.

        A readout hears the difference to its local oscillator. Drives share the first one's mixer: a phase common
        to all of them is that of the clock. Without a mixer the frame stands still.
        """
        frames: Frames = {}
        reference: Fraction | None = None
        for tone in sorted(self.tones, key=lambda tone: tone.generator):
            key = _pitch(tone)
            if key not in frames:
                local = self._listened(tone, listeners)
                if local is None and reference is None and tone.oscillator:
                    reference = tone.oscillator
                frames[key] = local if local is not None else (reference or _STILL) * bool(tone.oscillator)
        return frames

    def _listened(self, tone: Tone, listeners: set[Listener]) -> Fraction | None:
        """Nearest local oscillator of a readout that hears a tone, turning as the tone does (turns per tick)."""
        found = [(image, local.frequency) for unit, local in listeners if (image := self._image(tone, unit, local))]
        image, frequency = min(found, key=lambda one: abs(one[0].beat), default=(None, _STILL))
        return None if image is None else image.sign * frequency

    def _nearest(self, listener: Listener, frames: Frames) -> Fraction:
        """The frame of the tone that is nearest to a local oscillator, its own if it hears none (turns per tick)."""
        found = [(image, tone) for tone in self.tones if (image := self._image(tone, *listener))]
        image, tone = min(found, key=lambda one: abs(one[0].beat), default=(None, None))
        return listener[1].frequency if image is None or tone is None else image.sign * frames[_pitch(tone)]

    def _image(self, tone: Tone, unit: Readout, local: LocalOscillator) -> Image | None:
        """A tone as a readout hears it (turns per tick)."""
        frequency, output = float(tone.oscillator + tone.frequency), float(unit.output)
        player, alone = self.wiring.generator(tone.generator), self.bandwidth is None
        played = Sampled(frequency=frequency, rate=inf if alone else float(player.converter), zone=player.zone)
        ear = Ear(
            frequency=float(local.frequency),
            band=output / 2,
            duration=unit.length / output,
            rate=inf if alone else float(unit.sampling),
        )
        return heard(played, ear, self.bandwidth or 0.0)


def _dds(word: int, samples: int) -> Fraction:
    """Advance of a DDS (turns), without whole ones."""
    return Fraction(word * samples & 0xFFFFFFFF, 1 << 32)


def _pitch(tone: Tone) -> Pitch:
    return tone.generator, tone.oscillator, tone.frequency
