"""Graph: which calibration needs which, and which of them are due."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ..sequences.errors import CalibrationError
from .knowledge import Knowledge
from .routine import Routine
from .store import FAILED, MISSING, STALE, Records

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
        raise CalibrationError(f"there is no calibration {name}; there are {', '.join(t.name for t in self.tasks)}")

    def due(self, records: Records, now: float, wanted: Iterable[str] = ()) -> tuple[Task, ...]:
        """Tasks to do now: stale or missing ones, those named in `wanted`, and all that build on them."""
        chosen: list[Task] = []
        names: set[str] = set()
        named = {self.task(name).name for name in wanted}
        for task in self.tasks:
            after = any(need in names for need in task.needs if not self.task(need).every_session)
            if after or task.name in named or task.every_session or self._expired(task, records, now):
                chosen.append(task)
                names.add(task.name)
        # What lives for a session only is worth measuring if something is going to use it.
        return tuple(task for task in chosen if not task.every_session or _used(task, chosen) or task.name in named)

    def _expired(self, task: Task, records: Records, now: float) -> bool:
        return self.state(task, records, now) in (STALE, FAILED, MISSING) or self._outdated(task, records)

    def _outdated(self, task: Task, records: Records) -> bool:
        """Whether something that the task builds on was measured after it."""
        own = min(records.latest[name].time for name in task.gives)
        needs = (self.task(need) for need in task.needs)
        return any(
            records.latest[name].time > own
            for need in needs
            if not need.every_session
            for name in need.gives
            if name in records.latest and records.latest[name].task == need.name
        )

    def state(self, task: Task, records: Records, now: float) -> str:
        """The worst state of the values that a task gives."""
        if records.failed(task.name):
            return FAILED
        if any(name not in records.latest for name in task.gives):
            return MISSING
        states = {records.latest[name].state(now) for name in task.gives}
        return next((state for state in (STALE, "ageing") if state in states), "fresh")


def _used(task: Task, chosen: list[Task]) -> bool:
    return any(task.name in other.needs for other in chosen)
