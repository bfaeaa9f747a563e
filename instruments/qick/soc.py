"""Soc: the object behind which a board is, found by its address."""

from typing import Any

from ...sequences.errors import ConnectionFailed

_REGISTERED: dict[str, Any] = {}


def register(name: str, soc: Any) -> None:
    """Let `inproc://name` mean `soc` in this process; None forgets it."""
    _REGISTERED[name] = soc


def connect(instrument: str, address: str) -> Any:
    """The soc at `inproc://NAME` (of this process) or `pyro://HOST:PORT/NAME`; ConnectionFailed if none is there."""
    scheme, _, place = address.partition("://")
    if scheme == "inproc":
        soc = _REGISTERED.get(place)
        if soc is None:
            raise ConnectionFailed({instrument: f"{address}: nothing of that name runs in this process"})
        return soc
    if scheme == "pyro":
        return _proxy(instrument, address, place)
    raise ConnectionFailed({instrument: f"{address}: write inproc://NAME or pyro://HOST:PORT/NAME"})


def _proxy(instrument: str, address: str, place: str) -> Any:
    host, _, rest = place.partition(":")
    port, _, name = rest.partition("/")
    try:
        from qick.pyro import make_proxy
    except ImportError:
        raise ConnectionFailed({instrument: f"{address}: needs Pyro4; pip install coldlink[pyro]"}) from None
    try:
        return make_proxy(ns_host=host, ns_port=int(port), proxy_name=name or "myqick")[0]
    except Exception as error:  # Pyro's own errors have no common base, and a board that is off raises any of them
        raise ConnectionFailed({instrument: f"{address}: {error}"}) from error
