"""Repetitions: a run's events cut at the host's counter and sorted into groups that are the same for the plant.

Every repetition has been executed; two of them share a group only if their words and relative ticks are equal byte by
byte, their origins lie alike on the board's clocks, and the phases of their tones agree to 1e-9 turn.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from math import tau
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ....sequences.errors import BoardError
from .event import COUNT, DATA, TRIG
from .hazards import Hazard, check, check_end, refuse
from .output import Repetition
from .patterns import FIELDS, Locals, Pattern, PatternBuilder, played
from .wiring import Wiring

RESOLUTION: Final = 10**9
"""Steps of a turn to which phases are compared."""
_WORDS: Final = ("kind", "port", "tick", "asked", *FIELDS, "value", "before")


@dataclass(frozen=True, kw_only=True)
class _Block:
    """Repetitions cut out of a block of events: frame and base of each origin, period (ticks), number of its words."""

    frames: NDArray[np.int64]
    bases: NDArray[np.int64]
    periods: NDArray[np.int64]
    scores: NDArray[np.int64]


class Repetitions:
    """Collects blocks of events in order; then `groups` are the distinct repetitions and `group` tells each one's.

    ports: Wave ports that the program uses. on_hazard: Is told what the board would not play as it was asked to.
    sources: The program's text by address, for what is told.
    """

    def __init__(
        self,
        wiring: Wiring,
        ports: Iterable[int],
        on_hazard: Callable[[Hazard], None] = refuse,
        sources: Mapping[int, str] | None = None,
    ) -> None:
        self.wiring = wiring
        self.on_hazard = on_hazard
        self.sources = sources
        self.alignment = wiring.alignment(ports)
        self.groups: list[Repetition] = []
        self.group: list[int] = []
        self._patterns: dict[Any, tuple[int, Pattern]] = {}
        self._known: dict[Any, int] = {}
        self._scored: dict[bytes, int] = {}
        self._rest: NDArray[Any] | None = None
        self._last_one: NDArray[Any] | None = None
        self._resets: dict[int, int] = {}
        self._locals: Locals = {}
        self._situations: dict[Any, int] = {(): 0}
        self._situation = 0
        self._busy: dict[str, float] = {}
        self._last = -np.inf
        self._counted: int | None = None

    def add(self, events: NDArray[Any]) -> None:
        """Take the next block of the run."""
        check(events, self.wiring, shot=len(self.group), sources=self.sources, on_hazard=self.on_hazard)
        if self._rest is not None:
            events = np.concatenate([self._rest, events])
        counts = np.flatnonzero(events["kind"] == COUNT)
        begin = 0
        if counts.size:
            self._split(events[: counts[-1] + 1], counts)
            begin = int(counts[-1]) + 1
        self._rest = events[begin:]

    def finish(self) -> None:
        """The run has ended: nothing after the last count may be measured, in the program's order or in time."""
        if self._last_one is not None:
            shot = len(self.group) - 1
            check_end(self._last_one, self.wiring, shot=shot, sources=self.sources, on_hazard=self.on_hazard)
        for event in self._rest if self._rest is not None else ():
            rising = int(event["value"]) & ~int(event["before"])
            if event["kind"] in (TRIG, DATA):
                for unit in self.wiring.triggered(int(event["kind"]), int(event["port"]), rising):
                    raise BoardError(f"{unit.name} is triggered after the last step of the host's counter")

    def _split(self, events: NDArray[Any], counts: NDArray[np.int64]) -> None:
        """Cut at the counts; words relative to each repetition's origin are compared."""
        _check_counts(events[counts])
        first = np.concatenate([[0], counts[:-1] + 1])
        self._last_one = events[first[-1] : counts[-1] + 1]
        origins = events["reference"][first]
        words = np.stack([events[name] for name in _WORDS], axis=1)
        words[:, 2:4] -= np.repeat(origins, counts - first + 1)[:, None]
        ends = events["reference"][counts]
        before = origins[0] if self._counted is None else self._counted
        self._counted = int(ends[-1])
        block = _Block(
            frames=origins // self.alignment,
            bases=origins % self.alignment,
            periods=np.diff(ends, prepend=before),
            scores=self._scores(words, first, counts),
        )
        if not self._repeat(block):
            for index, (begin, stop) in enumerate(zip(first.tolist(), counts.tolist(), strict=True)):
                score, base = int(block.scores[index]), int(block.bases[index])
                self._place(
                    events[begin:stop], (score, base, self._situation), int(origins[index]), block.periods[index]
                )

    def _scores(
        self, words: NDArray[np.int64], first: NDArray[np.int64], counts: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """A number for each repetition, equal where all words are."""
        out = np.empty(len(first), np.int64)
        sizes = counts - first
        for size in np.unique(sizes).tolist():
            chosen = np.flatnonzero(sizes == size)
            rows = words[first[chosen][:, None] + np.arange(size)].reshape(len(chosen), -1)
            index, inverse = _distinct(rows)
            known = [self._scored.setdefault(rows[n].tobytes(), len(self._scored)) for n in index.tolist()]
            out[chosen] = np.array(known, np.int64)[inverse]
        return out

    def _repeat(self, block: "_Block") -> bool:
        """Place repetitions at once if all of them are known and depend on nothing but themselves."""
        _, index, inverse = np.unique(
            block.scores * self.alignment + block.bases, return_index=True, return_inverse=True
        )
        keys = [(int(block.scores[n]), int(block.bases[n]), self._situation) for n in index.tolist()]
        found = [self._patterns[key] for key in keys if key in self._patterns]
        if len(found) < len(keys) or any(p.moving or p.locals_ is not self._locals for _, p in found):
            return False
        ticks = block.frames * self.alignment
        begin, end = (ticks + np.array([p.busy[n] for _, p in found])[inverse] for n in (0, 1))
        if (begin < np.maximum.accumulate(np.concatenate([[self._last], end[:-1]]))).any():
            return False
        self._last = max(self._last, float(end.max()))
        last = len(inverse) - 1 - np.unique(inverse[::-1], return_index=True)[1]
        for n in np.argsort(last).tolist():
            self._leave(found[n][1], int(block.frames[last[n]]))
        numbers = np.array([number for number, _ in found], np.int64)[inverse]
        _, index, again = np.unique(
            numbers * (int(block.periods.max()) + 1) + block.periods, return_index=True, return_inverse=True
        )
        groups = np.empty(len(index), np.int64)
        for n in np.argsort(index).tolist():
            frame, base, period = (int(array[index[n]]) for array in (block.frames, block.bases, block.periods))
            groups[n] = self._group(*found[inverse[index[n]]], (), frame, base, period)
        self.group += groups[again].tolist()
        return True

    def _place(self, events: NDArray[Any], key: tuple[int, int, int], origin: int, period: int) -> None:
        """Find the group of one repetition."""
        frame, base = divmod(origin, self.alignment)
        if key not in self._patterns:
            pattern = PatternBuilder(self.wiring, base, self.alignment, self._locals).build(events, origin)
            self._patterns[key] = (len(self._patterns), pattern)
        number, pattern = self._patterns[key]
        self._refuse_busy(pattern, frame * self.alignment)
        self._last = max(self._last, frame * self.alignment + pattern.busy[1])
        phases = [round(term.turns(frame, self._resets) * RESOLUTION) % RESOLUTION for term in pattern.moving]
        self.group.append(self._group(number, pattern, tuple(phases), frame, base, int(period)))
        self._leave(pattern, frame)
        if pattern.locals_ is not self._locals:
            self._locals = pattern.locals_
            self._situation = self._situations.setdefault(tuple(self._locals.items()), len(self._situations))

    def _group(self, number: int, pattern: Pattern, phases: tuple[int, ...], frame: int, base: int, period: int) -> int:
        same = (number, period, phases)
        if same not in self._known:
            self._known[same] = len(self.groups)
            self.groups.append(self._repetition(pattern, frame, base, period))
        return self._known[same]

    def _leave(self, pattern: Pattern, frame: int) -> None:
        """Keep what the next repetition finds: when each unit is free, and when its phase was last zero."""
        for name, (_, last) in pattern.spans.items():
            self._busy[name] = frame * self.alignment + last
        for generator, sample, samples in pattern.resets:
            self._resets[generator] = sample + samples * frame

    def _refuse_busy(self, pattern: Pattern, tick: int) -> None:
        """No unit may be asked to begin before the previous repetition's work on it has ended."""
        if tick + pattern.busy[0] >= self._last:
            return
        for name, (first, _) in pattern.spans.items():
            late = self._busy.get(name, -np.inf) - tick - first
            if late > 1:
                raise BoardError(
                    f"{name} is busy with the previous repetition for {late:.0f} more ticks; lengthen repetitions"
                )

    def _repetition(self, pattern: Pattern, frame: int, base: int, period: int) -> Repetition:
        f_time = self.wiring.f_time
        turns = [term.turns(frame, self._resets) for term in pattern.terms]
        sounds = tuple(
            played(tone, turn, self.wiring.generator(tone.generator), base, f_time)
            for tone, turn in zip(pattern.tones, turns, strict=False)
        )
        listening = turns[len(sounds) :]
        windows = tuple(
            replace(window, phase=tau * turn) for window, turn in zip(pattern.windows, listening, strict=True)
        )
        return Repetition(played=sounds, windows=windows, period=period / f_time * 1e-6)


def _distinct(rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First row of each kind, and the kind of each row; equal sums of a row are only a guess, which is verified."""
    weights = np.random.default_rng(0).integers(1 << 62, size=rows.shape[1]) | 1
    _, index, inverse = np.unique((rows * weights).sum(axis=1), return_index=True, return_inverse=True)
    if not np.array_equal(rows, rows[index[inverse]]):
        _, index, inverse = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    return index, inverse.ravel()


def _check_counts(counts: NDArray[Any]) -> None:
    for event in counts[counts["value"] - counts["before"] != 1]:
        raise BoardError(
            f"the host's counter goes from {event['before']} to {event['value']} at instruction {event['address']}; "
            "a repetition is one step of 1"
        )
