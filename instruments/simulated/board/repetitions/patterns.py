"""A repetition's events as waveforms and windows, apart from the phases that depend on when it begins."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import tau
from typing import Any, Final

from numpy.typing import NDArray

from .....sequences.errors import BoardError
from ..converters.clock import edge
from ..converters.generators import QUEUE, Generator, Tone
from ..converters.readouts import LocalOscillator, Readout
from ..converters.wiring import Wiring
from ..hazard import OPEN, OVERFLOW, OVERLAP
from ..hazards import collision, lost, reopened
from ..output import Played, Window
from ..processor.event import FIELDS, LATENCY, WAVE
from .phases import Listener, Phases, Term


@dataclass(frozen=True, kw_only=True)
class Ringing:
    """A periodic wave, or one whose last value is held, that no other has ended.

    since: Fabric cycle of its start, 0 for a held value that does not depend on it. wave: Its fields, by name.
    """

    since: int
    wave: tuple[tuple[str, int], ...]


Locals = Mapping[str, "LocalOscillator | Ringing"]
"""What the processor has set and what lasts beyond a repetition, by the name of the unit."""
Tell = Callable[[str, int, str], None]
"""Is told of a hazard: its kind, the row of its event in the repetition, and why."""
LEAD: Final = 4096
"""Fabric cycles before the origin from which a tone of an earlier repetition is listed."""


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """What one repetition plays and hears, for one alignment of its origin to the board's clocks.

    waves: Of each tone, the row of the event whose gain it has; None: of none. terms: Of the phases of all tones, then
    of all windows (whose own `phase` is not yet set).
    resets: Generator, DDS sample (in the frame) of its last phase reset, samples a frame. locals_: Set until its end.
    spans: Unit -> first and last tick in the frame. busy: The first and the last of them all. firsts: Unit -> row of
    the event that its span begins with. triggers: Port and instruction of each window's trigger.
    """

    tones: tuple[Tone, ...]
    waves: tuple[int | None, ...]
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

    def regained(self, events: NDArray[Any], wiring: Wiring) -> "Pattern":
        """The pattern of `events` that differ from its own in nothing but gains."""
        tones = list(self.tones)
        for number, row in enumerate(self.waves):
            if row is not None:
                unit = wiring.generator(tones[number].generator)
                (tones[number],) = unit.tones(unit.taken(_fields(events[row])), tones[number].cycle)
        return replace(self, tones=tuple(tones))


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
        self.bandwidth = bandwidth
        self.locals: dict[str, LocalOscillator | Ringing] = dict(carried)
        self.carried = carried
        self.tones: list[Tone] = []
        self._waves: list[int | None] = []
        self.spans: dict[str, tuple[float, float]] = {}
        self.firsts: dict[str, int] = {}
        self._ends: dict[int, tuple[int, int, int]] = {}
        self._ringing: dict[int, list[Tone]] = {}
        self._held: dict[int, Tone] = {}
        self.fixed = False
        """Its gains cannot be exchanged by `Pattern.regained`: a last value that is held has one, too."""
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
        order = sorted(range(len(self.tones)), key=lambda number: self._when(self.tones[number]))
        self.tones = [self.tones[number] for number in order]
        where = self.wiring, self.base, self.alignment, self.bandwidth
        phases = Phases(*where, self.tones, listeners, self._starts)
        return Pattern(
            tones=tuple(self.tones),
            waves=tuple(self._waves[number] for number in order),
            windows=tuple(windows),
            terms=phases.terms,
            resets=phases.resets,
            locals_=self._lasting(origin - self.base),
            spans=self.spans,
            busy=(
                min((first for first, _ in self.spans.values()), default=0.0),
                max((last for _, last in self.spans.values()), default=0.0),
            ),
            firsts=self.firsts,
            triggers=tuple((int(events["port"][row]), int(events["address"][row])) for row in self._rows),
        )

    def _when(self, tone: Tone) -> tuple[Fraction, int]:
        """To put tones in order: the start (ticks), then the generator."""
        return tone.cycle / self.wiring.generator(tone.generator).fabric, tone.generator

    def _sound(self, tones: Sequence[Tone], row: int | None = None) -> None:
        self.tones += tones
        self._waves += [row] * len(tones)

    def _wave(self, event: Any, tick: int, origin: int, row: int) -> None:
        unit = self.wiring.wave(int(event["port"]), int(event["conf"]))
        wave = _fields(event)
        if isinstance(unit, Readout):
            asked = int(event["asked"]) - origin + self.base
            self._drives.append((tick, asked, unit, wave))
            return
        wave = unit.taken(wave)
        cycle = self._start(unit, edge(tick, unit.fabric), int(event["asked"]), wave["length"], row)
        self._release(unit, cycle)
        tones = unit.tones(wave, cycle)
        frame = int((origin - self.base) * unit.fabric)
        if any(tone.periodic for tone in tones):
            self.locals[unit.name] = Ringing(since=cycle + frame, wave=tuple(wave.items()))
            self._ringing[unit.index] = tones
        else:
            self._sound(tones, row if unit.gains else None)
        if unit.holds(wave):
            self._hold(unit, wave, cycle, frame)
        end = float((cycle + wave["length"]) / unit.fabric)
        self._span(unit.name, float(cycle / unit.fabric), end, row)

    def _resume(self, frame: int) -> None:
        """Take up the tones that earlier repetitions began; frame: Its tick."""
        for unit in self.wiring.generators:
            before = None if unit is None else self.carried.get(unit.name)
            if unit is None or not isinstance(before, Ringing):
                continue
            wave = dict(before.wave)
            first = int(self.base * unit.fabric) - LEAD
            if unit.holds(wave):
                self._held[unit.index] = replace(unit.held(wave, before.since), cycle=first, kept=True)
                continue
            since = before.since - int(frame * unit.fabric)
            first = max(since, first)
            cycle = since + (first - since) // wave["length"] * wave["length"]
            tones = [replace(tone, reset=tone.reset and cycle == since) for tone in unit.tones(wave, cycle)]
            if any(tone.envelope.size > 1 for tone in tones) and int(self.alignment * unit.fabric) % wave["length"]:
                raise BoardError(
                    f"{unit.name}: a periodic envelope of {wave['length']} cycles goes on into the next repetition, "
                    f"whose clocks repeat every {int(self.alignment * unit.fabric)} cycles; end it before, or make its "
                    "length divide that number"
                )
            self._ringing[unit.index] = tones

    def _hold(self, unit: Generator, wave: dict[str, int], cycle: int, frame: int) -> None:
        """Keep the last value of a wave; the next repetition takes it for held since long before."""
        self.fixed = True
        held = unit.held(wave, cycle)
        if held.envelope.any():
            self._held[unit.index] = held
            since = cycle + frame if held.word else 0
            self.locals[unit.name] = Ringing(since=since, wave=tuple(wave.items()))

    def _release(self, unit: Generator, cycle: int) -> None:
        """Let a held value go when the next wave begins."""
        held = self._held.pop(unit.index, None)
        if held is not None:
            del self.locals[unit.name]
            self._sound([held.until(cycle)] * (cycle > held.cycle))

    def _hush(self, unit: Generator, cycle: int) -> int:
        """The cycle from which on a periodic wave lets the next one play, `cycle` without one."""
        tones = [tone.until(cycle) for tone in self._ringing.pop(unit.index, ())]
        self._sound(tones)
        if tones:
            del self.locals[unit.name]
        return max([cycle, *(tone.cycle + tone.cycles for tone in tones)])

    def _sustain(self) -> None:
        """Let what still sounds go on to the end of the repetition's last window or wave."""
        last = max((last for _, last in self.spans.values()), default=float(self.base))
        sounding = [*self._held.values(), *(tone for tones in self._ringing.values() for tone in tones)]
        for tone in sounding:
            cycle = int(last * float(self.wiring.generator(tone.generator).fabric)) + 1
            if cycle > tone.cycle:
                self._sound([tone.until(cycle)])

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
        ringing = (tone for tones in self._ringing.values() for tone in tones)
        sounding = [*self.tones, *self._held.values(), *ringing]
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


def _fields(event: Any) -> dict[str, int]:
    """Of a wave's event, by name."""
    return {name: int(event[name]) for name in FIELDS}


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
