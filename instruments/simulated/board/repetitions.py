"""Repetitions: a run's events cut at the host's counter and sorted into groups that are the same for the plant.

Every repetition has been executed; two of them share a group only if their words and relative ticks are equal byte by
byte, their origins lie alike on the board's clocks, and the phases of their tones agree to 1e-9 turn.
"""

from collections.abc import Iterable
from dataclasses import replace
from math import tau
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ....sequences.errors import BoardError
from .event import COUNT, DATA, LATENCY, TRIG, WAVE
from .output import Repetition
from .patterns import FIELDS, Locals, Pattern, PatternBuilder, played
from .readouts import Readout
from .wiring import Wiring

RESOLUTION: Final = 10**9
"""Steps of a turn to which phases are compared."""
_WORDS: Final = ("kind", "port", "tick", "asked", *FIELDS, "value", "before")


class Repetitions:
    """Collects blocks of events in order; then `groups` are the distinct repetitions and `group` tells each one's.

    ports: Wave ports that the program uses.
    """

    def __init__(self, wiring: Wiring, ports: Iterable[int]) -> None:
        self.wiring = wiring
        self.alignment = wiring.alignment(ports)
        self.groups: list[Repetition] = []
        self.group: list[int] = []
        self._patterns: dict[Any, tuple[int, Pattern]] = {}
        self._known: dict[Any, int] = {}
        self._rest: NDArray[Any] | None = None
        self._resets: dict[int, int] = {}
        self._locals: Locals = {}
        self._situations: dict[Any, int] = {(): 0}
        self._situation = 0
        self._busy: dict[str, float] = {}
        self._last = -np.inf
        self._counted: int | None = None

    def add(self, events: NDArray[Any]) -> None:
        """Take the next block of the run."""
        check(events, self.wiring)
        if self._rest is not None:
            events = np.concatenate([self._rest, events])
        counts = np.flatnonzero(events["kind"] == COUNT)
        begin = 0
        if counts.size:
            self._split(events[: counts[-1] + 1], counts)
            begin = int(counts[-1]) + 1
        self._rest = events[begin:]

    def finish(self) -> None:
        """The run has ended: nothing after the last count may be measured."""
        for event in self._rest if self._rest is not None else ():
            rising = int(event["value"]) & ~int(event["before"])
            if event["kind"] in (TRIG, DATA):
                for unit in self.wiring.triggered(int(event["kind"]), int(event["port"]), rising):
                    raise BoardError(f"{unit.name} is triggered after the last step of the host's counter")

    def _split(self, events: NDArray[Any], counts: NDArray[np.int64]) -> None:
        """Cut at the counts; words relative to each repetition's origin are compared as bytes."""
        _check_counts(events[counts])
        first = np.concatenate([[0], counts[:-1] + 1])
        origins = events["reference"][first]
        owner = np.repeat(np.arange(counts.size), counts - first + 1)
        words = np.stack([events[name] for name in _WORDS], axis=1)
        words[:, 2:4] -= origins[owner, None]
        raw = words.tobytes()
        width = words.shape[1] * 8
        ends = events["reference"][counts]
        for index, (begin, stop) in enumerate(zip(first.tolist(), counts.tolist(), strict=True)):
            origin = int(origins[index])
            period = int(ends[index]) - (origin if self._counted is None else self._counted)
            self._counted = int(ends[index])
            self._place(events[begin:stop], raw[begin * width : stop * width], origin, period)

    def _place(self, events: NDArray[Any], raw: bytes, origin: int, period: int) -> None:
        """Find the group of one repetition."""
        frame, base = divmod(origin, self.alignment)
        key = (raw, base, self._situation)
        if key not in self._patterns:
            pattern = PatternBuilder(self.wiring, base, self.alignment, self._locals).build(events, origin)
            self._patterns[key] = (len(self._patterns), pattern)
        number, pattern = self._patterns[key]
        self._occupy(pattern, frame * self.alignment)
        phases = [round(term.turns(frame, self._resets) * RESOLUTION) % RESOLUTION for term in pattern.moving]
        same = (number, period, tuple(phases))
        if same not in self._known:
            self._known[same] = len(self.groups)
            self.groups.append(self._repetition(pattern, frame, base, period))
        self.group.append(self._known[same])
        for generator, sample, samples in pattern.resets:
            self._resets[generator] = sample + samples * frame
        if pattern.locals_ is not self._locals:
            self._locals = pattern.locals_
            self._situation = self._situations.setdefault(tuple(self._locals.items()), len(self._situations))

    def _occupy(self, pattern: Pattern, tick: int) -> None:
        """No unit may be asked to begin before the previous repetition's work on it has ended."""
        if tick + pattern.busy[0] < self._last:
            for name, (first, _) in pattern.spans.items():
                late = self._busy.get(name, -np.inf) - tick - first
                if late > 1:
                    raise BoardError(
                        f"{name} is busy with the previous repetition for {late:.0f} more ticks; lengthen repetitions"
                    )
        for name, (_, last) in pattern.spans.items():
            self._busy[name] = tick + last
        self._last = max(self._last, tick + pattern.busy[1])

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


def check(events: NDArray[Any], wiring: Wiring) -> None:
    """Refuse events that the board would not play when asked: before its start, late, or held up by another.

    A readout's settings may come late; whether they come before its trigger is seen when the windows are made.
    """
    early = events["asked"] >= 1 << 47
    shifted = (events["kind"] != COUNT) & (events["tick"] > events["asked"] + LATENCY)
    chained = (events["kind"] == WAVE) & (events["asked"] == events["previous"])
    late = shifted & (events["possible"] > events["asked"] + LATENCY)
    for event in events[early | late | (shifted & ~chained)]:
        if event["kind"] == WAVE and isinstance(wiring.wave(int(event["port"]), int(event["conf"])), Readout):
            continue
        where = f"{('wave', 'trigger', 'data')[event['kind']]} port {event['port']}, instruction {event['address']}"
        asked = int(event["asked"])
        if asked >= 1 << 47:
            raise BoardError(f"{where}: tick {asked - (1 << 48)} lies before the program's start; the port would wait")
        if event["possible"] > asked + LATENCY:
            raise BoardError(
                f"{where}: late, asked for tick {asked}, possible at tick {event['possible'] - LATENCY}; "
                "give the processor more time before it"
            )
        raise BoardError(
            f"{where}: held up, asked for tick {asked}, possible at tick {event['tick'] - LATENCY}, because the event "
            f"asked for tick {event['previous']} stands before it in the queue; order them in time, 3 ticks apart"
        )


def _check_counts(counts: NDArray[Any]) -> None:
    for event in counts[counts["value"] - counts["before"] != 1]:
        raise BoardError(
            f"the host's counter goes from {event['before']} to {event['value']} at instruction {event['address']}; "
            "a repetition is one step of 1"
        )
