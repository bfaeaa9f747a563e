"""The gateway between a PC and a QICK board; lazy, so that a station without one loads nothing of it."""

from importlib import import_module
from typing import Any, Final

_HOMES: Final = {"GatewaySoc": "client", "stop_board": "client"}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name in _HOMES:
        return getattr(import_module(f".{_HOMES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
