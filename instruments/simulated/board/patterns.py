"""A repetition's events as waveforms and windows, apart from the phases that depend on when it begins."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import inf, tau
from typing import Any, Final

from numpy.typing import NDArray

from ....sequences.errors import BoardError
from .clock import edge
from .converter import Ear, Image, Sampled, heard
from .event import LATENCY, WAVE
from .generators import QUEUE, Generator, Tone
from .hazards import OPEN, OVERFLOW, OVERLAP, collision, lost, reopened
from .output import Played, Window
from .readouts import LocalOscillator, Readout
from .wiring import Wiring


@dataclass(frozen=True, kw_only=True)
class Ringing:
    """A periodic wave that no other has ended. since: Fabric cycle of its start. wave: Its fields, by name."""

    since: int
    wave: tuple[tuple[str, int], ...]


Locals = Mapping[str, "LocalOscillator | Ringing"]
"""What the processor has set and what lasts beyond a repetition, by the name of the unit."""
Listener = tuple[Readout, LocalOscillator]
Tell = Callable[[str, int, str], None]
"""Is told of a hazard: its kind, the row of its event in the repetition, and why."""
Pitch = tuple[int, Fraction, Fraction]
"""Of a tone: its generator, oscillator and frequency."""
Frames = dict[Pitch, Fraction]
"""What turns along with a tone (turns per tick)."""
FIELDS: Final = ("freq", "phase", "env", "gain", "length", "conf")
LEAD: Final = 4096
"""Fabric cycles before the origin from which a tone of an earlier repetition is listed."""


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


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """What one repetition plays and hears, for one alignment of its origin to the board's clocks.

    terms: Of the phases of all tones, then of all windows (whose own `phase` is not yet set).
    resets: Generator, DDS sample (in the frame) of its last phase reset, samples a frame. locals_: Set until its end.
    spans: Unit -> first and last tick in the frame. busy: The first and the last of them all. firsts: Unit -> row of
    the event that its span begins with. triggers: Port and instruction of each window's trigger.
    """

    tones: tuple[Tone, ...]
    windows: tuple[Window, ...]
    terms: tuple[Term, ...]
    resets: tuple[tuple[int, int, int], ...]
    locals_: Locals
    spans: Mapping[str, tuple[float, float]]
    busy: tuple[float, float]
    firsts: Mapping[str, int]
    triggers: tuple[tuple[int, int], ...]

    @cached_property
    def moving(self) -> tuple[Term, ...]:
        """Terms that depend on when the repetition begins."""
        return tuple(term for term in self.terms if term.step or term.carried is not None)


class PatternBuilder:
    """Turns the events of one repetition into a Pattern.

    base: Tick of the origin in the frame. alignment: Ticks after which all clocks of the board coincide again.
    tell: If it returns, the wave waits as on the board, and a window is listed that the board would not open.
    bandwidth: Up to which the plant hears images (Hz); None: it hears none.
    """

    def __init__(
        self, wiring: Wiring, base: int, alignment: int, carried: Locals, tell: Tell, bandwidth: float | None = None
    ) -> None:
        self.wiring, self.base, self.alignment, self.tell = wiring, base, alignment, tell
        self.bandwidth = None if bandwidth is None else bandwidth / (wiring.f_time * 1e6)
        self.locals: dict[str, LocalOscillator | Ringing] = dict(carried)
        self.carried = carried
        self.tones: list[Tone] = []
        self.spans: dict[str, tuple[float, float]] = {}
        self.firsts: dict[str, int] = {}
        self._ends: dict[int, tuple[int, int, int]] = {}
        self._ringing: dict[int, list[Tone]] = {}
        self._drives: list[tuple[int, int, Readout, dict[str, int]]] = []
        self._triggers: list[tuple[int, Readout, int]] = []
        self._starts: list[Fraction] = []
        self._rows: list[int] = []

    def build(self, events: NDArray[Any], origin: int) -> Pattern:
        """events: Of one repetition, without the counter's. origin: Its tick."""
        self._resume(origin - self.base)
        for row, event in enumerate(events):
            tick = int(event["tick"]) - LATENCY - origin + self.base
            if event["kind"] == WAVE:
                self._wave(event, tick, origin, row)
            else:
                rising = int(event["value"]) & ~int(event["before"])
                for unit in self.wiring.triggered(int(event["kind"]), int(event["port"]), rising):
                    self._triggers.append((tick, unit, row))
        windows, listeners = self._windows()
        self._sustain()
        self.tones.sort(key=lambda tone: (tone.cycle / self.wiring.generator(tone.generator).fabric, tone.generator))
        frames = self._frames(set(listeners))
        resets: dict[int, int] = {}
        terms = [self._term(tone, frames[_pitch(tone)], resets) for tone in self.tones]
        nearest = {listener: self._nearest(listener, frames) for listener in set(listeners)}
        terms += [
            self._listening(local, nearest[unit, local], start)
            for (unit, local), start in zip(listeners, self._starts, strict=True)
        ]
        return Pattern(
            tones=tuple(self.tones),
            windows=tuple(windows),
            terms=tuple(terms),
            resets=tuple((index, sample, self._samples(index)) for index, sample in resets.items()),
            locals_=self._lasting(origin - self.base),
            spans=self.spans,
            busy=(
                min((first for first, _ in self.spans.values()), default=0.0),
                max((last for _, last in self.spans.values()), default=0.0),
            ),
            firsts=self.firsts,
            triggers=tuple((int(events["port"][row]), int(events["address"][row])) for row in self._rows),
        )

    def _samples(self, generator: int) -> int:
        """DDS samples in an alignment period."""
        unit = self.wiring.generator(generator)
        return unit.samples * (unit.fabric.numerator * self.alignment // unit.fabric.denominator)

    def _wave(self, event: Any, tick: int, origin: int, row: int) -> None:
        unit = self.wiring.wave(int(event["port"]), int(event["conf"]))
        wave = {name: int(event[name]) for name in FIELDS}
        if isinstance(unit, Readout):
            asked = int(event["asked"]) - origin + self.base
            self._drives.append((tick, asked, unit, wave))
            return
        wave = unit.taken(wave)
        cycle = self._start(unit, edge(tick, unit.fabric), int(event["asked"]), wave["length"], row)
        tones = unit.tones(wave, cycle)
        if any(tone.periodic for tone in tones):
            frame = int((origin - self.base) * unit.fabric)
            self.locals[unit.name] = Ringing(since=cycle + frame, wave=tuple(wave.items()))
            self._ringing[unit.index] = tones
        else:
            self.tones += tones
        end = float((cycle + wave["length"]) / unit.fabric)
        self._span(unit.name, float(cycle / unit.fabric), end, row)

    def _resume(self, frame: int) -> None:
        """Take up the tones that earlier repetitions began; frame: Its tick."""
        for unit in self.wiring.generators:
            before = None if unit is None else self.carried.get(unit.name)
            if unit is None or not isinstance(before, Ringing):
                continue
            wave = dict(before.wave)
            since = before.since - int(frame * unit.fabric)
            first = max(since, int(self.base * unit.fabric) - LEAD)
            cycle = since + (first - since) // wave["length"] * wave["length"]
            tones = [replace(tone, reset=tone.reset and cycle == since) for tone in unit.tones(wave, cycle)]
            if any(tone.envelope.size > 1 for tone in tones) and int(self.alignment * unit.fabric) % wave["length"]:
                raise BoardError(
                    f"{unit.name}: a periodic envelope of {wave['length']} cycles goes on into the next repetition, "
                    f"whose clocks repeat every {int(self.alignment * unit.fabric)} cycles; end it before, or make its "
                    "length divide that number"
                )
            self._ringing[unit.index] = tones

    def _hush(self, unit: Generator, cycle: int) -> int:
        """The cycle from which on a periodic wave lets the next one play, `cycle` without one."""
        tones = [tone.until(cycle) for tone in self._ringing.pop(unit.index, ())]
        self.tones += tones
        if tones:
            del self.locals[unit.name]
        return max([cycle, *(tone.cycle + tone.cycles for tone in tones)])

    def _sustain(self) -> None:
        """Let what still sounds go on to the end of the repetition's last window or wave."""
        last = max((last for _, last in self.spans.values()), default=float(self.base))
        for index, tones in self._ringing.items():
            cycle = int(last * float(self.wiring.generator(index).fabric)) + 1
            self.tones += [tone.until(cycle) for tone in tones]

    def _lasting(self, frame: int) -> Locals:
        """What the next repetition finds; the same object if nothing has changed."""
        lasting: dict[str, LocalOscillator | Ringing] = {}
        for name, found in self.locals.items():
            before = self.carried.get(name)
            if isinstance(found, LocalOscillator):
                found = found.after(frame, before if isinstance(before, LocalOscillator) else None)
            lasting[name] = found
        return self.carried if lasting == self.carried else lasting

    def _start(self, unit: Generator, cycle: int, asked: int, length: int, row: int) -> int:
        """Cycle in which a wave begins: on arrival, or when the wave of the same pulse before it has ended."""
        if unit.index in self._ringing:
            self._ends.pop(unit.index, None)
            cycle = self._hush(unit, cycle)
        end, before, queued = self._ends.get(unit.index, (cycle, -1, 0))
        if cycle < end:
            # Less than a tick is the rounding of the program's times to two clocks; the board queues it as well.
            if asked != before and end - cycle > unit.fabric:
                self.tell(OVERLAP, row, collision(unit, asked, float((end - cycle) / unit.fabric), before))
            cycle, queued = end, queued + 1
            if queued > QUEUE:
                self.tell(OVERFLOW, row, lost(unit, asked))
        else:
            queued = 0
        self._ends[unit.index] = (cycle + length, asked, queued)
        return cycle

    def _span(self, name: str, first: float, last: float, row: int) -> None:
        known = self.spans.get(name, (first, last))
        if name not in self.spans or first < known[0]:
            self.firsts[name] = row
        self.spans[name] = (min(known[0], first), max(known[1], last))

    def _windows(self) -> tuple[list[Window], list[Listener]]:
        """Windows in time order, and who listens in each."""
        sounding = [*self.tones, *(tone for tones in self._ringing.values() for tone in tones)]
        totals = list(dict.fromkeys(tone.oscillator + tone.frequency for tone in sounding))
        drives = sorted(self._drives, key=lambda item: item[0])
        out: list[Window] = []
        listeners: list[Listener] = []
        ends: dict[int, int] = {}
        for tick, unit, row in sorted(self._triggers, key=lambda item: (item[0], item[1].index)):
            while drives and drives[0][0] <= tick:
                set_at, _, driven, wave = drives.pop(0)
                self.locals[driven.name] = driven.drive(wave, totals, set_at)
            if any(asked < tick and driven is unit for _, asked, driven, _ in drives):
                raise BoardError(f"{unit.name} is triggered before settings asked for earlier reach it; give them time")
            local = self._local(unit)
            sample = edge(tick, unit.output)
            if sample < ends.get(unit.index, sample):
                self.tell(OPEN, row, reopened(unit, tick - self.base))
            ends[unit.index] = sample + unit.length
            begin = sample / unit.output
            self._span(unit.name, float(begin), float(ends[unit.index] / unit.output), row)
            self._starts.append(begin - self.base)
            self._rows.append(row)
            out.append(self._window(unit, local, begin - self.base))
            listeners.append((unit, local))
        for set_at, _, driven, wave in drives:
            self.locals[driven.name] = driven.drive(wave, totals, set_at)
        return out, listeners

    def _local(self, unit: Readout) -> LocalOscillator:
        local = self.locals.get(unit.name) if unit.driven else unit.local
        if not isinstance(local, LocalOscillator):
            raise BoardError(f"{unit.name} is triggered before its frequency is set; configure it first")
        if local.recurring:
            raise BoardError(
                f"{unit.name} is restarted in every repetition, but triggered before; restart it before its trigger"
            )
        return local

    def _window(self, unit: Readout, local: LocalOscillator, start: Fraction) -> Window:
        hertz = self.wiring.f_time * 1e6
        return Window(
            readout=unit.index,
            start=float(start) / hertz,
            length=float(unit.length / unit.output) / hertz,
            samples=unit.length,
            frequency=float(local.frequency) * hertz,
            phase=0.0,
            sampling=float(unit.sampling) * hertz,
        )

    def _term(self, tone: Tone, frame: Fraction, resets: dict[int, int]) -> Term:
        """Phase of a tone relative to a frame (turns per tick) that turns since tick 0."""
        unit = self.wiring.generator(tone.generator)
        if tone.reset:
            resets[tone.generator] = tone.sample
        coherent = tone.generator not in resets
        turning = tone.oscillator - frame
        static = tone.phase + _dds(tone.word, tone.sample - resets.get(tone.generator, 0))
        step = _dds(tone.word, self._samples(tone.generator)) if coherent else Fraction(0)
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
                frames[key] = local if local is not None else (reference or Fraction(0)) * bool(tone.oscillator)
        return frames

    def _listened(self, tone: Tone, listeners: set[Listener]) -> Fraction | None:
        """Nearest local oscillator of a readout that hears a tone, turning as the tone does (turns per tick)."""
        found = [(image, local.frequency) for unit, local in listeners if (image := self._image(tone, unit, local))]
        image, frequency = min(found, key=lambda one: abs(one[0].beat), default=(None, Fraction(0)))
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


def played(tone: Tone, turns: float, unit: Generator, base: int, f_time: float) -> Played:
    """A tone with its phase, as the plant sees it; base: Tick of the repetition's origin in the tone's frame."""
    hertz = f_time * 1e6
    return Played(
        generator=tone.generator,
        start=float(tone.cycle / unit.fabric - base) / hertz,
        sample_rate=float(unit.fabric / tone.held) * hertz,
        envelope=tone.envelope,
        oscillator=float(tone.oscillator) * hertz,
        frequency=float(tone.frequency) * hertz,
        phase=tau * turns,
        sampling=float(unit.converter) * hertz,
        zone=unit.zone,
    )
