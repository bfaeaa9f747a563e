"""Schedule: what every line plays, stacked over one time axis, the hot window shaded."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from .template import BLUE, VERMILION, finished


@dataclass(frozen=True, kw_only=True)
class Lane:
    """One line's waveform. times: Of the samples, each held until the next (s). values: As many, in `unit`."""

    name: str
    unit: str
    times: NDArray[np.float64]
    values: NDArray[np.float64]


def schedule(lanes: Sequence[Lane], hot_window: tuple[float, float] | None, title: str = "Schedule") -> go.Figure:
    """Figure of the `lanes`, first on top; hot_window: When the line is cut off from its cold load (s).

    The view opens on the hot window when that is a small part of the whole; a double click shows all.
    """
    figure = make_subplots(rows=len(lanes), shared_xaxes=True, vertical_spacing=0.015)
    for row, lane in enumerate(lanes, start=1):
        figure.add_trace(_waveform(lane), row=row, col=1)
        figure.update_yaxes(range=_range(lane), nticks=3, row=row, col=1)
        figure.add_annotation(_name(lane), xref="paper", yref=f"y{row if row > 1 else ''} domain")
    if hot_window is not None:
        _shade(figure, hot_window)
    figure.update_xaxes(range=_view(lanes, hot_window))
    figure.update_xaxes(title_text="time (ns)", row=len(lanes), col=1)
    figure.update_layout(showlegend=False, margin={"l": 190, "t": 95})
    return finished(figure, title, 160 + 72 * len(lanes))


def _waveform(lane: Lane) -> go.Scatter:
    return go.Scatter(
        x=lane.times * 1e9,
        y=lane.values,
        mode="lines",
        line={"color": BLUE, "width": 1.8, "shape": "hv"},
        fill="tozeroy",
        fillcolor="rgba(0,114,178,0.18)",
        name=lane.name,
        hovertemplate="%{x:.2f} ns: %{y:.4g} " + lane.unit + "<extra>%{fullData.name}</extra>",
    )


def _name(lane: Lane) -> go.layout.Annotation:
    text = f"<b>{lane.name}</b><br>{lane.unit}"
    return go.layout.Annotation(text=text, x=0, y=0.5, xshift=-62, xanchor="right", align="right", showarrow=False)


def _shade(figure: go.Figure, hot_window: tuple[float, float]) -> None:
    start, end = (time * 1e9 for time in hot_window)
    figure.add_vrect(start, end, fillcolor=VERMILION, opacity=0.13, line_width=0, row="all", col=1)
    figure.add_annotation(
        x=(start + end) / 2,
        y=1.0,
        yref="paper",
        yanchor="bottom",
        text=f"hot window, {end - start:.1f} ns: load closed, line warming",
        font={"color": VERMILION},
        showarrow=False,
    )


def _range(lane: Lane) -> list[float]:
    """From a little below to a little above the waveform and zero."""
    low, high = min(0.0, float(lane.values.min())), max(0.0, float(lane.values.max()))
    margin = 0.12 * (high - low or 1.0)
    return [low - margin, high + margin]


def _view(lanes: Sequence[Lane], hot_window: tuple[float, float] | None) -> list[float]:
    """What is shown at first (ns)."""
    start, end = min(lane.times.min() for lane in lanes), max(lane.times.max() for lane in lanes)
    if hot_window is not None and end - start > 5 * (hot_window[1] - hot_window[0]):
        margin = 0.7 * (hot_window[1] - hot_window[0])
        start, end = max(start, hot_window[0] - margin), min(end, hot_window[1] + margin)
    return [start * 1e9, end * 1e9]
