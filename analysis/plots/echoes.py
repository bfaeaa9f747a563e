"""Echoes: measured traces of I and Q beside those that were expected, a panel for each probe."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from .template import BLACK, BLUE, GREY, ORANGE, VERMILION, finished

_COLUMNS: Final = 2
_PANEL: Final = 230
"""Height (px)."""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """name: Of the probe. passed: Whether it is as expected. period: Between samples (s).

    measured, expected: I + iQ, shape (windows, samples), in converter units; windows stand one after another.
    """

    name: str
    passed: bool
    period: float
    measured: NDArray[np.complex128]
    expected: NDArray[np.complex128]


def echoes(panels: Sequence[Panel], title: str) -> go.Figure:
    """Figure of the `panels`; those that did not pass say so in their title."""
    rows = max(1, -(-len(panels) // _COLUMNS))
    names = [_name(panel) for panel in panels]
    spacing = {"vertical_spacing": 0.3 / rows, "horizontal_spacing": 0.07}
    figure = make_subplots(rows=rows, cols=_COLUMNS, subplot_titles=names, **spacing)
    for n, panel in enumerate(panels):
        place = {"row": n // _COLUMNS + 1, "col": n % _COLUMNS + 1}
        figure.add_traces(_traces(panel, first=not n), rows=place["row"], cols=place["col"])
        for end in range(1, len(panel.measured)):
            middle = end * panel.measured.shape[1] * panel.period * 1e6
            figure.add_vline(middle, line={"color": GREY, "dash": "dot", "width": 1}, **place)
    for column in range(1, _COLUMNS + 1):
        figure.update_xaxes(title_text="listening time (µs)", row=rows, col=column)
    figure.update_yaxes(title_text="converter units", col=1)
    figure.update_layout(margin={"t": 110})
    figure = finished(figure, title, 140 + _PANEL * rows)
    return figure.update_layout(legend={"y": 1.0 + 40 / (_PANEL * rows)})


def _name(panel: Panel) -> str:
    return panel.name if panel.passed else f'<span style="color:{VERMILION}"><b>{panel.name}: FAILED</b></span>'


def _traces(panel: Panel, *, first: bool) -> list[Any]:
    """Points of what was measured, lines through what was expected, broken between windows."""
    width = panel.measured.shape[1]
    time = np.arange(panel.measured.size).reshape(-1, width) * panel.period * 1e6
    parts = panel.expected.real, panel.expected.imag
    lines = [_line(time, part, legend=first and not n) for n, part in enumerate(parts)]
    marks = [
        go.Scatter(
            x=time.ravel(),
            y=values.ravel(),
            mode="markers",
            marker={"color": colour, "size": 4},
            name=f"measured {quadrature}",
            legendgroup=quadrature,
            showlegend=first,
        )
        for quadrature, colour, values in (("I", BLUE, panel.measured.real), ("Q", ORANGE, panel.measured.imag))
    ]
    return [*marks, *lines]


def _line(time: NDArray[np.floating[Any]], values: NDArray[np.floating[Any]], *, legend: bool) -> go.Scatter:
    broken = np.pad(values, ((0, 0), (0, 1)), constant_values=np.nan)
    times = np.pad(time, ((0, 0), (0, 1)), mode="edge")
    style = {"color": BLACK, "width": 1.2}
    return go.Scatter(
        x=times.ravel(), y=broken.ravel(), mode="lines", line=style, name="twin", legendgroup="twin", showlegend=legend
    )
