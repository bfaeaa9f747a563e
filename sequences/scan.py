"""Scan: sequences played one after the other, each at static settings of its own; the host steps, not the board."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import product

from .errors import SequenceError
from .sequence import Sequence
from .setting import Setting
from .sweep import Sweep


@dataclass(frozen=True, kw_only=True)
class Point:
    """What is played at one place of a scan. settings: What is brought to which value before (in its unit)."""

    sequence: Sequence
    settings: Mapping[Setting, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Scan:
    """Points of a grid. axes: Its dimensions. points: One for each place, the last axis fastest."""

    axes: tuple[Sweep, ...]
    points: tuple[Point, ...]

    def __post_init__(self) -> None:
        places = 1
        for axis in self.axes:
            places *= len(axis.values)
        if places != len(self.points):
            raise SequenceError(f"a scan over {places} places has {len(self.points)} points; give one for each")

    @classmethod
    def of(cls, sequence: Sequence) -> "Scan":
        """One sequence, at the settings as they are."""
        return cls(axes=(), points=(Point(sequence=sequence),))

    @classmethod
    def over(cls, axes: tuple[Sweep, ...], point: Callable[..., Point]) -> "Scan":
        """`point` of the values of each axis, for every place of the grid."""
        return cls(axes=axes, points=tuple(point(*values) for values in product(*(axis.values for axis in axes))))
