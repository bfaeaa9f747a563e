"""What the operator sees: progress on stderr, the summary on stdout."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from .doctor import Check
from .headline import headline
from .result import CALIBRATED, Gate, Result
from .written import age, concise, engineering

_GOOD = ("fresh", "ageing")
"""States of a calibrated value that need nobody's attention."""


@dataclass
class Bar:
    """A progress bar that advances when the next step begins; plainly: a line a step, where nobody watches a bar."""

    progress: Progress
    task: TaskID
    plainly: bool = False
    begun: bool = False
    tenths: int = 0

    def expect(self, steps: int) -> None:
        """So many steps will come."""
        self.progress.update(self.task, total=steps, visible=True)

    def begin(self, step: str) -> None:
        """Name the step that runs now."""
        self.progress.update(self.task, description=step, advance=1 if self.begun else 0)
        if self.plainly:
            self.progress.console.print(Text(step))
        self.begun = True

    def reach(self, done: int, total: int) -> None:
        """So many of the parts are done; plainly: a line for every tenth."""
        self.progress.update(self.task, completed=done, total=total, visible=True)
        if self.plainly and 10 * done // total > self.tenths:
            self.tenths = 10 * done // total
            self.progress.console.print(Text(f"{done} of {total} done"))

    def say(self, sentence: str) -> None:
        """Print a sentence beside the bar."""
        self.progress.console.print(Text(sentence))


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Bar]:
    """A bar on stderr; none if asked to be quiet, or if nobody watches."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    hidden = quiet or not console.is_terminal
    with Progress(*columns, TimeRemainingColumn(), console=console, disable=hidden, transient=True) as progress:
        plainly = not quiet and not console.is_terminal
        yield Bar(progress, progress.add_task("opening the station", total=None), plainly)


def print_summary(result: Result, document: Mapping[str, Any]) -> None:
    """The result with its errors against its thresholds, what failed, and where the report is."""
    console = Console()
    console.print(Text(f"{document['protocol']} on {document['station']}, cooldown {document['cooldown']}"))
    if "calibrated" in document:
        _print_calibrated(result.tables[CALIBRATED], document["calibrated"])
    else:
        console.print(_result_table(document))
    for gate in result.gates:
        console.print(Text(_gate(gate)))
    console.print(Text(f"parameters from {document['parameters_from']}"))
    console.print(Text(f"report: {document['report']}"), soft_wrap=True)


def print_checks(checks: Iterable[Check]) -> None:
    """What is ready and what is not; what is wrong comes last, where it is read first."""
    print_rows(
        {"": "ready" if check.ready else "NOT READY", "check": check.name, "found": check.found}
        for check in sorted(checks, key=lambda check: not check.ready)
    )


def print_status(document: Mapping[str, Any]) -> None:
    """Temperatures, biases and calibrated values with their states, what is wrong, and the last runs."""
    stages = document["temperatures"]
    print_lines(f"{document['station']}, cooldown {document['cooldown']}", "")
    print_rows(
        {
            "stage": stage,
            "temperature": "unknown" if one["value"] is None else engineering(one["value"], "K", 4),
            "limits": f"{engineering(one['minimum'], 'K')} to {engineering(one['maximum'], 'K')}",
            "age": "unknown" if one["age_s"] is None else age(one["age_s"]),
            "interlock": one["state"].upper() if one["state"] == "open" else one["state"],
        }
        for stage, one in stages.items()
    )
    print_lines(*(one["why"] for one in stages.values() if one["state"] == "open"), "")
    print_rows({"bias": name, "reads": engineering(volts, "V")} for name, volts in document["biases"].items())
    print_lines("")
    parameters = document["parameters"].items()
    print_rows(_parameter(name, one) for name, one in parameters if one["value"] is not None)
    missing = [name for name, one in parameters if one["value"] is None]
    if missing:
        Console().print(Text(f"MISSING  {', '.join(missing)}"))
    print_lines("", *_wrong(document))
    print_lines(*(f"{run['state']:<10} {run['run']}" for run in document["runs"]))


def _wrong(document: Mapping[str, Any]) -> Iterator[str]:
    for calibration, why in document["failures"].items():
        yield f"FAILED  {calibration}: {why}"
    for line in document["left_out"]["damaged_lines"]:
        yield f"DAMAGED  line {line} of the stored calibrations cannot be read; its value is left out"
    for name in document["left_out"]["unknown_names"]:
        yield f"UNKNOWN  {name} was calibrated by another version of coldlink"


def _parameter(name: str, one: Mapping[str, Any]) -> dict[str, str]:
    return {
        "parameter": name,
        "value": concise(one["value"], one["error"], one["unit"]),
        "age": age(one["age_s"]),
        "state": one["state"] if one["state"] in _GOOD else one["state"].upper(),
    }


def print_rows(rows: Iterable[Mapping[str, str]]) -> None:
    """A table of texts."""
    table = Table(box=None, pad_edge=False)
    for index, row in enumerate(rows):
        if not index:
            for column in row:
                table.add_column(column, overflow="fold")
        table.add_row(*(Text(cell) for cell in row.values()))
    Console().print(table)


def print_lines(*lines: str) -> None:
    """Text as it is, not wrapped."""
    console = Console()
    for line in lines:
        console.print(Text(line), soft_wrap=True)


def _print_calibrated(stored: Iterable[Mapping[str, object]], found: Mapping[str, Any]) -> None:
    """The values that were found now, as they are stored."""
    if not found:
        print_lines("nothing was due: all that is calibrated is fresh")
    print_rows({key: str(row[key]) for key in ("parameter", "value")} for row in stored if row["parameter"] in found)


def _result_table(document: Mapping[str, Any]) -> Table:
    table = Table(pad_edge=False, box=None)
    for column in ("", "raw", "corrected", ""):
        table.add_column(column, no_wrap=column in ("raw", "corrected"))
    for line in headline(document):
        first = line.numbers.get("raw", line.numbers.get("", ""))
        table.add_row(line.quantity.title, first, line.numbers.get("corrected", ""), line.verdict)
    return table


def _gate(gate: Gate) -> str:
    value, limit = f"{gate.value:.4g} {gate.unit}".rstrip(), f"{gate.limit} {gate.unit}".rstrip()
    return f"{'passed' if gate.passed else 'FAILED'}  {gate.name}: {value}, limit {limit}"
