"""Stretch: repetitions of a run that differ in nothing but their time, told without executing them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..processor.event import COUNT, DISPATCH, EVENT
from ..reference.arithmetic import WORD

_TIMES = ("tick", "asked", "reference")


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """events: Of the period that has been executed; it ends with a step of the host's counter.

    first: Periods from it to the first one told here. pushed: Tick of each push and count, (periods, events). period:
    (ticks). counted: By which the host's counter goes on in a period.
    """

    events: NDArray[Any]
    first: int
    pushed: NDArray[np.int64]
    period: int
    counted: int

    @property
    def times(self) -> int:
        """Periods."""
        return len(self.pushed)

    @cached_property
    def shifts(self) -> NDArray[np.int64]:
        """Of each period against the one executed (ticks)."""
        return self.period * (self.first + np.arange(self.times))

    def expanded(self) -> NDArray[Any]:
        """All events, as the interpreter gives them."""
        out = np.tile(self.events, (self.times, 1))
        pushes, counts = self.events["kind"] != COUNT, self.events["kind"] == COUNT
        for name in _TIMES:
            out[name] += self.shifts[:, None]
        out["previous"] += np.where(self.events["previous"] >= 0, self.shifts[:, None], 0)
        out["pushed"], out["possible"] = self.pushed, self.pushed + np.where(pushes, DISPATCH, 0)
        for name in ("tick", "asked"):
            out[name] = np.where(counts, self.pushed, out[name])
        steps = self.counted * (self.first + np.arange(self.times))[:, None] * counts
        for name in ("value", "before"):
            out[name] = np.where(counts, out[name] + steps & WORD, out[name])
        return out.reshape(-1).view(EVENT)
