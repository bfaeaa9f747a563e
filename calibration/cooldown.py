"""Cooldown: does the calibrations that are due, one after the other, and keeps what they find."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..analysis.bootstrap import Measured
from ..sequences.errors import FitRejected
from .bench import Bench
from .graph import Task
from .knowledge import Knowledge
from .names import KINDS
from .readout import Readout
from .routine import Outcome, Routine, calibrate
from .store import Entry, Failure, Store


class LearningBench(Bench, Protocol):
    """A bench that works on with what is learned."""

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
    every value.
    """

    bench: LearningBench
    store: Store
    clock: Callable[[], float]
    number: int
    run: str

    def perform(self, tasks: Sequence[Task]) -> Iterator[Done]:
        """Do `tasks` in their order; FitRejected, with the task's name, at the first that finds nothing."""
        for task in tasks:
            yield self._perform(task)

    def _perform(self, task: Task) -> Done:
        failures: list[str] = []
        for maker in (task.routine, *task.again):
            routine = maker(self.bench.known)
            try:
                outcome = calibrate(routine, self.bench)
            except FitRejected as error:
                failures.append(str(error))
                continue
            return Done(task=task, outcome=outcome, found=self._learn(task, routine, outcome), failures=tuple(failures))
        self.store.append([Failure(task=task.name, why=failures[-1], time=self.clock(), run=self.run)])
        why, _, hint = failures[-1].rpartition("; ")
        raise FitRejected(f"{task.name}: {why}", hint)

    def _learn(self, task: Task, routine: Routine[Any], outcome: Outcome[Any]) -> Mapping[str, Measured]:
        found = routine.found(outcome.fit)
        known = self.bench.known.learned({name: measured.value for name, measured in found.items()})
        if isinstance(outcome.fit, Readout):
            known = known.reading(outcome.fit)
        settings = self._settings()
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
        self.bench.learn(known)
        return found

    def _settings(self) -> dict[str, float]:
        """Biases (V) and pulse amplitudes at which the values hold."""
        known = self.bench.known
        return {setting.name: volts for setting, volts in known.biases.items()} | known.amplitudes
