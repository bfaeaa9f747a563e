"""One measurement from its first block to its report: the only place that knows the order of things."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ..sequences.errors import FitRejected, InterlockOpen, ModelError, SequenceError
from .data_folder import DataFolder
from .document import Document, document
from .interrupt import Interrupt
from .report import material, write_report
from .result import Measurement, Result, Session
from .run import RunRecord

CALIBRATION = "calibration"
"""The protocol of a run that only calibrates."""


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
    """What was asked for. shots: Per setting, None for the protocol's own number. command: As it was typed.

    wanted: Calibrations to do even if they are fresh.
    """

    station: str
    protocol: str
    seed: int | None
    shots: int | None
    command: tuple[str, ...]
    wanted: tuple[str, ...] = ()

    def measurement(self, session: Session) -> Measurement:
        """What was asked for, prepared at `session`."""
        if self.protocol == CALIBRATION:
            return session.calibration(self.wanted)
        return session.experiment(self.protocol, self.shots)


def measure(
    order: Order, session: Session, data: DataFolder, progress: Progress, elapsed: Callable[[], float]
) -> tuple[Result, Document]:
    """Perform a protocol block by block, keep its data after each, estimate, and write the report.

    elapsed: Since the command was given (s). RunAborted before anything else plays after a Ctrl-C.
    """
    measurement = order.measurement(session)
    begun = data.begin(station=order.station, protocol=order.protocol, seed=order.seed, command=order.command)
    progress.expect(len(measurement.steps) + 2)
    with begun as run, Interrupt(progress.say) as interrupt:
        measurement.begin(run.folder.name, int(str(run.about["cooldown"])), interrupt.check)
        for step in measurement.steps:
            progress.begin(step)
            try:
                measurement.perform(step)
            except FitRejected:
                run.keep(measurement.datasets, measurement.conditions)
                raise
            except (ModelError, SequenceError, InterlockOpen) as error:
                error.add_note(f"this was in {step}")
                raise
            run.keep(measurement.datasets, measurement.conditions)
            interrupt.check()
        progress.begin("estimate")
        result = measurement.result()
        interrupt.check()
        head = {**run.about, "elapsed_s": elapsed(), "parameters_from": session.parameters_from}
        measured = document(result, head, report=str(run.report))
        run.complete(measured, material(result))
        progress.begin("report")
        write_report(RunRecord(run.folder))
    return result, measured
