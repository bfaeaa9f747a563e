"""Twins of what a link is made of: the board, the cryostat and its instruments."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .board import Boards, Cable, Loopback, SimulatedSoc

__all__ = ["Boards", "Cable", "Loopback", "SimulatedSoc"]


def __getattr__(name: str) -> Any:
    """Import the board only when it is used."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(".board", __name__), name)
