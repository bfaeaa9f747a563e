"""Store: every value that was ever calibrated, one line of JSON each; nothing in it is changed afterwards."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from math import isfinite
from pathlib import Path
from typing import Any, Final

from ..sequences.errors import DataFolderError
from .names import KINDS

FORMAT: Final = 1
FRESH, AGEING, STALE, FAILED, MISSING = "fresh", "ageing", "stale", "failed", "missing"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A calibrated value. time: When it was measured (s since 1970, of the setup's clock).

    task: That measured it. settings: At which it holds, by name (SI). cooldown, run, image_sha256: Where it comes from.
    """

    name: str
    value: float
    error: float
    unit: str
    time: float
    task: str
    settings: Mapping[str, float]
    cooldown: int
    run: str
    image_sha256: str

    def state(self, now: float) -> str:
        """fresh, ageing or stale, at the time `now` (s)."""
        age, lifetime = now - self.time, KINDS[self.name].lifetime
        return FRESH if age < lifetime / 2 else AGEING if age < lifetime else STALE


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A task that found nothing, and why. time: (s since 1970, of the setup's clock)."""

    task: str
    why: str
    time: float
    run: str


@dataclass(frozen=True)
class Records:
    """What a store holds at one moment, oldest first.

    damaged: Numbers (from 1) of lines that could not be read. unknown: Names that another version of coldlink
    calibrates, whose values are left out here.
    """

    entries: tuple[Entry, ...] = ()
    failures: tuple[Failure, ...] = ()
    damaged: tuple[int, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def latest(self) -> dict[str, Entry]:
        """The newest value of each name."""
        return {entry.name: entry for entry in self.entries}

    @property
    def values(self) -> dict[str, float]:
        """The newest numbers by name."""
        return {name: entry.value for name, entry in self.latest.items()}

    @property
    def errors(self) -> dict[str, float]:
        """Their standard errors."""
        return {name: entry.error for name, entry in self.latest.items()}

    def history(self, name: str) -> list[Entry]:
        """All values of `name`, oldest first."""
        return [entry for entry in self.entries if entry.name == name]

    def failed(self, task: str) -> Failure | None:
        """The task's last failure, unless it succeeded since."""
        succeeded = max((entry.time for entry in self.entries if entry.task == task), default=float("-inf"))
        last = [failure for failure in self.failures if failure.task == task and failure.time >= succeeded]
        return last[-1] if last else None


@dataclass(frozen=True)
class Store:
    """The file of one setup's calibrations."""

    file: Path

    @classmethod
    def within(cls, memory: Path) -> "Store":
        """The store in a setup's memory."""
        return cls(memory / "calibrations.jsonl")

    def append(self, records: Iterable[Entry | Failure]) -> None:
        """Write `records` behind the others, on the disk when this returns; DataFolderError if that cannot be."""
        lines = [_line(record) for record in records]
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self.file.open("ab") as stream:
                # A line that a crash tore ends here; what follows it must not become part of it.
                whole = not stream.tell() or self._ends_with_a_line()
                stream.write((b"" if whole else b"\n") + "".join(f"{line}\n" for line in lines).encode())
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            hint = "free some space or choose another folder with --data"
            raise DataFolderError(self.file, f"cannot be written: {error.strerror or error}", hint) from error

    def read(self) -> Records:
        """All that is held; a last line that a crash tore counts as not written.

        DataFolderError for a file that is not ours, or of a newer version.
        """
        try:
            *lines, _torn = self.file.read_bytes().split(b"\n")
        except FileNotFoundError:
            return Records()
        except OSError as error:
            raise DataFolderError(self.file, f"cannot be read: {error.strerror}", "restore it from a copy") from None
        records = {number: self._record(line) for number, line in enumerate(lines, start=1)}
        damaged = tuple(number for number, record in records.items() if record is None)
        if lines and len(damaged) == len(lines):
            raise DataFolderError(self.file, "holds no calibrations of coldlink", "restore it from a copy")
        entries = [record for record in records.values() if isinstance(record, Entry)]
        return Records(
            entries=tuple(entry for entry in entries if entry.name in KINDS),
            failures=tuple(record for record in records.values() if isinstance(record, Failure)),
            damaged=damaged,
            unknown=tuple(sorted({entry.name for entry in entries} - KINDS.keys())),
        )

    def _record(self, line: bytes) -> Entry | Failure | None:
        """What a line says; None if it is damaged."""
        try:
            content = dict(json.loads(line))
        except (ValueError, TypeError):
            return None
        version = content.pop("format", None)
        if isinstance(version, int) and version > FORMAT:
            problem = f"is of format {version}, this version of coldlink knows {FORMAT} at most"
            raise DataFolderError(self.file, problem, "use the coldlink that wrote it")
        kind = {"entry": Entry, "failure": Failure}.get(content.pop("kind", None))
        return _made(kind, content) if kind and version == FORMAT else None

    def _ends_with_a_line(self) -> bool:
        with self.file.open("rb") as stream:
            stream.seek(-1, os.SEEK_END)
            return stream.read(1) == b"\n"


def _line(record: Entry | Failure) -> str:
    return json.dumps({"format": FORMAT, "kind": type(record).__name__.lower(), **asdict(record)}, allow_nan=False)


def _made(kind: type[Entry] | type[Failure], content: dict[str, Any]) -> Entry | Failure | None:
    """The record, if every field is there and what is a number is finite."""
    if content.keys() != {field.name for field in fields(kind)}:
        return None
    for name in ("value", "error", "time"):
        number = content.get(name, 0.0)
        if isinstance(number, bool) or not isinstance(number, int | float) or not isfinite(number):
            return None
    return kind(**content)
