"""Soc: the object behind which a board is and the description of its firmware, found by the board's address."""

import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any

from ...sequences.errors import ConnectionFailed

_REGISTERED: dict[str, Any] = {}


@dataclass(frozen=True)
class Connection:
    """soc: What an unmodified `acquire()` drives. soccfg: Its firmware; behind a network that is another object."""

    soc: Any
    soccfg: Any


def register(name: str, soc: Any) -> None:
    """Let `inproc://name` mean `soc` in this process; None forgets it."""
    _REGISTERED[name] = soc


def connect(instrument: str, address: str) -> Connection:
    """The board at `inproc://NAME` (of this process) or `pyro://HOST:PORT/NAME`; ConnectionFailed if none is there."""
    scheme, _, place = address.partition("://")
    if scheme == "inproc":
        soc = _REGISTERED.get(place)
        if soc is None:
            raise ConnectionFailed({instrument: f"{address}: nothing of that name runs in this process"})
        return Connection(soc, soc)
    if scheme == "pyro":
        return _proxy(instrument, address, place)
    raise ConnectionFailed({instrument: f"{address}: write inproc://NAME or pyro://HOST:PORT/NAME"})


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
