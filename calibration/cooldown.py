"""Cooldown: does the calibrations that are due, one after the other, and keeps what they find."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Protocol

import xarray as xr

from ..analysis.bootstrap import Measured
from ..sequences.errors import FitRejected
from .bench import Bench
from .graph import Task
from .knowledge import Knowledge
from .names import KINDS
from .readout import Readout
from .routine import Outcome, play
from .store import Entry, Failure, Store


class LearningBench(Bench, Protocol):
    """A bench that works on with what is learned."""

    @property
    def settings(self) -> Mapping[str, float]:
        """Biases as they were read back (V), by name."""
        ...

    def learn(self, known: Knowledge) -> None:
        """Take `known` for true from now on, and bring the settings to where it wants them."""
        ...


@dataclass(frozen=True, kw_only=True)
class Done:
    """A task that was done. failures: What was tried before in vain."""

    task: Task
    outcome: Outcome[Any]
    found: Mapping[str, Measured]
    failures: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Cooldown:
    """bench: To measure on. store: Keeps what is found. clock: Time of the setup (s since 1970). number, run: Go with
    every value. rejected: Data from which nothing was learned, by task and attempt.
    """

    bench: LearningBench
    store: Store
    clock: Callable[[], float]
    number: int
    run: str
    rejected: dict[str, xr.Dataset] = field(default_factory=dict)

    def perform(self, task: Task) -> Done:
        """Do one task; FitRejected, with its name and what its last attempt met, if it finds nothing."""
        failures: list[str] = []
        for maker in (task.routine, *task.again):
            known = self.bench.known
            routine = maker(known)
            data = play(routine.scan(known), self.bench, routine.shots)
            try:
                outcome = Outcome(data, routine.fit(data, known))
                found = _finite(routine.found(outcome.fit))
            except FitRejected as error:
                failures.append(str(error))
                self.rejected[f"{task.name}.rejected-{len(failures)}"] = data
                continue
            self._learn(task, outcome, found)
            return Done(task=task, outcome=outcome, found=found, failures=tuple(failures))
        self.store.append([Failure(task=task.name, why=failures[-1], time=self.clock(), run=self.run)])
        why, _, hint = failures[-1].rpartition("; ")
        raise FitRejected(f"{task.name}: {why}", hint)

    def _learn(self, task: Task, outcome: Outcome[Any], found: Mapping[str, Measured]) -> None:
        values = {name: measured.value for name, measured in found.items()}
        known = self.bench.known.learned(values, {name: measured.error for name, measured in found.items()})
        if isinstance(outcome.fit, Readout):
            known = known.reading(outcome.fit)
        # A frequency that goes with a new bias holds at that one, a coupling at the amplitude that was played.
        played = self.bench.known.amplitudes
        self.bench.learn(known)
        settings = {**self.bench.settings, **played}
        self.store.append(
            Entry(
                name=name,
                value=measured.value,
                error=measured.error,
                unit=KINDS[name].unit,
                time=self.clock(),
                task=task.name,
                settings=settings,
                cooldown=self.number,
                run=self.run,
                image_sha256=outcome.data.attrs["image_sha256"],
            )
            for name, measured in found.items()
        )


def _finite(found: Mapping[str, Measured]) -> Mapping[str, Measured]:
    """What was found; FitRejected if any of it is no number."""
    for name, measured in found.items():
        if not (isfinite(measured.value) and isfinite(measured.error)):
            raise FitRejected(f"{name} = {measured} is no measurement", "look at the figure of its data")
    return found
