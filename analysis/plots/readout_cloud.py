"""Readout cloud: the points of each preparation with axis and threshold, and their histogram with the fit."""

import numpy as np
import plotly.graph_objects as go
import xarray as xr
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from ..discrimination import Discriminator, prepared_points
from ..preparation import Preparation
from .template import BLACK, BLUE, VERMILION, finished

_SHOWN = 1500
_COLOURS = {"g": BLUE, "e": VERMILION}
_SYMBOLS = {"g": "circle", "e": "diamond"}


def readout_cloud(data: xr.Dataset, node: str, discriminator: Discriminator, preparation: Preparation) -> go.Figure:
    """Figure of the readout calibration `data` of `node`, as `discriminate` takes it, with what it found."""
    figure = make_subplots(cols=2, column_widths=[0.45, 0.55], horizontal_spacing=0.12)
    for state, excited in zip("ge", preparation.mixing[1], strict=True):
        points = prepared_points(data, node, state)
        figure.add_trace(_points(points, state), row=1, col=1)
        for trace in _histogram(discriminator, discriminator.project(points), state, float(excited)):
            figure.add_trace(trace, row=1, col=2)
    _mark(figure, discriminator, np.concatenate([prepared_points(data, node, state)[:_SHOWN] for state in "ge"]))
    figure.update_xaxes(title_text="I (ADC)", col=1)
    figure.update_yaxes(title_text="Q (ADC)", scaleanchor="x", col=1)
    figure.update_xaxes(title_text="along the axis (ADC)", col=2)
    figure.update_yaxes(title_text="shots", type="log", exponentformat="power", dtick=1, col=2)
    title = f"Readout of {node}: clouds {discriminator.separation:.2f} sigma apart"
    return finished(figure, title, 450)


def _points(points: NDArray[np.float64], state: str) -> go.Scatter:
    marker = {"size": 4, "opacity": 0.35, "color": _COLOURS[state], "symbol": _SYMBOLS[state]}
    shown = points[:_SHOWN]
    return go.Scatter(x=shown[:, 0], y=shown[:, 1], mode="markers", marker=marker, name=f"prepared {state}")


def _histogram(
    discriminator: Discriminator, positions: NDArray[np.float64], state: str, excited: float
) -> list[go.Scatter]:
    """Counts as marks, the model as a line, for the preparation that starts in e with probability `excited`."""
    counts, edges = np.histogram(positions, bins=70)
    middle, fine = (edges[1:] + edges[:-1]) / 2, np.linspace(edges[0], edges[-1], 400)
    model = discriminator.density(fine, excited) * len(positions) * (edges[1] - edges[0])
    style = {"color": _COLOURS[state], "symbol": _SYMBOLS[state], "size": 6}
    hit, drawn = counts > 0, model > 0.3
    return [
        go.Scatter(
            x=middle[hit], y=counts[hit], mode="markers", marker=style, name=f"{state}, shots", showlegend=False
        ),
        go.Scatter(
            x=fine[drawn], y=model[drawn], mode="lines", line={"color": _COLOURS[state]}, name=f"fit to {state}"
        ),
    ]


def _mark(figure: go.Figure, discriminator: Discriminator, points: NDArray[np.float64]) -> None:
    """Axis and threshold through the clouds, the threshold in the histogram."""
    along = np.array([np.cos(discriminator.angle), np.sin(discriminator.angle)])
    across = np.array([-along[1], along[0]])
    height, reach = float(np.mean(points @ across)), 5 * discriminator.sigma
    ends = [discriminator.centre_g - reach, discriminator.centre_e + reach]
    axis = np.array([end * along + height * across for end in ends])
    cut = np.array([discriminator.threshold * along + (height + sign * reach) * across for sign in (-1, 1)])
    figure.add_trace(_line(axis, "dot", "axis"), row=1, col=1)
    figure.add_trace(_line(cut, "solid", "threshold"), row=1, col=1)
    figure.add_vline(discriminator.threshold, line={"color": BLACK, "width": 2}, row=1, col=2)


def _line(points: NDArray[np.float64], dash: str, name: str) -> go.Scatter:
    return go.Scatter(x=points[:, 0], y=points[:, 1], mode="lines", line={"color": BLACK, "dash": dash}, name=name)
