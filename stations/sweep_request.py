"""Sweep request: what `--sweep gap=0:30ns:16` asks for."""

import re
from dataclasses import dataclass

import numpy as np
import typer
from pydantic_core import PydanticCustomError

from .nearest import suggestion
from .plan import SWEPT
from .quantity import Quantity

MOST = 1_000_000
"""Points of a sweep."""
_FORM = "write NAME=START:STOP:COUNT, for example gap=0:30ns:16"


@dataclass(frozen=True)
class SweepRequest:
    """name: One of `SWEPT`. values: In SI. unit: SI, or empty."""

    name: str
    values: tuple[float, ...]
    unit: str

    @classmethod
    def parse(cls, text: str) -> "SweepRequest":
        """What `text` says, or BadParameter. A limit without a unit has that of the other one."""
        name, equals, rest = text.partition("=")
        parts = [part.strip() for part in rest.split(":")]
        if not equals or len(parts) != 3:
            raise typer.BadParameter(f"--sweep {text!r} is no sweep; {_FORM}")
        if name not in SWEPT:
            raise typer.BadParameter(f"--sweep: {name!r} cannot be swept; {suggestion(name, SWEPT)}")
        unit = SWEPT[name].unit
        start, stop = _limits(name, unit, parts[0], parts[1])
        if not re.fullmatch(r"\d+", parts[2]) or not 2 <= int(parts[2]) <= MOST:
            raise typer.BadParameter(f"--sweep: {parts[2]!r} is no number of points from 2 to {MOST}; {_FORM}")
        if start == stop:
            raise typer.BadParameter(f"--sweep: {name} begins and ends at {parts[0]!r}; give two different values")
        return cls(name, tuple(float(value) for value in np.linspace(start, stop, int(parts[2]))), unit)


def _limits(name: str, unit: str, first: str, second: str) -> tuple[float, float]:
    if not unit:
        return _number(name, first), _number(name, second)
    written = [text.lstrip("+-0123456789.").strip() for text in (first, second)]
    other = next((one for one in written if one), "")
    return _quantity(name, unit, first, other), _quantity(name, unit, second, other)


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if not np.isfinite(value):
        raise typer.BadParameter(f"--sweep: {text!r} is no number; {name} has no unit")
    return value


def _quantity(name: str, unit: str, text: str, other: str) -> float:
    """A limit in SI; one without unit has the `other` one's."""
    own = text.lstrip("+-0123456789.").strip()
    try:
        return Quantity(unit, "").parse(text if own else f"{text} {other}")
    except PydanticCustomError:
        problem = f"--sweep: {text!r} is no value of {name}; give a number with a unit of {unit}"
        raise typer.BadParameter(problem) from None
