"""Soc: the object behind which a board is and the description of its firmware, found by the board's address."""

import os
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...sequences.errors import ConnectionFailed

TOKEN_FILE: Final = "COLDLINK_GATEWAY_TOKEN_FILE"
"""Environment variable that names the file with a gateway's token."""

_REGISTERED: dict[str, Any] = {}


@dataclass(frozen=True)
class Connection:
    """soc: What an unmodified `acquire()` drives. soccfg: Its firmware; behind a network that is another object."""

    soc: Any
    soccfg: Any


def register(name: str, soc: Any) -> None:
    """Let `inproc://name` mean `soc` in this process; None forgets it."""
    _REGISTERED[name] = soc


def connect(instrument: str, address: str, *, token_file: Path | None = None) -> Connection:
    """The board at `gateway://HOST:PORT`, `inproc://NAME` (of this process) or `pyro://HOST:PORT/NAME`.

    token_file: Holds a gateway's token; by default what COLDLINK_GATEWAY_TOKEN_FILE names. ConnectionFailed if no
    board is there.
    """
    scheme, _, place = address.partition("://")
    if scheme == "inproc":
        soc = _REGISTERED.get(place)
        if soc is None:
            raise ConnectionFailed({instrument: f"{address}: nothing of that name runs in this process"})
        return Connection(soc, soc)
    if scheme == "gateway":
        return _gateway(instrument, address, token_file)
    if scheme == "pyro":
        return _proxy(instrument, address, place)
    raise ConnectionFailed(
        {instrument: f"{address}: write gateway://HOST:PORT, inproc://NAME or pyro://HOST:PORT/NAME"}
    )


def _gateway(instrument: str, address: str, token_file: Path | None) -> Connection:
    # A station without a gateway loads nothing of it.
    from ..gateway import GatewaySoc
    from ..gateway.session import Door

    named = os.environ.get(TOKEN_FILE)
    file = Path(named) if token_file is None and named else token_file
    try:
        token = b"" if file is None else file.read_bytes().strip()
    except OSError as error:
        hint = f"correct the station's token file, or the environment variable {TOKEN_FILE}"
        raise ConnectionFailed({instrument: f"no token in {file}: {error.strerror}; {hint}"}) from error
    soc = GatewaySoc.open(Door(instrument, address, token=token))
    return Connection(soc, soc)


def _proxy(instrument: str, address: str, place: str) -> Connection:
    host, _, rest = place.partition(":")
    port, _, name = rest.partition("/")
    try:
        from Pyro4.errors import PyroError
        from qick.pyro import make_proxy
    except ImportError:
        raise ConnectionFailed({instrument: f"{address}: needs Pyro4; pip install coldlink[pyro]"}) from None
    try:
        # The vendor's function prints the nameserver's entries; standard output belongs to the program.
        with redirect_stdout(sys.stderr):
            return Connection(*make_proxy(ns_host=host, ns_port=int(port), proxy_name=name, remote_traceback=False))
    except (PyroError, OSError, ValueError) as error:
        hint = "is the address pyro://HOST:PORT/NAME, and the board's server running?"
        raise ConnectionFailed({instrument: f"{address}: {error}; {hint}"}) from error
