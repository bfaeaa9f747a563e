"""One measurement from its first block to its report: the only place that knows the order of things."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from .data_folder import DataFolder
from .document import Document, document
from .interrupt import Interrupt
from .report import material, write_report
from .result import Result, Session
from .run import RunRecord


class Progress(Protocol):
    """Whoever watches the measurement."""

    def expect(self, steps: int) -> None:
        """So many steps will come."""

    def begin(self, step: str) -> None:
        """A step begins, the one before it has ended."""

    def say(self, sentence: str) -> None:
        """Something that the operator should read now."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What was asked for. shots: Per setting, None for the protocol's own number. command: As it was typed."""

    station: str
    protocol: str
    seed: int | None
    shots: int | None
    command: tuple[str, ...]


def measure(
    order: Order, session: Session, data: DataFolder, progress: Progress, elapsed: Callable[[], float]
) -> tuple[Result, Document]:
    """Perform a protocol block by block, keep its data after each, estimate, and write the report.

    elapsed: Since the command was given (s). RunAborted between two blocks after a Ctrl-C.
    """
    experiment = session.experiment(order.protocol, order.shots)
    begun = data.begin(station=order.station, protocol=order.protocol, seed=order.seed, command=order.command)
    progress.expect(len(experiment.steps) + 2)
    with begun as run, Interrupt(progress.say) as interrupt:
        for step in experiment.steps:
            progress.begin(step)
            experiment.perform(step)
            run.keep(experiment.datasets)
            interrupt.check()
        progress.begin("estimate")
        result = experiment.result()
        interrupt.check()
        head = {**run.about, "elapsed_s": elapsed(), "parameters_from": session.parameters_from}
        measured = document(result, head, report=str(run.report))
        run.complete(measured, material(result))
        progress.begin("report")
        write_report(RunRecord(run.folder))
    return result, measured
