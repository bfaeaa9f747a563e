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

from .headline import headline
from .result import Gate, Result


@dataclass
class Bar:
    """A progress bar that advances when the next step begins."""

    progress: Progress
    task: TaskID
    begun: bool = False

    def expect(self, steps: int) -> None:
        """So many steps will come."""
        self.progress.update(self.task, total=steps, visible=True)

    def begin(self, step: str) -> None:
        """Name the step that runs now."""
        self.progress.update(self.task, description=step, advance=1 if self.begun else 0)
        self.begun = True

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
        yield Bar(progress, progress.add_task("opening the station", total=None))


def print_summary(result: Result, document: Mapping[str, Any]) -> None:
    """The result with its errors against its thresholds, what failed, and where the report is."""
    console = Console()
    console.print(_result_table(document))
    for gate in result.gates:
        console.print(Text(_gate(gate)))
    console.print(Text(f"parameters from {document['parameters_from']}"))
    console.print(Text(f"report: {document['report']}"), soft_wrap=True)


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


def _result_table(document: Mapping[str, Any]) -> Table:
    title = f"{document['protocol']} on {document['station']}, cooldown {document['cooldown']}"
    table = Table(title=title, title_justify="left", pad_edge=False, box=None)
    for column in ("", "raw", "corrected", ""):
        table.add_column(column, no_wrap=column in ("raw", "corrected"))
    for line in headline(document):
        first = line.numbers.get("raw", line.numbers.get("", ""))
        table.add_row(line.quantity.title, first, line.numbers.get("corrected", ""), line.verdict)
    return table


def _gate(gate: Gate) -> str:
    value, limit = f"{gate.value:.4g} {gate.unit}".rstrip(), f"{gate.limit} {gate.unit}".rstrip()
    return f"{'passed' if gate.passed else 'FAILED'}  {gate.name}: {value}, limit {limit}"
