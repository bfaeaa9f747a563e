"""Reference ports: queues of pushes with times, and the events they become, in plain Python."""

from collections import deque
from collections.abc import Sequence
from dataclasses import astuple, dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..processor.event import COUNT, DISPATCH, EVENT, LATENCY, SPACING
from .arithmetic import WORD

Words = tuple[int, int, int, int, int, int]
NOTHING: Final[Words] = (0, 0, 0, 0, 0, 0)
"""The words of a wave that is none."""


@dataclass
class Event:
    """What a port does; the fields are those of `event.EVENT`."""

    kind: int
    port: int
    tick: int
    asked: int
    pushed: int
    possible: int
    reference: int
    address: int
    freq: int
    phase: int
    env: int
    gain: int
    length: int
    conf: int
    value: int
    before: int
    previous: int


@dataclass
class Port:
    """fires: When its last pushes fire, as many as it queues. level: Its value. asked: Tick its last push asked for."""

    fires: deque[int]
    level: int = 0
    asked: int = -1


@dataclass
class Ports:
    """All ports of a processor. depth: Of each queue. events: In the order of pushes."""

    depth: int
    ports: dict[tuple[int, int], Port] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    def port(self, kind: int, number: int) -> Port:
        """A port, made when it is first used."""
        return self.ports.setdefault((kind, number), Port(deque(maxlen=self.depth)))

    def room(self, kind: int, number: int) -> int:
        """Tick from which the port's queue has room."""
        fires = self.port(kind, number).fires
        return fires[0] if len(fires) == self.depth else 0

    def push(
        self,
        kind: int,
        number: int,
        asked: int,
        pushed: int,
        words: Words,
        value: int,
        origin: tuple[int, int],
    ) -> None:
        """Queue an event; origin: time reference and address of the instruction."""
        port = self.port(kind, number)
        tick = max(asked + LATENCY, pushed + DISPATCH, port.fires[-1] + SPACING if port.fires else 0)
        place = (kind, number, tick, asked, pushed, pushed + DISPATCH, *origin)
        self.events.append(Event(*place, *words, value, port.level, port.asked))
        port.level, port.asked = value, asked
        port.fires.append(tick)

    def count(self, now: int, value: int, before: int, origin: tuple[int, int]) -> None:
        """Write down a change of the host's counter."""
        self.events.append(Event(COUNT, 0, now, now, now, now, *origin, *NOTHING, value, before, -1))

    def table(self) -> NDArray[Any]:
        """All events as an array of EVENT."""
        return np.array([astuple(event) for event in self.events], EVENT)


def wave(words: Sequence[int]) -> Words:
    """Six words as ports and the wave memory take them: env has 24 bits, conf 16."""
    freq, phase, env, gain, length, conf = words
    return freq & WORD, phase & WORD, env & 0xFFFFFF, gain & WORD, length & WORD, conf & 0xFFFF
