"""Graph: which calibration needs which, and which of them are due."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from ..sequences.errors import CalibrationError
from .knowledge import Knowledge
from .routine import Routine
from .store import AGEING, FAILED, FRESH, MISSING, STALE, Entry, Records

Maker = Callable[[Knowledge], Routine[Any]]


@dataclass(frozen=True, kw_only=True)
class Task:
    """A routine at its place in a cooldown.

    name: Such as `a.rabi`. gives: Names of the values that it finds. needs: Tasks that come before it. routine: Made of
    what is known when its turn comes. again: What is tried next when a fit is rejected, each with something changed.
    every_session: Whether its result lives no longer than the session, as a readout's axis.
    """

    name: str
    routine: Maker
    gives: tuple[str, ...]
    needs: tuple[str, ...] = ()
    again: tuple[Maker, ...] = ()
    every_session: bool = False


@dataclass(frozen=True)
class Graph:
    """Tasks in an order in which they can be done."""

    tasks: tuple[Task, ...]

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for task in self.tasks:
            if missing := set(task.needs) - seen:
                raise CalibrationError(f"{task.name} comes before {', '.join(sorted(missing))}, which it needs")
            seen.add(task.name)

    def task(self, name: str) -> Task:
        """The task of this name; CalibrationError if there is none."""
        for task in self.tasks:
            if task.name == name:
                return task
        names = [task.name for task in self.tasks]
        near = get_close_matches(name, names, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
        raise CalibrationError(f"there is no calibration {name!r}; {hint}")

    def due(self, records: Records, now: float, wanted: Iterable[str] = ()) -> tuple[Task, ...]:
        """Tasks to do now: those that are not good any more, those named in `wanted`, and all that build on them."""
        chosen: list[Task] = []
        names: set[str] = set()
        named = {self.task(name).name for name in wanted}
        for task in self.tasks:
            after = any(need in names for need in task.needs if not self.task(need).every_session)
            expired = self.state(task, records, now) in (STALE, FAILED, MISSING)
            if after or task.name in named or task.every_session or expired:
                chosen.append(task)
                names.add(task.name)
        return _worthwhile(chosen, named)

    def state(self, task: Task, records: Records, now: float) -> str:
        """The worst state of the values that a task gives; stale, too, if what it builds on was measured after it."""
        latest = records.latest
        if records.failed(task.name):
            return FAILED
        if any(name not in latest for name in task.gives):
            return MISSING
        states = {latest[name].state(now) for name in task.gives}
        if self._outdated(task, latest):
            return STALE
        return next((state for state in (STALE, AGEING) if state in states), FRESH)

    def _outdated(self, task: Task, latest: Mapping[str, Entry]) -> bool:
        """Whether something that the task builds on was measured after it."""
        own = min((latest[name].time for name in task.gives), default=math.inf)
        return any(
            latest[name].time > own
            for need in map(self.task, task.needs)
            if not need.every_session
            for name in need.gives
            if name in latest and latest[name].task == need.name
        )


def _worthwhile(chosen: list[Task], named: set[str]) -> tuple[Task, ...]:
    """Without what lives for a session only and is used by nothing that is going to be done."""
    kept: list[Task] = []
    for task in reversed(chosen):
        used = any(task.name in other.needs for other in kept)
        if used or task.name in named or not task.every_session:
            kept.insert(0, task)
    return tuple(kept)
