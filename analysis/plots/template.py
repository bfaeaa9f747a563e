"""Template: the one look of all figures, legible at 900 px and safe for colour-blind eyes (Okabe and Ito)."""

from typing import Final

import plotly.graph_objects as go

BLACK: Final = "#1A1A1A"
GREY: Final = "#6B6B6B"
BLUE: Final = "#0072B2"
ORANGE: Final = "#E69F00"
GREEN: Final = "#009E73"
VERMILION: Final = "#D55E00"
DIVERGING: Final = ((0.0, VERMILION), (0.5, "#FFFFFF"), (1.0, BLUE))

_AXIS: Final = {
    "showline": True,
    "linecolor": GREY,
    "ticks": "outside",
    "tickcolor": GREY,
    "gridcolor": "#E6E6E6",
    "zeroline": False,
    "title": {"standoff": 8},
}
TEMPLATE: Final = go.layout.Template(
    layout={
        "font": {"family": "Helvetica, Arial, Liberation Sans, sans-serif", "size": 14, "color": BLACK},
        "title": {"x": 0.01, "xanchor": "left", "font": {"size": 18}},
        "paper_bgcolor": "white",
        "plot_bgcolor": "white",
        "colorway": [BLUE, VERMILION, GREEN, ORANGE, "#CC79A7", "#56B4E9"],
        "margin": {"l": 80, "r": 30, "t": 70, "b": 60},
        "xaxis": _AXIS,
        "yaxis": _AXIS,
        "legend": {"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 1.0, "xanchor": "right"},
        "hoverlabel": {"font": {"size": 13}},
    }
)


def finished(figure: go.Figure, title: str, height: int) -> go.Figure:
    """`figure` in the common look, `height` in px, as wide as its page."""
    return figure.update_layout(template=TEMPLATE, title={"text": title}, height=height, autosize=True)
