"""Measured echoes beside expected ones."""

import numpy as np

from coldlink.analysis.plots import Panel, echoes


def panel(name: str, *, passed: bool = True, windows: int = 1) -> Panel:
    expected = np.tile(np.arange(5) * (1 + 2j), (windows, 1))
    return Panel(name=name, passed=passed, period=1e-7, measured=expected + 0.1, expected=expected)


def test_every_panel_shows_points_and_the_lines_they_should_lie_on() -> None:
    figure = echoes([panel("one"), panel("three", windows=3), panel("other", passed=False)], "a cable")
    assert len(figure.data) == 3 * 4
    measured_i, measured_q, line_i, line_q = figure.data[4:8]
    assert [trace.mode for trace in figure.data[4:8]] == ["markers", "markers", "lines", "lines"]
    assert np.allclose(measured_i.x, np.arange(15) * 0.1)
    assert np.allclose(measured_i.y[5:10], np.arange(5) + 0.1)
    assert np.allclose(measured_q.y[5:10], np.arange(5) * 2)
    assert np.allclose(line_q.y[6:11], np.arange(5) * 2)
    assert np.isnan(line_i.y[5::6]).all()
    assert [trace.name for trace in figure.data if trace.showlegend is not False] == [
        "measured I",
        "measured Q",
        "twin",
    ]


def test_what_did_not_pass_is_named_so() -> None:
    figure = echoes([panel("one"), panel("other", passed=False)], "a cable")
    titles = [annotation.text for annotation in figure.layout.annotations]
    assert titles[0] == "one"
    assert "other: FAILED" in titles[1]
    assert len(figure.layout.shapes) == 0


def test_windows_are_told_apart_by_lines() -> None:
    figure = echoes([panel("three", windows=3)], "a cable")
    assert np.allclose([shape.x0 for shape in figure.layout.shapes], [0.5, 1.0])
