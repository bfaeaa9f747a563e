"""Database: the QCoDeS database of a data folder; a run in it is whole and verified before it is called completed."""

import json
import logging
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...sequences.errors import DataFolderError
from .averages import Averages, Column

APPLICATION: Final = int.from_bytes(b"cold")
"""Marks our databases (SQLite's application id), so that no other program's file is ever changed."""
PATIENCE = 10.0
"""How long another program may keep the database locked (s)."""
_ELSEWHERE: Final = "choose another folder with --data"
_FAULTS: Final = {
    sqlite3.SQLITE_BUSY: ("is locked by another program", "close whatever writes to it and run the command again"),
    sqlite3.SQLITE_FULL: ("cannot be written: the disk is full", f"free some space or {_ELSEWHERE}"),
    sqlite3.SQLITE_IOERR: ("cannot be used: disk I/O error", f"free some space, check this disk or {_ELSEWHERE}"),
    sqlite3.SQLITE_NOTADB: ("is not a database", f"move it away or {_ELSEWHERE}"),
    sqlite3.SQLITE_CORRUPT: ("is damaged", f"restore it from a copy or {_ELSEWHERE}"),
}
_OTHER_FAULT: Final = f"check the folder and its permissions or {_ELSEWHERE}"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What a run of the database is made of. metadata: Anything that JSON knows; kept as the run's snapshot."""

    station: str
    run: str
    name: str
    averages: Averages
    metadata: Mapping[str, Any]


@dataclass(frozen=True)
class Database:
    """The database in `file`. Every method raises DataFolderError where the file is foreign, newer, locked or full."""

    file: Path

    def prepare(self) -> None:
        """Make it, if it is not there, and see that it can be written to."""
        with self._reporting(), closing(self._plain()) as connection:
            # Held while the tables are made, so that of two processes only one makes them.
            connection.execute("BEGIN IMMEDIATE")
            if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                _create(connection)
            self._check(connection)
            connection.execute("COMMIT")
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode = WAL")

    @contextmanager
    def adding(self, entry: Entry) -> Iterator[str]:
        """Write a run and yield its GUID; it is there when the `with` is left without an error, else it never was."""
        from qcodes.dataset import new_data_set

        with self._reporting(), closing(self._connected()) as connection:
            with _writing(connection):
                experiment = _experiment(connection, entry)
                dataset = new_data_set(entry.name, experiment, conn=connection, in_memory_cache=False)
                _describe(dataset, entry)
                dataset.mark_started()
                dataset.add_results(entry.averages.rows)
                yield dataset.guid
            self._verify(dataset.table_name, entry.averages)
            with _writing(connection):
                dataset.mark_completed()

    def metadata(self, guid: str) -> dict[str, Any]:
        """The metadata of the run with this GUID."""
        with self._reporting(), closing(self._reader()) as reader:
            row = reader.execute("SELECT snapshot FROM runs WHERE guid = ?", (guid,)).fetchone()
        if row is None:
            raise DataFolderError(self.file, f"holds no run {guid}", "give a GUID from the blocks in a run.json")
        return dict(json.loads(row[0]))

    def _check(self, connection: sqlite3.Connection) -> None:
        from qcodes.dataset.sqlite.database import get_db_version_and_newest_available_version

        if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
            raise DataFolderError(self.file, "was not made by coldlink", f"move it away or {_ELSEWHERE}")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        _, known = get_db_version_and_newest_available_version(":memory:")
        if version > known:
            problem = f"is of version {version}, the installed QCoDeS knows {known} at most"
            raise DataFolderError(self.file, problem, f"update qcodes or {_ELSEWHERE}")

    def _verify(self, table: str, averages: Averages) -> None:
        """Count, through a connection of its own, what is really there: QCoDeS does not say when it wrote less."""
        columns = (*averages.axes, *averages.means)
        counts = ", ".join(f'count(results."{column.name}")' for column in columns)
        with closing(self._reader()) as reader:
            found = min(reader.execute(f'SELECT {counts} FROM "{table}" AS results').fetchone())
        if found != averages.points:
            problem = f"holds {found} of {averages.points} points of {table!r}"
            raise DataFolderError(self.file, problem, "check this disk before you go on")

    def _plain(self) -> sqlite3.Connection:
        return sqlite3.connect(self.file, timeout=PATIENCE, isolation_level=None)

    def _reader(self) -> sqlite3.Connection:
        return sqlite3.connect(f"{self.file.absolute().as_uri()}?mode=ro", uri=True, timeout=PATIENCE)

    def _connected(self) -> Any:
        from qcodes.dataset.sqlite.database import connect

        # QCoDeS puts the name into a URI as it is: a folder called `run #1` would be cut at its #.
        connection = connect(self.file.absolute().as_uri().removeprefix("file:"))
        connection.execute(f"PRAGMA busy_timeout = {int(PATIENCE * 1000)}")
        return connection

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        """Say in one error what went wrong; QCoDeS itself would log a traceback and print to standard output."""
        log = logging.getLogger("qcodes.dataset.sqlite.connection")
        before, log.disabled = log.disabled, True
        try:
            with redirect_stdout(sys.stderr):
                yield
        except (sqlite3.Error, RuntimeError) as error:
            cause = _cause(error)
            if cause is None:
                raise
            raise DataFolderError(self.file, *_fault(cause)) from error
        finally:
            log.disabled = before


@contextmanager
def _writing(connection: Any) -> Iterator[None]:
    """One transaction around all that QCoDeS does.

    QCoDeS begins its own as a reader, and such a one fails at once, without waiting, where another process wrote since.
    """
    connection.isolation_level = None
    connection.execute("BEGIN IMMEDIATE")
    connection.atomic_in_progress = True
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
    finally:
        connection.atomic_in_progress = False


def _create(connection: sqlite3.Connection) -> None:
    """QCoDeS's tables, within the transaction of `connection`; QCoDeS itself needs a dozen for it."""
    from qcodes.dataset.sqlite.database import connect

    with closing(connect(":memory:")) as draft:
        tables = draft.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        version = draft.execute("PRAGMA user_version").fetchone()[0]
    for (statement,) in tables:
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.execute(f"PRAGMA application_id = {APPLICATION}")


def _experiment(connection: Any, entry: Entry) -> int:
    """The id of the run's experiment."""
    from qcodes.dataset.experiment_container import Experiment

    query = "SELECT exp_id FROM experiments WHERE name = ? AND sample_name = ?"
    found = connection.execute(query, (entry.run, entry.station)).fetchone()
    return int(found[0] if found else Experiment(name=entry.run, sample_name=entry.station, conn=connection).exp_id)


def _describe(dataset: Any, entry: Entry) -> None:
    """Say which columns there are, what depends on what in which shape, and what goes with it all."""
    from qcodes.dataset.descriptions.dependencies import InterDependencies_

    axes = tuple(_parameter(column) for column in entry.averages.axes)
    means = [_parameter(column) for column in entry.averages.means]
    shapes = {mean.name: entry.averages.shape for mean in means}
    dataset.set_interdependencies(InterDependencies_(dependencies=dict.fromkeys(means, axes)), shapes)
    dataset.add_snapshot(json.dumps(entry.metadata, default=_plain))


def _parameter(column: Column) -> Any:
    from qcodes.parameters import ParamSpecBase

    return ParamSpecBase(column.name, column.kind, column.label, column.unit)


def _plain(value: Any) -> Any:
    """What JSON does not know: numbers and arrays of numpy, and paths, times and the like as text."""
    return value.tolist() if hasattr(value, "tolist") else str(value)


def _cause(error: BaseException | None) -> sqlite3.Error | None:
    """SQLite's own error, which QCoDeS wraps once for each transaction that it is in."""
    while error is not None and not isinstance(error, sqlite3.Error):
        error = error.__cause__
    return error


def _fault(error: sqlite3.Error) -> tuple[str, str]:
    """Problem and hint. The low byte of SQLite's code is the kind of fault."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    return _FAULTS.get(code, (f"cannot be used: {error}", _OTHER_FAULT))
