"""Averages: the mean I and Q at every point of a dataset's grid, as the columns of a database."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ...sequences.dataset import QUADRATURE, SHOT

_PARTS = ("i", "q")


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column. name: An identifier for Python and SQL. label: As the dataset has it. values: One for each point."""

    name: str
    label: str
    unit: str
    values: list[Any]

    @property
    def kind(self) -> str:
        """`text` or `numeric`, as QCoDeS calls it."""
        return "text" if isinstance(self.values[0], str) else "numeric"


@dataclass(frozen=True, kw_only=True)
class Averages:
    """shape: Of the grid. axes: Its coordinates. means: What was read at each of its points, the last axis fastest."""

    shape: tuple[int, ...]
    axes: tuple[Column, ...]
    means: tuple[Column, ...]

    @property
    def points(self) -> int:
        """Points of the grid."""
        return len(self.axes[0].values)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One row a point."""
        columns = (*self.axes, *self.means)
        names = [column.name for column in columns]
        return [dict(zip(names, row, strict=True)) for row in zip(*(column.values for column in columns), strict=True)]


def averages(data: xr.Dataset) -> Averages:
    """Averages over the shots of `data`, whose variables all span its whole grid; a NaN makes its point NaN.

    Data without an axis become a grid of one `point`, for QCoDeS and plottr show nothing that depends on nothing.
    """
    grid = tuple(str(name) for name in data.sizes if name not in (SHOT, QUADRATURE))
    shape = tuple(data.sizes[name] for name in grid) or (1,)
    means = tuple(
        Column(name=name, label=label, unit=unit, values=part.transpose(*grid).values.astype(float).ravel().tolist())
        for name, label, unit, part in _means(data)
    )
    return Averages(shape=shape, axes=_axes(data, grid, shape), means=means)


def _means(data: xr.Dataset) -> Iterator[tuple[str, str, str, xr.DataArray]]:
    """Name, label, unit and mean of each quadrature of each variable."""
    for key, variable in data.data_vars.items():
        unit, title = str(variable.attrs.get("units", "")), str(key).removesuffix(".iq")
        mean = variable.mean(SHOT, skipna=False, dtype=np.float64) if SHOT in variable.dims else variable
        if QUADRATURE not in variable.dims:
            yield _identifier(title), title, unit, mean
            continue
        for index, part in enumerate(_PARTS):
            yield _identifier(f"{title}_{part}"), f"{title} {part.upper()}", unit, mean.isel({QUADRATURE: index})


def _axes(data: xr.Dataset, grid: tuple[str, ...], shape: tuple[int, ...]) -> tuple[Column, ...]:
    if not grid:
        return (Column(name="point", label="point", unit="", values=[0.0]),)
    places = np.meshgrid(*(_coordinate(data, name) for name in grid), indexing="ij")
    return tuple(
        Column(
            name=_identifier(name),
            label=name,
            unit=str(data[name].attrs.get("units", "")) if name in data.coords else "",
            values=place.ravel().tolist(),
        )
        for name, place in zip(grid, places, strict=True)
    )


def _coordinate(data: xr.Dataset, name: str) -> NDArray[Any]:
    """Labels as text and everything else as floats; a dimension without a coordinate counts its places."""
    values = data[name].values
    return values.astype(str) if values.dtype.kind in "OSU" else values.astype(float)


def _identifier(text: str) -> str:
    """`text` as a name that QCoDeS may write into SQL without quotes."""
    name = re.sub(r"\W", "_", text)
    name = name if name.isidentifier() else f"_{name}"
    with closing(sqlite3.connect(":memory:")) as scratch:
        try:
            scratch.execute(f"CREATE TABLE results (id, {name})")
        except sqlite3.OperationalError:
            return f"{name}_"
    return name
