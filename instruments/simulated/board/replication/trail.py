"""Trail: some repetitions of a run, watched instruction by instruction."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..processor.core import EACH, FULL, INPUT
from ..processor.event import COUNT, EVENT
from ..processor.processor import Processor
from ..processor.state import State, state

_ROOM: Final = 4
"""Events for which the interpreter needs room to execute one instruction."""


@dataclass(frozen=True, kw_only=True)
class Trail:
    """Between two steps of the host's counter, the second one its last instruction.

    addresses, cycles: Of each instruction executed. events: Of them all. pushers: The instruction of each event, by its
    place in `addresses`.
    """

    start: State
    end: State
    addresses: list[int]
    cycles: list[int]
    events: NDArray[Any]
    pushers: list[int]


class Watch:
    """Executes repetitions one instruction at a time. events: All of them, those before the trail's first one too."""

    def __init__(self, processor: Processor) -> None:
        self.processor = processor
        self.reason = 0
        self._found: list[NDArray[Any]] = [np.zeros(0, EVENT)]

    @property
    def events(self) -> NDArray[Any]:
        """Executed while watching."""
        return np.concatenate(self._found)

    def trail(self, counts: int) -> Trail | None:
        """From the next step of the counter to the one `counts` later; None if the program stops before."""
        self.processor.core["until"], self.processor.core["attended"] = -1, EACH
        if not self._until(1, [], [], []):
            return None
        self._found = [self.events]
        addresses: list[int] = []
        cycles: list[int] = []
        pushers: list[int] = []
        start = state(self.processor)
        if not self._until(counts, addresses, cycles, pushers):
            return None
        return Trail(
            start=start,
            end=state(self.processor),
            addresses=addresses,
            cycles=cycles,
            events=np.concatenate(self._found[1:]),
            pushers=pushers,
        )

    def _until(self, counts: int, addresses: list[int], cycles: list[int], pushers: list[int]) -> bool:
        """Execute to a later step of the counter."""
        core = self.processor.core
        pc, cycle, executed = (core[name] for name in ("pc", "cycle", "executed"))
        while counts:
            address, before = int(pc[0]), int(executed[0])
            self.reason, events = self.processor.advance(_ROOM)
            if self.reason not in (FULL, INPUT):
                self._found.append(events)
                return False
            if int(executed[0]) > before:
                addresses.append(address)
                cycles.append(int(cycle[0]))
            if events.size:
                self._found.append(events)
                pushers += [len(addresses) - 1] * events.size
                counts -= int((events["kind"] == COUNT).sum())
        return True
