"""Lanes: the master equation for many sweep points at once, eight to a register, to a requested error."""

from .signals import Signals
from .solver import LaneSolver
from .swept import Swept

__all__ = ["LaneSolver", "Signals", "Swept"]
