"""Sweep: a value that stands where a number would; its name is the dimension of the data."""

import math
from dataclasses import dataclass
from typing import TypeAlias

from .errors import SequenceError


@dataclass(frozen=True)
class Sweep:
    """Values taken one after the other within each shot loop.

    name: Dimension of the dataset. values: In SI. unit: For the axis of a figure.
    """

    name: str
    values: tuple[float, ...]
    unit: str = ""

    def __post_init__(self) -> None:
        if not self.values:
            raise SequenceError(f"sweep {self.name} has no values; give at least one")
        if not all(math.isfinite(value) for value in self.values):
            raise SequenceError(f"sweep {self.name} holds a value that is not finite; take it out")


Number: TypeAlias = float | Sweep


def resolved(value: Number) -> float:
    """`value` as a number; SequenceError if it is still a sweep, or not finite."""
    if isinstance(value, Sweep):
        raise SequenceError(f"sweep {value.name} stands where one number is needed; give one of its values")
    if not math.isfinite(value):
        raise SequenceError(f"{value} stands where a finite number is needed; correct it")
    return float(value)


@dataclass(frozen=True)
class Axis:
    """A dimension of the data: of a sweep (floats) or of a choice (labels)."""

    name: str
    values: tuple[float, ...] | tuple[str, ...]
    unit: str = ""
