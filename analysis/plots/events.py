"""Events: what every port of a board does over time, what is wrong with it marked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from .template import BLUE, VERMILION, finished


@dataclass(frozen=True, kw_only=True)
class Track:
    """One channel. starts, ends: Of its events (s). values: While an event lasts, in `unit`, 0 in between.

    notes: A text on each event, shown where the pointer is. shapes: Of each event values that divide its time evenly
    and stand in place of its one value; none: every event is a block.
    """

    name: str
    unit: str
    starts: NDArray[np.float64]
    ends: NDArray[np.float64]
    values: NDArray[np.float64]
    notes: Sequence[str]
    shapes: Sequence[NDArray[np.float64]] = ()


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Something wrong. track: Name of the port, None if it is no port's. time: (s). text: What is wrong."""

    track: str | None
    time: float
    text: str


def events(
    tracks: Sequence[Track],
    marks: Sequence[Mark] = (),
    *,
    title: str = "Events",
    view: tuple[float, float] | None = None,
) -> go.Figure:
    """Figure of the `tracks`, first on top; view: What is shown at first (s), all of it without one.

    Marks are crosses on their track, or dashed lines through all of them.
    """
    rows = max(len(tracks), 1)
    figure = make_subplots(rows=rows, shared_xaxes=True, vertical_spacing=min(0.015, 0.3 / rows))
    for row, track in enumerate(tracks, start=1):
        figure.add_trace(_blocks(track), row=row, col=1)
        figure.add_trace(_starts(track), row=row, col=1)
        figure.add_trace(_crosses(track, marks), row=row, col=1)
        figure.update_yaxes(range=_range(track), nticks=3, row=row, col=1)
        figure.add_annotation(_name(track), xref="paper", yref=f"y{row if row > 1 else ''} domain")
    for mark in marks:
        if mark.track is None:
            figure.add_vline(mark.time * 1e6, line={"color": VERMILION, "dash": "dash", "width": 1.5})
    if view is not None:
        figure.update_xaxes(range=[time * 1e6 for time in view])
    figure.update_xaxes(title_text="time (µs)", row=rows, col=1)
    figure.update_layout(showlegend=False, margin={"l": 240, "t": 70})
    return finished(figure, title, 150 + 62 * rows)


def _blocks(track: Track) -> go.Scatter:
    """Up and down again for each event; one that begins before the other has ended cuts it off."""
    stops = track.ends.copy()
    stops[:-1] = np.minimum(stops[:-1], track.starts[1:])
    times, values = [], []
    for start, end, stop, shape in zip(track.starts, track.ends, stops, _shapes(track), strict=True):
        parts = start + (end - start) / shape.size * np.arange(shape.size)
        kept = max(1, int(np.count_nonzero(parts < stop)))
        times += [*parts[:kept], stop]
        values += [*shape[:kept], 0.0]
    return go.Scatter(
        x=1e6 * np.array(times),
        y=np.array(values),
        mode="lines",
        line={"color": BLUE, "width": 1.5, "shape": "hv"},
        fill="tozeroy",
        fillcolor="rgba(0,114,178,0.18)",
        hoverinfo="skip",
        name=track.name,
    )


def _shapes(track: Track) -> Sequence[NDArray[np.float64]]:
    return track.shapes or list(track.values[:, None])


def _starts(track: Track) -> go.Scatter:
    return go.Scatter(
        x=track.starts * 1e6,
        y=np.array([shape[0] for shape in _shapes(track)]),
        mode="markers",
        marker={"color": BLUE, "size": 5},
        text=list(track.notes),
        hovertemplate="%{x:.4f} µs<br>%{text}<extra>%{fullData.name}</extra>",
        name=track.name,
    )


def _crosses(track: Track, marks: Sequence[Mark]) -> go.Scatter:
    mine = [mark for mark in marks if mark.track == track.name]
    times = np.array([mark.time for mark in mine])
    if times.size:
        at = np.clip(np.searchsorted(track.starts, times + 1e-12, side="right") - 1, 0, None)
        heights = track.values[at] if track.values.size else np.zeros_like(times)
    else:
        heights = times
    return go.Scatter(
        x=times * 1e6,
        y=heights,
        mode="markers",
        marker={"color": VERMILION, "size": 11, "symbol": "x"},
        text=[mark.text for mark in mine],
        hovertemplate="%{x:.4f} µs<br>%{text}<extra>hazard</extra>",
        name="hazard",
    )


def _name(track: Track) -> go.layout.Annotation:
    text = f"<b>{track.name}</b><br>{track.unit}"
    return go.layout.Annotation(text=text, x=0, y=0.5, xshift=-62, xanchor="right", align="right", showarrow=False)


def _range(track: Track) -> list[float]:
    """From a little below to a little above the values and zero."""
    low, high = min(0.0, *track.values.tolist(), 0.0), max(0.0, *track.values.tolist(), 0.0)
    margin = 0.15 * (high - low or 1.0)
    return [low - margin, high + margin]
