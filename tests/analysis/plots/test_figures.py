"""What the figures show, read from the figures themselves."""

import numpy as np
import pytest

from coldlink.analysis import Measured, discriminate
from coldlink.analysis.plots import (
    TEMPLATE,
    Curve,
    Lane,
    Mark,
    Track,
    density_matrix,
    events,
    process_matrix,
    readout_cloud,
    schedule,
    threshold,
    trace,
)

TIMES = np.arange(0, 4e-6, 1e-9)


def lane(name, start, end):
    return Lane(name=name, unit="full scale", times=TIMES, values=np.where((start <= TIMES) & (end > TIMES), 0.4, 0.0))


def shown(figure):
    """The figure as it would be written: whatever plotly cannot write fails here."""
    assert figure.layout.template.layout.to_plotly_json() == TEMPLATE.layout.to_plotly_json()
    return figure.to_html(include_plotlyjs=False)


def test_a_density_matrix_shows_both_parts_and_the_ideal():
    matrix = np.array([[0.6, 0.2 - 0.1j], [0.2 + 0.1j, 0.4]])
    figure = density_matrix(matrix, "state", ideal=np.eye(2) / 2)
    real, imaginary, ideal = (np.array(panel.z) for panel in figure.data)
    assert np.array_equal(real + 1j * imaginary, matrix)
    assert np.array_equal(ideal, np.eye(2) / 2)
    assert [panel.texttemplate for panel in figure.data] == ["%{z:+.3f}"] * 3
    assert "state" in shown(figure)


def test_a_process_matrix_stands_beside_the_ideal():
    figure = process_matrix(np.diag([1, 0.5, 0.5, 0.3]), np.eye(4), "transfer")
    assert [np.trace(panel.z) for panel in figure.data] == pytest.approx([2.3, 4])
    assert [note.text for note in figure.layout.annotations] == ["measured", "ideal"]
    assert (figure.layout.coloraxis.cmin, figure.layout.coloraxis.cmax) == (-1, 1)


def test_clouds_are_drawn_with_threshold_and_a_fit_that_counts_all_shots(readout_4k, calibrate, generator):
    data = calibrate(generator, {"a": readout_4k}, ["g", "e"], 4000)
    found = discriminate(data, "a", readout_4k.preparation, 4.14e-6, t1=15e-6)
    figure = readout_cloud(data, "a", found, readout_4k.preparation)
    counted = [sum(line.y) for line in figure.data if line.name in ("g, shots", "e, shots")]
    assert counted == [4000, 4000]
    assert figure.layout.shapes[0].x0 == found.threshold
    assert {"axis", "threshold", "fit to g", "fit to e"} <= {line.name for line in figure.data}
    shown(figure)


def test_a_trace_has_error_bars_and_a_model():
    x = np.linspace(0, 300, 11)
    measured = Curve(x=x, y=np.sin(x), error=np.full(11, 0.1), name="measured")
    figure = trace(measured, Curve(x=x, y=np.cos(x), name="model"), "radiometry", "time (ns)", "P(1)")
    points = next(line for line in figure.data if line.name == "measured")
    assert points.error_y.array == pytest.approx(np.full(11, 0.1))
    assert points.mode == "markers"
    assert next(line for line in figure.data if line.name == "model").mode == "lines"


def test_results_stand_against_a_labelled_threshold():
    numbers = {"raw": Measured(0.585, 0.004), "corrected": Measured(0.675, 0.006)}
    figure = threshold(numbers, 0.5, "Process fidelity", "classical limit 50 %", "%")
    assert [mark.text[0] for mark in figure.data] == ["<b>58.5(4) %</b>", "<b>67.5(6) %</b>"]
    assert [mark.error_x.array[0] for mark in figure.data] == pytest.approx([0.4, 0.6])
    assert figure.layout.shapes[0].x0 == 50
    assert figure.layout.annotations[0].text == "classical limit 50 %"
    low, high = figure.layout.xaxis.range
    assert low < 50 < 67.5 < high


@pytest.mark.parametrize(("value", "limit"), [(0.5, 0.5), (0.0, 2.0), (-1.0, 0.0)])
def test_threshold_and_mark_are_always_in_view(value, limit):
    low, high = threshold({"raw": Measured(value, 0.0)}, limit, "S", "limit").layout.xaxis.range
    assert low < min(value, limit)
    assert max(value, limit) < high


def test_a_schedule_opens_on_the_shaded_hot_window():
    figure = schedule([lane("a.drive", 0, 40e-9), lane("b.readout", 200e-9, 4e-6)], (60e-9, 170e-9))
    assert [line.name for line in figure.data] == ["a.drive", "b.readout"]
    assert all(line.line.shape == "hv" for line in figure.data)
    assert [(shape.x0, shape.x1) for shape in figure.layout.shapes] == [pytest.approx((60, 170))] * 2
    assert any("hot window, 110.0 ns" in note.text for note in figure.layout.annotations)
    assert figure.layout.xaxis.range == pytest.approx((0, 247))
    shown(figure)


def test_a_schedule_without_a_hot_window_shows_all():
    figure = schedule([lane("a.drive", 0, 40e-9)], None)
    assert not figure.layout.shapes
    assert figure.layout.xaxis.range == pytest.approx((0, TIMES[-1] * 1e9))


def test_events_are_blocks_with_their_hazards_as_crosses():
    starts = np.array([1e-6, 2e-6, 3e-6])
    track = Track(
        name="wave 0",
        unit="gain word",
        starts=starts,
        ends=starts + np.array([2e-7, 2e-6, 2e-7]),
        values=np.array([100.0, 200.0, -50.0]),
        notes=["first", "second", "third"],
    )
    marks = [Mark(track="wave 0", time=2e-6, text="late"), Mark(track=None, time=2.5e-6, text="stale")]
    figure = events([track], marks, title="program", view=(0.0, 5e-6))
    blocks, begun, crosses = figure.data
    assert blocks.x == pytest.approx([1, 1.2, 2, 3, 3, 3.2])
    assert blocks.y == pytest.approx([100, 0, 200, 0, -50, 0])
    assert list(begun.text) == ["first", "second", "third"]
    assert (crosses.x[0], crosses.y[0], crosses.text[0]) == (pytest.approx(2.0), 200, "late")
    assert figure.layout.shapes[0].x0 == pytest.approx(2.5)
    assert list(figure.layout.xaxis.range) == pytest.approx([0, 5])
    assert "program" in shown(figure)


def test_a_program_without_events_has_an_empty_figure():
    assert "nothing" in shown(events([], title="nothing"))
