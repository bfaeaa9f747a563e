"""Repetitions: a run's events cut at the host's counter and sorted into groups that are the same for the plant.

Every repetition has been executed; two of them share a group only if their words and relative ticks are equal byte by
byte, their origins lie alike on the board's clocks, and the phases of their tones agree to 1e-9 turn.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from math import nan, tau
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .....sequences.errors import BoardError
from ..converters.wiring import Wiring
from ..hazard import OPEN, OVERLAP, STALE, Hazard, refuse
from ..hazards import check, check_end
from ..output import Played, Repetition
from ..processor.event import COUNT, DATA, EVENT, TRIG
from .block import Block, cut, repeated, score, shape
from .patterns import Locals, Pattern, PatternBuilder, played
from .stretch import Stretch

RESOLUTION: Final = 10**9
"""Steps of a turn to which phases are compared."""
STRETCH: Final = 1024
"""Repetitions placed one by one before it is tried again to place all that follow at once."""


@dataclass(frozen=True, kw_only=True)
class _Known:
    """A pattern and its number.

    sounds: What it plays, apart from the phases. units: Equal for patterns that use and reset the same units. settled:
    It depends on nothing but itself, and leaves the board's settings as it has found them.
    """

    number: int
    pattern: Pattern
    sounds: tuple[Played, ...]
    units: int
    settled: bool


class Repetitions:
    """Collects blocks of events in order; then `groups` are the distinct repetitions and `group` tells each one's.

    triggers: Of each group, port and instruction of each window's trigger where it was first met.
    ports: Wave ports that the program uses. on_hazard: Is told what the board would not play as it was asked to; what
    is wrong between the waves or windows of one repetition, only when its words are first met. sources:
    The program's text by address, for what is told. bandwidth: Up to which the plant hears images (Hz); None: none.
    """

    def __init__(
        self,
        wiring: Wiring,
        ports: Iterable[int],
        on_hazard: Callable[[Hazard], None] = refuse,
        sources: Mapping[int, str] | None = None,
        bandwidth: float | None = None,
    ) -> None:
        self.wiring = wiring
        self.bandwidth = bandwidth
        self.on_hazard = on_hazard
        self.sources = sources
        self.alignment = wiring.alignment(ports)
        self.groups: list[Repetition] = []
        self.triggers: list[tuple[tuple[int, int], ...]] = []
        self.group: list[int] = []
        self._patterns: dict[int, dict[int, _Known]] = {}
        self._shapes: dict[tuple[int, int, bytes], Pattern] = {}
        self._numbers = count()
        self._units: dict[Any, int] = {}
        self._same: dict[Any, int] = {}
        self._begun: dict[int, Repetition] = {}
        self._scored: dict[bytes, int] = {}
        self._rest: NDArray[Any] = np.zeros(0, EVENT)
        self._last_one: NDArray[Any] | None = None
        self._resets: dict[int, int] = {}
        self._locals: Locals = {}
        self._situations: dict[Any, int] = {(): 0}
        self._situation = 0
        self._busy: dict[str, float] = {}
        self._last = -np.inf
        self._counted: int | None = None
        self._readouts = {unit.name for unit in wiring.readouts if unit is not None}

    def add(self, events: NDArray[Any]) -> None:
        """Take the next block of the run."""
        check(events, self.wiring, shot=len(self.group), sources=self.sources, on_hazard=self.on_hazard)
        counts = np.flatnonzero(events["kind"] == COUNT)
        if self._rest.size:
            begun = int(counts[0]) + 1 if counts.size else events.size
            self._rest = np.concatenate([self._rest, events[:begun]])
            if not counts.size:
                return
            self._split(self._rest, np.array([self._rest.size - 1]))
            events, counts = events[begun:], counts[1:] - begun
        if counts.size:
            self._split(events, counts)
            events = events[int(counts[-1]) + 1 :]
        self._rest = events.copy()

    def repeat(self, stretch: Stretch) -> None:
        """Take repetitions that are proven to be like those before: at once, or as if they had been executed."""
        found: list[Hazard] = []
        check(stretch.events, self.wiring, on_hazard=found.append)
        counts = stretch.events[stretch.events["kind"] == COUNT]
        if not found and self._counted is not None:
            _check_counts(counts)
            if self._repeat(repeated(stretch, self.alignment, self._counted, self._scored)):
                self._counted = int(counts["reference"][-1] + stretch.shifts[-1])
                return
        self.add(stretch.expanded())

    def finish(self) -> None:
        """The run has ended: nothing after the last count may be measured, in the program's order or in time."""
        if self._last_one is not None:
            shot = len(self.group) - 1
            check_end(self._last_one, self.wiring, shot=shot, sources=self.sources, on_hazard=self.on_hazard)
        for row, event in enumerate(self._rest):
            rising = int(event["value"]) & ~int(event["before"])
            if event["kind"] in (TRIG, DATA):
                for unit in self.wiring.triggered(int(event["kind"]), int(event["port"]), rising):
                    why = f"{unit.name} is triggered after the last step of the host's counter, which nobody reads"
                    self._tell(self._rest, STALE, row, f"{why}; trigger it before")

    def under_way(self, events: NDArray[Any]) -> Repetition:
        """The repetition that begins with these events, as far as they go, after those that were added."""
        frame, base = divmod(int(events["reference"][0]), self.alignment)
        one = self._known(events, score(events, self._scored), frame, base)
        if not one.settled:
            return self._repetition(one, frame, nan)
        if one.number not in self._begun:
            self._begun[one.number] = self._repetition(one, 0, nan)
        return self._begun[one.number]

    def _split(self, events: NDArray[Any], counts: NDArray[np.int64]) -> None:
        """Cut at the counts; whole stretches of known repetitions are placed at once."""
        _check_counts(events[counts])
        block = cut(events, counts, self.alignment, self._counted, self._scored)
        self._last_one = events[block.first[-1] : counts[-1] + 1].copy()
        self._counted = int(events["reference"][counts[-1]])
        begin, end = 0, len(counts)
        while begin < end and not self._repeat(block.after(begin)):
            for n in range(begin, min(begin + STRETCH, end)):
                self._place(events[block.first[n] : counts[n]], block, n)
            begin += STRETCH

    def _repeat(self, block: Block) -> bool:
        """Place repetitions at once if all of them are known and depend on nothing but themselves."""
        known = self._patterns.get(self._situation, {})
        found = [known.get(place) for place in (block.scores * self.alignment + block.bases).tolist()]
        settled = [one for one in found if one is not None and one.settled]
        if len(settled) < len(found):
            return False
        busy = np.array([one.pattern.busy for one in settled])[block.kinds]
        begin, end = (block.frames * self.alignment + ticks for ticks in busy.T)
        if (begin < np.maximum.accumulate(np.concatenate([[self._last], end[:-1]]))).any():
            return False
        self._last = max(self._last, float(end.max()))
        units = np.array([one.units for one in settled], np.int64)
        users = units[block.kinds]
        for n in sorted(int(np.flatnonzero(users == kind)[-1]) for kind in set(units.tolist())):
            self._leave(settled[block.kinds[n]].pattern, int(block.frames[n]))
        begins = zip(settled, block.periods.tolist(), strict=True)
        # What does not depend on when it begins is the same in any frame.
        groups = [self._group(one, (), 0, period) for one, period in begins]
        self.group += np.array(groups, np.int64)[block.kinds].tolist()
        return True

    def _place(self, events: NDArray[Any], block: Block, n: int) -> None:
        """Find the group of one repetition."""
        kind = block.kinds[n]
        frame, base = int(block.frames[n]), int(block.bases[kind])
        one = self._known(events, int(block.scores[kind]), frame, base)
        pattern = one.pattern
        self._check_busy(pattern, frame * self.alignment, events)
        self._last = max(self._last, frame * self.alignment + pattern.busy[1])
        phases = [round(term.turns(frame, self._resets) * RESOLUTION) % RESOLUTION for term in pattern.moving]
        self.group.append(self._group(one, tuple(phases), frame, int(block.periods[kind])))
        self._leave(pattern, frame)
        if pattern.locals_ is not self._locals:
            self._locals = pattern.locals_
            self._situation = self._situations.setdefault(tuple(self._locals.items()), len(self._situations))

    def _known(self, events: NDArray[Any], score: int, frame: int, base: int) -> _Known:
        """The pattern of a repetition, built when its words are met for the first time in this situation."""
        known = self._patterns.setdefault(self._situation, {})
        place = score * self.alignment + base
        if place not in known:
            pattern = self._pattern(events, frame, base)
            units = frozenset(pattern.spans), frozenset(generator for generator, _, _ in pattern.resets)
            known[place] = _Known(
                number=next(self._numbers),
                pattern=pattern,
                sounds=tuple(
                    played(tone, 0.0, self.wiring.generator(tone.generator), base, self.wiring.f_time)
                    for tone in pattern.tones
                ),
                units=self._units.setdefault(units, len(self._units)),
                settled=pattern.locals_ is self._locals and not pattern.moving,
            )
        return known[place]

    def _pattern(self, events: NDArray[Any], frame: int, base: int) -> Pattern:
        """That of a repetition which was met with other gains is like that one."""
        alike = self._situation, base, shape(events)
        if alike in self._shapes:
            return self._shapes[alike].regained(events, self.wiring)
        told: list[str] = []

        def tell(kind: str, row: int, why: str) -> None:
            told.append(kind)
            self._tell(events, kind, row, why)

        builder = PatternBuilder(self.wiring, base, self.alignment, self._locals, tell, self.bandwidth)
        pattern = builder.build(events, frame * self.alignment + base)
        if pattern.locals_ is self._locals and not told and not builder.fixed:
            self._shapes[alike] = pattern
        return pattern

    def _group(self, one: _Known, phases: tuple[int, ...], frame: int, period: int) -> int:
        same = (one.number, period, phases)
        if same not in self._same:
            self._same[same] = len(self.groups)
            self.groups.append(self._repetition(one, frame, period))
            self.triggers.append(one.pattern.triggers)
        return self._same[same]

    def _leave(self, pattern: Pattern, frame: int) -> None:
        """Keep what the next repetition finds: when each unit is free, and when its phase was last zero."""
        for name, (_, last) in pattern.spans.items():
            self._busy[name] = frame * self.alignment + last
        for generator, sample, samples in pattern.resets:
            self._resets[generator] = sample + samples * frame

    def _check_busy(self, pattern: Pattern, tick: int, events: NDArray[Any]) -> None:
        """Tell which unit is asked to begin before the previous repetition's work on it has ended."""
        if tick + pattern.busy[0] >= self._last:
            return
        for name, (first, _) in pattern.spans.items():
            late = self._busy.get(name, -np.inf) - tick - first
            if late > 1:
                kind = OPEN if name in self._readouts else OVERLAP
                why = f"{name} is busy with the previous repetition for {late:.0f} more ticks; lengthen repetitions"
                self._tell(events, kind, pattern.firsts[name], why)

    def _tell(self, events: NDArray[Any], kind: str, row: int, why: str) -> None:
        """Of a hazard at an event of the repetition that comes next."""
        event = events[row]
        address = int(event["address"])
        self.on_hazard(
            Hazard(
                kind=kind,
                tick=int(event["tick"]),
                port=int(event["port"]),
                instruction=address,
                shot=len(self.group),
                why=why,
                source=(self.sources or {}).get(address),
            )
        )

    def _repetition(self, one: _Known, frame: int, period: float) -> Repetition:
        phases = [tau * term.turns(frame, self._resets) for term in one.pattern.terms]
        sounds = zip(one.sounds, phases, strict=False)
        windows = zip(one.pattern.windows, phases[len(one.sounds) :], strict=True)
        return Repetition(
            played=tuple(replace(sound, phase=phase) for sound, phase in sounds),
            windows=tuple(replace(window, phase=phase) for window, phase in windows),
            period=period / self.wiring.f_time * 1e-6,
        )


def _check_counts(counts: NDArray[Any]) -> None:
    for event in counts[counts["value"] - counts["before"] != 1]:
        raise BoardError(
            f"the host's counter goes from {event['before']} to {event['value']} at instruction {event['address']}; "
            "a repetition is one step of 1"
        )
