import numpy as np
import pytest
import xarray as xr

from coldlink.calibration.record.averages import averages


def test_each_quadrature_of_each_node_is_a_mean_over_the_shots(block):
    table = averages(block)
    assert [column.name for column in table.means] == ["a_i", "a_q", "b_i", "b_q"]
    assert [(column.label, column.unit) for column in table.means][:2] == [("a I", "ADC"), ("a Q", "ADC")]
    expected = block["b.iq"].values.astype(float).mean(axis=2)
    for quadrature in (0, 1):
        np.testing.assert_allclose(table.means[2 + quadrature].values, expected[..., quadrature].ravel(), rtol=1e-12)


def test_the_grid_is_the_datasets_with_labels_as_text_and_the_last_axis_fastest(block):
    table = averages(block)
    prepared, wait = table.axes
    assert (table.shape, table.points, len(table.rows)) == ((4, 5), 20, 20)
    assert (prepared.kind, wait.kind, wait.unit) == ("text", "numeric", "s")
    assert table.rows[6]["prepared"] == "ge"
    assert table.rows[6]["wait"] == pytest.approx(2.5e-7)
    assert table.rows[6]["a_q"] == table.means[1].values[6]


def test_a_mean_over_many_shots_does_not_drift_with_single_precision():
    shots = np.full((1, 300_000, 2), 16_777.3, np.float32)
    data = xr.Dataset({"a.iq": (("wait", "shot", "quadrature"), shots)}, {"wait": [0.0]})
    assert averages(data).means[0].values[0] == pytest.approx(float(np.float32(16_777.3)), rel=1e-12)


def test_a_shot_that_is_no_number_shows_in_the_mean(block):
    block["a.iq"][0, 0, 3, 0] = np.nan
    i, q, *_ = averages(block).means
    assert np.isnan(i.values[0])
    assert not np.isnan([*i.values[1:], *q.values]).any()


def test_data_without_an_axis_are_one_point(make_block):
    table = averages(make_block({}))
    assert (table.shape, [axis.name for axis in table.axes], len(table.rows)) == ((1,), ["point"], 1)


@pytest.mark.parametrize("name", ["a.flux.bias", "order", "id", "select", "3rd", "frequency (Hz)"])
def test_any_dimension_becomes_a_name_that_sql_takes_and_keeps_its_label(make_block, recorder, archive, name):
    data = make_block({name: ([1.0, 2.0], "V")})
    (axis,) = averages(data).axes
    assert axis.name.isidentifier()
    assert (axis.label, axis.unit) == (name, "V")
    xr.testing.assert_identical(archive.load(recorder.keep("scan", data, {})), data)
