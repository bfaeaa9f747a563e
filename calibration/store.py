"""Store: every value that was ever calibrated, one line of JSON each; nothing in it is changed afterwards."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from ..sequences.errors import DataFolderError
from .names import KINDS

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
    """What a store holds at one moment, oldest first."""

    entries: tuple[Entry, ...] = ()
    failures: tuple[Failure, ...] = ()

    @property
    def latest(self) -> dict[str, Entry]:
        """The newest value of each name."""
        return {entry.name: entry for entry in self.entries}

    @property
    def values(self) -> dict[str, float]:
        """The newest numbers by name."""
        return {name: entry.value for name, entry in self.latest.items()}

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

    def append(self, records: Iterable[Entry | Failure]) -> None:
        """Write `records` behind the others, on the disk when this returns; DataFolderError if that cannot be."""
        lines = [json.dumps({"kind": type(record).__name__.lower(), **asdict(record)}) for record in records]
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
        """All that is held; a line that a crash tore counts as not written. DataFolderError for a damaged file."""
        try:
            lines = self.file.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return Records()
        except (OSError, ValueError) as error:
            raise DataFolderError(self.file, f"cannot be read: {error}", "restore it from a copy") from None
        entries, failures = [], []
        for line in lines:
            record = _parsed(line)
            if isinstance(record, Entry):
                entries.append(record)
            elif record is not None:
                failures.append(record)
        return Records(tuple(entries), tuple(failures))

    def _ends_with_a_line(self) -> bool:
        with self.file.open("rb") as stream:
            stream.seek(-1, os.SEEK_END)
            return stream.read(1) == b"\n"


def _parsed(line: str) -> Entry | Failure | None:
    try:
        content = json.loads(line)
        kind = content.pop("kind")
        return Entry(**content) if kind == "entry" else Failure(**content)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
