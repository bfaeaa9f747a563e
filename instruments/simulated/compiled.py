"""Compiled: functions of the processor's interpreter become machine code on their first call, and stay on disk."""

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

_F = TypeVar("_F", bound=Callable[..., Any])


def compiled(function: _F) -> _F:
    """Compile on the first call, and keep it on disk."""
    fast: _F = njit(cache=True)(function)
    return fast
