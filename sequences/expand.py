"""Expand the sweeps and choices of a sequence into its points: one plain list of elements each."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

from .dataset import QUADRATURE, SHOT
from .errors import SequenceError
from .sequence import Choose, Element, Sequence
from .sweep import Axis, Sweep


def axes(sequence: Sequence) -> tuple[Axis, ...]:
    """Dimensions of the data, in order of first use; SequenceError if one name means two things."""
    found: dict[str, Axis] = {}
    for axis in _axes(sequence):
        if axis.name in (SHOT, QUADRATURE):
            raise SequenceError(f"{axis.name} is a dimension that all data have; give the sweep another name")
        if found.setdefault(axis.name, axis) != axis:
            raise SequenceError(f"the dimension {axis.name} is used for two different sets of values; rename one")
    return tuple(found.values())


def points(sequence: Sequence) -> Iterator[tuple[Element, ...]]:
    """Elements of every point of the grid, last dimension fastest."""
    dimensions = axes(sequence)
    grid: list[tuple[float | str, ...]] = [axis.values for axis in dimensions]
    for values in itertools.product(*grid):
        chosen = dict(zip((axis.name for axis in dimensions), values, strict=True))
        yield tuple(_resolve(sequence, chosen))


def _axes(sequence: Sequence) -> Iterator[Axis]:
    for element in sequence.elements:
        if isinstance(element, Choose):
            yield Axis(element.name, tuple(label for label, _ in element.options))
            for _, option in element.options:
                yield from _axes(option)
        else:
            for sweep in _sweeps(element):
                yield Axis(sweep.name, sweep.values, sweep.unit)


def _sweeps(value: Any) -> Iterator[Sweep]:
    for field in fields(value):
        inner = getattr(value, field.name)
        if isinstance(inner, Sweep):
            yield inner
        elif hasattr(inner, "__dataclass_fields__"):
            yield from _sweeps(inner)


def _resolve(sequence: Sequence, chosen: Mapping[str, float | str]) -> Iterator[Element]:
    for element in sequence.elements:
        if isinstance(element, Choose):
            yield from _resolve(dict(element.options)[str(chosen[element.name])], chosen)
        else:
            yield _fix(element, chosen)


def _fix(value: Any, chosen: Mapping[str, float | str]) -> Any:
    """`value` with the chosen number in place of every sweep in it."""
    changed: dict[str, Any] = {}
    for field in fields(value):
        inner = getattr(value, field.name)
        if isinstance(inner, Sweep):
            changed[field.name] = chosen[inner.name]
        elif hasattr(inner, "__dataclass_fields__"):
            changed[field.name] = _fix(inner, chosen)
    return replace(value, **changed) if changed else value
