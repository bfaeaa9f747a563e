"""Sweeping: a function over many points, spread over processes or a cluster."""

from .sweep import sweep

__all__ = [
    "sweep",
]
