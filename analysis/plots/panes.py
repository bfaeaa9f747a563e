"""Panes: curves above one another, each pane with axes and levels of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from .template import BLUE, GREEN, GREY, ORANGE, VERMILION, finished
from .trace import Curve

_COLOURS = (BLUE, VERMILION, GREEN, ORANGE, "#CC79A7", "#56B4E9")
_DASHES = ("solid", "dash", "dot", "dashdot")


@dataclass(frozen=True, kw_only=True)
class Pane:
    """curves: In the units of the axes. levels: Horizontal lines by their names. marks: Upright lines by their names.
    y_range: What is shown, all of it if None.

    Curves of one colour belong together: `curves` of several groups, a group being told from another by its dash.
    """

    curves: Sequence[Sequence[Curve]]
    x_title: str
    y_title: str
    levels: Mapping[str, float] = field(default_factory=dict)
    marks: Mapping[str, float] = field(default_factory=dict)
    y_range: tuple[float, float] | None = None


def panes(shown: Sequence[Pane], title: str) -> go.Figure:
    """Figure of the panes, first on top; curves have their names above their pane."""
    figure = make_subplots(rows=len(shown), vertical_spacing=0.22 / len(shown))
    for row, pane in enumerate(shown, start=1):
        for group, curves in enumerate(pane.curves):
            for number, curve in enumerate(curves):
                colour, dash = _COLOURS[number % len(_COLOURS)], _DASHES[group % len(_DASHES)]
                figure.add_trace(_line(curve, colour, dash, f"legend{row if row > 1 else ''}"), row=row, col=1)
        for name, level in pane.levels.items():
            figure.add_hline(level, line=_THIN, annotation=_note(name), row=row, col=1)
        for name, mark in pane.marks.items():
            figure.add_vline(mark, line=_THIN, annotation=_note(name), row=row, col=1)
        figure.update_xaxes(title_text=pane.x_title, range=_breadth(pane), row=row, col=1)
        figure.update_yaxes(title_text=pane.y_title, range=pane.y_range, row=row, col=1)
    height = 110 + 370 * len(shown)
    figure = finished(figure, title, height)
    for row in range(1, len(shown) + 1):
        axis = figure.layout[f"yaxis{row if row > 1 else ''}"]
        place = {"x": 1.0, "xanchor": "right", "y": axis.domain[1], "yanchor": "bottom", "orientation": "h"}
        figure.update_layout({f"legend{row if row > 1 else ''}": place})
    return figure.update_layout(margin={"t": 100})


_THIN = {"color": GREY, "width": 1, "dash": "dot"}


def _line(curve: Curve, colour: str, dash: str, legend: str) -> go.Scatter:
    return go.Scatter(
        x=curve.x,
        y=curve.y,
        error_y=None if curve.error is None else {"array": curve.error, "color": colour, "thickness": 1.2},
        mode="lines" if len(curve.x) > 40 else "lines+markers",
        line={"color": colour, "width": 2.2, "dash": dash, "simplify": False},
        name=curve.name,
        legend=legend,
    )


def _breadth(pane: Pane) -> list[float]:
    """From the first to the last point, with room for marks."""
    ends = [float(end) for curves in pane.curves for curve in curves for end in (curve.x.min(), curve.x.max())]
    margin = 0.01 * (max(ends) - min(ends))
    return [min(ends) - margin, max(ends) + margin]


def _note(text: str) -> go.layout.Annotation:
    return go.layout.Annotation(text=text, font={"color": GREY, "size": 12})
