"""Feedback: a run whose program reads results on the board and goes on as they tell it, repetition by repetition."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, inf
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ....sequences.errors import BoardError
from .converters.clock import edge
from .converters.readouts import Readout
from .hazard import UNFINISHED, Hazard
from .measurement import NONE, Heard, Words, traced, words
from .output import Followed, Repetition
from .processor.decode import PORT_READ
from .processor.event import COUNT, DATA, LATENCY, TRIG
from .processor.processor import Processor
from .repetitions.repetitions import Repetitions

ARRIVAL: Final = 0.1e-6
"""From the end of a window, as the processor's time has it, to its result at the processor's input port (s).

An assumption: what the filters of a readout, its sums and the crossing of clocks take is not recorded for any board.
"""
AHEAD: Final = 8
"""Core cycles within which an instruction that can see an input executes, once all before it have.

Less than ARRIVAL: what the program pushes later fires after the end of every window that was answered until then.
"""
_LIMIT: Final = 1 << 31


@dataclass(frozen=True, kw_only=True)
class Result:
    """A window's result on its way. tick: At which it arrives. number: Of the window among its readout's in the shot.

    port: The processor's input port, None if the readout has none.
    """

    tick: int
    readout: Readout
    number: int
    port: int | None


def reads_results(program: NDArray[Any]) -> bool:
    """It takes results from an input port; one that only looks whether there are new ones does not count."""
    return bool((program["kind"] == PORT_READ).any())


class Feedback:
    """Executes a program; a result is asked of the `run` that a plant follows no earlier than the program can see it.

    So everything that can sound in a window has been pushed when it is asked for. Every shot has its own answers;
    `repetitions` only lists what was played. arrived: tick, port, I and Q of each result at the processor's inputs.
    """

    def __init__(self, processor: Processor, repetitions: Repetitions, run: Followed) -> None:
        self.processor, self.repetitions, self.followed = processor, repetitions, run
        self.arrived: list[tuple[int, int, int, int]] = []
        self._arrival = ceil(ARRIVAL * repetitions.wiring.f_time * 1e6)
        self._sums: dict[int, list[Words]] = defaultdict(list)
        self._samples: dict[int, list[Words]] = defaultdict(list)
        self._events: list[NDArray[Any]] = []
        self._opened: dict[int, int] = defaultdict(int)
        self._answers: dict[tuple[int, int], tuple[Words, Words]] = {}
        self._pending: list[Result] = []
        self._unread: list[Result] = []
        self._reading: int | None = None

    def run(self) -> Iterator[NDArray[Any]]:
        """To the end of the program; yields the events of each repetition, which `repetitions` must have got on return.

        Raises as `Processor.run` does.
        """
        for events in self.processor.attended():
            self._check_read()
            begin = 0
            for count in np.flatnonzero(events["kind"] == COUNT).tolist():
                self._take(events[begin:count])
                self._answer(inf)
                yield np.concatenate([*self._events, events[count : count + 1]])
                self._close()
                begin = count + 1
            self._take(events[begin:])
            self._answer(self._tick(AHEAD))
            self._reading = self._read_next()
        self._check_read()
        if self._events:
            yield np.concatenate(self._events)

    def heard(self) -> Heard:
        """All answers."""
        return Heard(
            sums={index: np.array(answers, np.int64) for index, answers in self._sums.items()},
            samples={index: np.concatenate(windows) for index, windows in self._samples.items()},
        )

    def _tick(self, ahead: int) -> int:
        return self.processor.tick_of(int(self.processor.core["cycle"][0]) + ahead)

    def _take(self, events: NDArray[Any]) -> None:
        """Note the windows that these events open."""
        if not events.size:
            return
        self._events.append(events)
        for event in events[(events["kind"] == TRIG) | (events["kind"] == DATA)]:
            for unit in self._triggered(event):
                self._open(int(event["tick"]) - LATENCY, unit)

    def _triggered(self, event: Any) -> Iterator[Readout]:
        rising = int(event["value"]) & ~int(event["before"])
        return self.repetitions.wiring.triggered(int(event["kind"]), int(event["port"]), rising)

    def _open(self, tick: int, unit: Readout) -> None:
        end = Fraction(edge(tick, unit.output) + unit.length) / unit.output
        port = int(unit.config.get("tproc_ch", -1))
        result = Result(
            tick=ceil(end) + LATENCY + self._arrival,
            readout=unit,
            number=self._opened[unit.index],
            port=port if port >= 0 else None,
        )
        self._opened[unit.index] += 1
        self._pending.append(result)
        self._unread.append(result)

    def _answer(self, until: float) -> None:
        """Ask for the results that arrive until a tick."""
        due = sorted((one for one in self._pending if one.tick <= until), key=lambda one: one.tick)
        if not due:
            return
        self._pending = [one for one in self._pending if one.tick > until]
        repetition = self.repetitions.under_way(np.concatenate(self._events))
        for one in due:
            places = [n for n, window in enumerate(repetition.windows) if window.readout == one.readout.index]
            answer, samples = self._ask(one.readout, repetition, places[one.number])
            self._answers[one.readout.index, one.number] = answer, samples
            if one.port is not None:
                arrival = one.tick, one.port, int(answer[0]), int(answer[1])
                self.arrived.append(arrival)
                self.processor.inject(*arrival)

    def _ask(self, unit: Readout, repetition: Repetition, window: int) -> tuple[Words, Words]:
        """Sum of a window, shape (2,), and its samples if the readout keeps them, shape (samples, 2)."""
        if unit.traced:
            samples = words(unit, np.asarray(traced(self.followed).samples(repetition, window)), 1)
            answer = samples.sum(axis=0)
        else:
            iq = np.array(self.followed.answer(repetition, window), np.complex128)
            samples, answer = NONE, words(unit, iq, unit.length)
        if np.abs(answer).max() >= _LIMIT:
            raise BoardError(f"{unit.name} overflows: {answer.tolist()} does not fit 32 bits; lower gain or length")
        return answer, samples

    def _close(self) -> None:
        """A repetition is over, and all of its windows are answered."""
        self.followed.close(self.repetitions.groups[self.repetitions.group[-1]])
        for (index, _), (answer, samples) in sorted(self._answers.items(), key=lambda item: item[0]):
            self._sums[index].append(answer)
            self._samples[index].append(samples)
        self._events, self._answers = [], {}
        self._opened.clear()

    def _read_next(self) -> int | None:
        """Address of the port read before which the processor stands."""
        address = int(self.processor.core["pc"][0])
        stands = self.processor.core["standing"][0] and self.processor.program["kind"][address] == PORT_READ
        return address if stands else None

    def _check_read(self) -> None:
        """Tell if the read that has just been executed came before the result of a window that was already opened."""
        if self._reading is None:
            return
        port = int(self.processor.program["port"][self._reading])
        tick = self.processor.tick_of(int(self.processor.core["read_at"][0]))
        self._unread = [one for one in self._unread if one.tick > tick]
        for one in self._unread:
            if one.port == port:
                self.repetitions.on_hazard(self._hazard(one, self._reading, tick))

    def _hazard(self, one: Result, address: int, tick: int) -> Hazard:
        why = (
            f"readout of a window that is not over: the result of {one.readout.name} reaches input port {one.port} at "
            f"tick {one.tick}, the program reads it at tick {tick} and gets the one before; wait {one.tick - tick} "
            "ticks longer"
        )
        return Hazard(
            kind=UNFINISHED,
            tick=tick,
            port=one.port,
            instruction=address,
            shot=len(self.repetitions.group),
            why=why,
            source=(self.repetitions.sources or {}).get(address),
        )
