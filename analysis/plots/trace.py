"""Trace: measured points with error bars and the model through them."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from .template import BLACK, BLUE, VERMILION, finished

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Points of a curve in the units of the axes. error: Standard error of y; None draws a line without marks."""

    x: Array
    y: Array
    error: Array | None = None
    name: str


def trace(measured: Curve, model: Curve, title: str, x_title: str, y_title: str) -> go.Figure:
    """Figure of `measured` with error bars and `model` as a line; the axis titles name the units."""
    bars = None if measured.error is None else {"array": measured.error, "color": BLUE, "thickness": 1.2, "width": 2}
    figure = go.Figure()
    figure.add_trace(
        go.Scatter(x=model.x, y=model.y, mode="lines", line={"color": VERMILION, "width": 2.5}, name=model.name)
    )
    marks = {"color": BLUE, "size": 7, "line": {"color": BLACK, "width": 0.5}}
    figure.add_trace(
        go.Scatter(x=measured.x, y=measured.y, error_y=bars, mode="markers", marker=marks, name=measured.name)
    )
    figure.update_xaxes(title_text=x_title)
    figure.update_yaxes(title_text=y_title)
    return finished(figure, title, 430)
