"""Lease: says that a process is still at work, and stops saying so in the instant it dies."""

import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

_PATIENCE = 5.0
"""How long a reader's glance may keep the owner waiting (s)."""


@dataclass
class Lease:
    """An exclusive lock on a file, held by the operating system for as long as this process lives.

    A process number can be reused and a heartbeat cannot tell a stopped process from a dead one. The lock is taken
    through SQLite, which does it the same way on Linux, macOS and Windows. OSError where the folder cannot lock.
    """

    file: Path
    _connection: sqlite3.Connection | None = field(default=None, init=False, repr=False)

    def take(self) -> None:
        """Hold the lease until `release`, or until this process ends in whatever way."""
        try:
            self._connection = sqlite3.connect(self.file, timeout=_PATIENCE, isolation_level=None)
            self._connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            self.release()
            raise OSError(0, f"no file can be locked here ({error})") from None

    def release(self) -> None:
        """Give the lease back."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def is_held(self) -> bool:
        """Whether a living process, this one or another, holds the lease."""
        if not self.file.is_file():
            return False
        reader = sqlite3.connect(f"{self.file.resolve().as_uri()}?mode=ro", uri=True, timeout=0, isolation_level=None)
        try:
            reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise OSError(0, f"cannot tell whether this run is alive ({error})") from None
            return True
        finally:
            reader.close()
        return False
