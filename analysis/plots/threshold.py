"""Threshold: results with error bars against the value that they must exceed."""

from collections.abc import Mapping

import plotly.graph_objects as go

from ..bootstrap import Measured
from .template import BLACK, BLUE, GREEN, VERMILION, finished

_SYMBOLS = ("circle", "diamond", "square", "triangle-up")


def threshold(
    measured: Mapping[str, Measured], limit: float, title: str, limit_label: str, unit: str = ""
) -> go.Figure:
    """Figure of the `measured` values, one row each with its error bar and number, and a line at `limit`.

    unit: "%" shows values and limit in per cent.
    """
    scale = 100.0 if unit == "%" else 1.0
    figure = go.Figure()
    for row, (name, number) in enumerate(measured.items()):
        figure.add_trace(_mark(name, Measured(number.value * scale, number.error * scale), unit, row))
    figure.add_vline(limit * scale, line={"color": VERMILION, "width": 2.5, "dash": "dash"})
    figure.add_annotation(
        x=limit * scale,
        y=1.02,
        yref="paper",
        yanchor="bottom",
        text=limit_label,
        showarrow=False,
        font={"color": VERMILION},
    )
    figure.update_xaxes(range=_range([*measured.values()], limit, scale), ticksuffix=f" {unit}" if unit else "")
    figure.update_yaxes(showgrid=False, ticks="", range=[len(measured) - 0.6, -0.7])
    figure.update_layout(showlegend=False, margin={"l": 130})
    return finished(figure, title, 150 + 70 * len(measured))


def _mark(name: str, number: Measured, unit: str, row: int) -> go.Scatter:
    colour = (BLUE, GREEN, BLACK)[row % 3]
    return go.Scatter(
        x=[number.value],
        y=[name],
        error_x={"array": [number.error], "thickness": 2.5, "width": 9, "color": colour},
        mode="markers+text",
        marker={"size": 13, "color": colour, "symbol": _SYMBOLS[row % 4]},
        text=[f"<b>{number}{' ' + unit if unit else ''}</b>"],
        textposition="top center",
        textfont={"size": 16, "color": colour},
        cliponaxis=False,
    )


def _range(numbers: list[Measured], limit: float, scale: float) -> list[float]:
    """From a little below the lowest to a little above the highest of marks and limit."""
    low = min([limit, *(number.value - 2 * number.error for number in numbers)])
    high = max([limit, *(number.value + 2 * number.error for number in numbers)])
    margin = max(0.25 * (high - low), 0.04 * abs(limit))
    return [(low - margin) * scale, (high + margin) * scale]
