"""Budget: what each imperfection costs, as bars with their numbers, the largest on top."""

from collections.abc import Mapping

import plotly.graph_objects as go

from .template import BLUE, ORANGE, finished


def budget(costs: Mapping[str, tuple[float, float]], title: str) -> go.Figure:
    """Figure of `costs`: name -> what of the fidelity it costs, true and raw."""
    names = sorted(costs, key=lambda name: max(costs[name]))
    figure = go.Figure()
    for place, (label, colour, pattern) in enumerate((("raw", ORANGE, "/"), ("true", BLUE, ""))):
        values = [costs[name][1 - place] * 100 for name in names]
        figure.add_trace(
            go.Bar(
                y=names,
                x=values,
                orientation="h",
                name=label,
                marker={"color": colour, "pattern": {"shape": pattern}},
                text=[f" {value:.2f} " for value in values],
                textposition="outside",
                cliponaxis=False,
                hovertemplate="%{y}: %{x:.3f} %<extra>" + label + "</extra>",
            )
        )
    shown = [100 * value for pair in costs.values() for value in pair]
    lowest, highest = min([0.0, *shown]), max([0.0, *shown])
    margin = 0.13 * (highest - lowest or 1.0)
    limits = [lowest - margin if lowest < -margin / 10 else 0.0, highest + margin]
    figure.update_xaxes(title_text="gain in fidelity without it (%)", range=limits)
    figure.update_yaxes(automargin=True, ticksuffix=" ")
    figure.update_layout(barmode="group", bargap=0.25, legend={"traceorder": "reversed"})
    return finished(figure, title, 130 + 46 * len(names))
