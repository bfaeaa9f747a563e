"""Occupancy: one command at a time works at a setup; whoever comes second is told who is there."""

import getpass
import json
import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from ..sequences.errors import DataFolderError, StationBusy
from .atomic import write_json
from .lease import Lease

_LOCK, _HOLDER = "occupied.lock", "occupied.json"


@dataclass
class Occupancy:
    """folder: The memory of the setup, which all who use it share; made if need be. name: Of the setup."""

    folder: Path
    name: str

    def __enter__(self) -> Self:
        self._lease = Lease(self.folder / _LOCK)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._refuse_second()
            self._lease.take()
        except OSError as error:
            # Of two that come at once, both have seen nobody; the one that was too late sees the other now.
            self._refuse_second()
            hint = "choose another folder with --data"
            raise DataFolderError(self.folder, f"cannot be locked: {error.strerror or error}", hint) from error
        started = datetime.now(UTC).isoformat(timespec="seconds")
        who = {"user": getpass.getuser(), "host": socket.gethostname(), "pid": os.getpid(), "since": started}
        write_json(self.folder / _HOLDER, who)
        return self

    def __exit__(self, *exception: object) -> None:
        self._lease.release()

    def _refuse_second(self) -> None:
        if self._lease.is_held():
            raise StationBusy(self.name, self._holder())

    def _holder(self) -> str:
        try:
            who = json.loads((self.folder / _HOLDER).read_text(encoding="utf-8"))
            return f"{who['user']} on {who['host']}, process {who['pid']}, since {who['since']}"
        except (OSError, ValueError, KeyError, TypeError):
            return "another process"
