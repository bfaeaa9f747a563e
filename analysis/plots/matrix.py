"""Matrix: a heat map whose every cell also shows its number."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from .template import DIVERGING, finished


def matrices(
    panels: dict[str, NDArray[np.float64]], rows: Sequence[str], columns: Sequence[str], title: str, limit: float
) -> go.Figure:
    """Heat maps side by side, one for each of the real `panels` (title -> matrix), coloured from -limit to limit."""
    figure = make_subplots(cols=len(panels), subplot_titles=list(panels), horizontal_spacing=0.06)
    for column, matrix in enumerate(panels.values(), start=1):
        figure.add_trace(_heat_map(matrix, rows, columns, limit), row=1, col=column)
    figure.update_xaxes(showgrid=False, ticks="", showline=False, constrain="domain")
    figure.update_yaxes(showgrid=False, ticks="", showline=False, autorange="reversed", constrain="domain")
    for column in range(1, len(panels) + 1):
        figure.update_yaxes(scaleanchor=f"x{column if column > 1 else ''}", showticklabels=column == 1, col=column)
    figure.update_layout(coloraxis=_colours(limit))
    return finished(figure, title, 140 + 690 // len(panels))


def _heat_map(matrix: NDArray[np.float64], rows: Sequence[str], columns: Sequence[str], limit: float) -> go.Heatmap:
    return go.Heatmap(
        z=matrix,
        x=[f" {label} " for label in columns],
        y=[f" {label} " for label in rows],
        texttemplate="%{z:+.3f}",
        textfont={"size": 12},
        hovertemplate="%{y} %{x}: %{z:+.5f}<extra></extra>",
        coloraxis="coloraxis",
        xgap=2,
        ygap=2,
    )


def _colours(limit: float) -> dict[str, object]:
    bar = {"thickness": 12, "len": 0.9, "tickvals": [-limit, 0, limit], "outlinewidth": 0}
    return {"colorscale": [list(stop) for stop in DIVERGING], "cmin": -limit, "cmax": limit, "colorbar": bar}
