"""Serving: a twin as a process of its own, and the station folder with which others use it like any cryostat."""

import os
import secrets
import shutil
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final

from ruamel.yaml import YAML

from ..instruments.gateway.server import Gateway
from ..instruments.qick.soc import connect
from ..instruments.simulated.fridge import ScpiServer
from ..instruments.simulated.fridge.timekeeper import Timekeeper
from ..sequences.errors import DataFolderError, StationError
from .atomic import replacing, write_text
from .declaration import declaration
from .equipment import BOARD
from .equipment import FILE as INSTRUMENTS
from .occupancy import Occupancy
from .policy import FILE as POLICY
from .twin import Twin

HOST: Final = "127.0.0.1"
TOKEN: Final = "gateway.token"
SILENCE: Final = 30.0
"""After which a client that says nothing is given up (s)."""
CLOCK: Final = "clock"
_LINK: Final = "link.yaml"
_MARK: Final = "# Written by `coldlink twin serve` for its clients."
"""First line of a served station's policy."""
_TURN: Final = 0.5
"""Between two looks for an interrupt (s): a wait without an end hears none on Windows."""


@dataclass(frozen=True)
class ServedTwin:
    """The twin in `folder`, of `seed`. memory: Keeps its world. place: Where the clients' station folder is written."""

    folder: Path
    seed: int | None
    memory: Path
    place: Path

    def run(self, ready: Callable[[Mapping[str, str]], None]) -> None:
        """Serve until someone interrupts or ends the process. ready: Told where everything answers, once it does.

        StationError if the station is no twin; DataFolderError where the folder cannot be written.
        """
        if not (self.folder / "truth.yaml").is_file():
            raise StationError(self.folder, "is no twin", hint="only a station with a truth.yaml can be served")
        self._check_place()
        with ExitStack() as serving:
            serving.enter_context(Occupancy(self.memory, self.folder.name))
            twin = Twin.build(self.folder, declaration(self.folder), self.seed, self.memory)
            serving.callback(twin.close)
            twin.open()
            clock = serving.enter_context(ScpiServer({CLOCK: Timekeeper(twin.cryostat.clock)}))
            token = secrets.token_hex(32)
            board = serving.enter_context(_gateway(connect(BOARD, twin.board).soc, token))
            addresses = {**twin.addresses, BOARD: board, **clock.addresses}
            self._write(token, addresses)
            stopped = Event()
            signal.signal(signal.SIGTERM, lambda *_: stopped.set())
            ready(addresses)
            while not stopped.wait(_TURN):
                pass

    def _check_place(self) -> None:
        """Nobody's own station is written over."""
        there = [file for file in (INSTRUMENTS, _LINK, POLICY) if (self.place / file).exists()]
        policy = self.place / POLICY
        if there and not (policy.is_file() and policy.read_text("utf-8", "replace").startswith(_MARK)):
            problem = f"holds {there[0]} of a station that nobody serves, which would be written over"
            raise DataFolderError(self.place, problem, "choose another folder with --into")

    def _write(self, token: str, addresses: Mapping[str, str]) -> None:
        """The station as its clients see it: the same design and policy, other addresses, and no truth."""
        try:
            self.place.mkdir(parents=True, exist_ok=True)
            _write_secret(self.place / TOKEN, token)
            shutil.copyfile(self.folder / _LINK, self.place / _LINK)
            policy = (self.folder / POLICY).read_text(encoding="utf-8").rstrip("\n")
            write_text(self.place / POLICY, f"{_MARK}\n{policy}\n{CLOCK}: {addresses[CLOCK]}\n")
            yaml = YAML()
            declared = yaml.load((self.folder / INSTRUMENTS).read_text(encoding="utf-8"))
            _move(declared["instruments"], addresses)
            with replacing(self.place / INSTRUMENTS) as draft:
                yaml.dump(declared, draft)
        except OSError as error:
            hint = "choose another folder with --into"
            raise DataFolderError(self.place, f"cannot be written: {error.strerror or error}", hint) from error


def _move(instruments: dict[str, Any], addresses: Mapping[str, str]) -> None:
    for name, section in instruments.items():
        if name in addresses:
            section["address"] = addresses[name]
    instruments[BOARD]["init"] = {**instruments[BOARD].get("init", {}), "token_file": TOKEN}


def _write_secret(file: Path, token: str) -> None:
    """For the eyes of this user alone, from its first byte on."""
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(token + "\n")


@contextmanager
def _gateway(soc: Any, token: str) -> Iterator[str]:
    """Serve `soc` on a free port; its address."""
    with socket.create_server((HOST, 0)) as listener:
        gateway = Gateway(soc, token.encode("ascii"), SILENCE)
        serving = Thread(target=gateway.serve, args=(listener,), name="gateway", daemon=True)
        serving.start()
        try:
            yield f"gateway://{HOST}:{listener.getsockname()[1]}"
        finally:
            gateway.end()
            serving.join()
