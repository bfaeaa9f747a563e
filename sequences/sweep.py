"""Sweep: a value that stands where a number would; its name is the dimension of the data."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

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
        if not np.all(np.isfinite(self.values)):
            raise SequenceError(f"sweep {self.name} holds a value that is not finite")


Number: TypeAlias = float | Sweep


@dataclass(frozen=True)
class Axis:
    """A dimension of the data: of a sweep (floats) or of a choice (labels)."""

    name: str
    values: tuple[float, ...] | tuple[str, ...]
    unit: str = ""
