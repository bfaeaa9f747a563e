"""Fits to clouds that were drawn jump by jump."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from coldlink.analysis import Discriminator, Preparation, discriminate, outcome_counts, readout_errors
from coldlink.sequences.errors import FitRejected

WINDOW = 4.14e-6


@pytest.mark.parametrize(("name", "shots"), [("readout_4k", 20_000), ("readout_1k", 20_000)])
def test_the_clouds_are_recovered_within_their_errors(name, shots, calibrate, generator, request):
    truth = request.getfixturevalue(name)
    data = calibrate(generator, {"a": truth}, ["g", "e"], shots)
    found = discriminate(data, "a", truth.preparation, WINDOW, t1=20e-6)
    for quantity in ("centre_g", "centre_e", "sigma", "jumps"):
        deviation = getattr(found, quantity) - getattr(truth, quantity)
        assert abs(deviation) < 3.5 * found.errors[quantity], quantity
        assert found.errors[quantity] < 0.15 * getattr(truth, quantity), quantity
    assert found.angle == pytest.approx(truth.angle, abs=0.02)
    assert found.threshold == (found.centre_g + found.centre_e) / 2


def test_errors_of_the_fit_are_its_scatter(readout_4k, calibrate, generator):
    fits = []
    for _ in range(60):
        data = calibrate(generator, {"a": readout_4k}, ["g", "e"], 3000)
        fits.append(discriminate(data, "a", readout_4k.preparation, WINDOW, t1=15e-6))
    for quantity in ("centre_e", "sigma", "jumps"):
        pulls = [(getattr(fit, quantity) - getattr(readout_4k, quantity)) / fit.errors[quantity] for fit in fits]
        assert abs(np.mean(pulls)) < 0.6
        assert 0.65 < np.std(pulls) < 1.4


def test_readout_errors_come_out_without_preparation_and_thermal_population(readout_4k, calibrate, generator):
    data = calibrate(generator, {"a": readout_4k}, ["g", "e"], 40_000)
    found = discriminate(data, "a", readout_4k.preparation, WINDOW, t1=15e-6)
    counts = outcome_counts(data, {"a": found}).values
    errors = readout_errors(counts, readout_4k.preparation)
    assert errors.p10.value == pytest.approx(0.055, abs=3 * errors.p10.error + 0.0005)
    assert errors.p01.value == pytest.approx(0.164, abs=3 * errors.p01.error + 0.0005)
    frequencies = counts / counts.sum(-1, keepdims=True)
    assert frequencies[0, 1] == pytest.approx(0.071, abs=0.005)
    assert frequencies[1, 0] == pytest.approx(0.184, abs=0.007)


def test_a_short_window_and_a_long_lifetime_read_well(readout_1k, calibrate, generator):
    data = calibrate(generator, {"a": readout_1k}, ["g", "e"], 40_000)
    found = discriminate(data, "a", readout_1k.preparation, 0.43e-6, t1=30e-6)
    errors = readout_errors(outcome_counts(data, {"a": found}).values, readout_1k.preparation)
    assert errors.p10.value == pytest.approx(0.005, abs=3 * errors.p10.error + 0.0005)
    assert errors.p01.value == pytest.approx(0.012, abs=3 * errors.p01.error + 0.0005)


def test_each_of_two_nodes_is_found_in_the_joint_calibration(readout_4k, readout_1k, calibrate, generator):
    truths = {"a": readout_4k, "b": readout_1k}
    data = calibrate(generator, truths, ["gg", "ge", "eg", "ee"], 6000)
    for node, truth in truths.items():
        found = discriminate(data, node, truth.preparation, WINDOW, t1=15e-6)
        assert abs(found.centre_e - truth.centre_e) < 3.5 * found.errors["centre_e"]
        assert found.angle == pytest.approx(truth.angle, abs=0.03)


def test_the_density_of_the_model_is_normalised(readout_4k):
    model = Discriminator(angle=0, centre_g=-3, centre_e=2, sigma=1.1, jumps=0.8, residual=0.1)
    x = np.linspace(-20, 20, 20_001)
    for excited in (0.0, 0.3, 1.0):
        assert np.trapezoid(model.density(x, excited), x) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("excited", [False, True])
def test_heating_and_decay_pull_the_means_as_they_do_shot_by_shot(excited, readout_4k, generator):
    """Both clouds move towards each other; jumping back, second order in jumps, is what the model leaves out."""
    truth = replace(readout_4k, preparation=Preparation(0.2), jumps=0.2)
    model = Discriminator(
        angle=truth.angle, centre_g=truth.centre_g, centre_e=truth.centre_e, sigma=truth.sigma, jumps=0.2, residual=0.2
    )
    x = np.linspace(-300, 600, 20_001)
    predicted = np.trapezoid(x * model.density(x, float(excited)), x)
    drawn = model.project(truth.iq(generator, np.full(200_000, excited))).mean()
    unmoved = truth.centre_e if excited else truth.centre_g
    assert abs(drawn - unmoved) > 1.4
    assert predicted == pytest.approx(drawn, abs=0.35)


def test_states_are_zero_on_the_side_of_g():
    model = Discriminator(angle=np.pi, centre_g=1, centre_e=3, sigma=0.5, jumps=0.1)
    states = model.states(np.array([[-1.0, 7.0], [-3.0, 7.0], [-1.9, 0.0], [-2.1, 0.0]]))
    assert states.dtype == np.int8
    assert states.tolist() == [0, 1, 0, 1]


def test_noise_alone_is_rejected(readout_4k, calibrate, generator):
    data = calibrate(generator, {"a": readout_4k}, ["g", "g"], 2000).assign_coords(prepared=["g", "e"])
    with pytest.raises(FitRejected, match="apart"):
        discriminate(data, "a", readout_4k.preparation, WINDOW, t1=15e-6)


def test_clouds_closer_than_their_width_are_rejected(calibrate, generator, readout_4k):
    truth = replace(readout_4k, separation=0.7, jumps=0.05)
    data = calibrate(generator, {"a": truth}, ["g", "e"], 20_000)
    with pytest.raises(FitRejected, match=r"sigma apart, 1 is the least; read out longer"):
        discriminate(data, "a", truth.preparation, WINDOW, t1=15e-6)


def test_a_third_cloud_is_rejected(readout_1k, calibrate, generator):
    data = calibrate(generator, {"a": readout_1k}, ["g", "e"], 10_000)
    data["a.iq"][1, :2000] = data["a.iq"].values[1, :2000] + 300 * np.array([np.cos(-0.7), np.sin(-0.7)])
    with pytest.raises(FitRejected, match="third state"):
        discriminate(data, "a", readout_1k.preparation, WINDOW, t1=15e-6)


def test_a_wrong_residual_population_is_rejected(readout_1k, calibrate, generator):
    data = calibrate(generator, {"a": readout_1k}, ["g", "e"], 20_000)
    with pytest.raises(FitRejected, match="residual population"):
        discriminate(data, "a", Preparation(0.1), WINDOW, t1=15e-6)


def test_what_is_no_readout_calibration_is_refused(readout_4k, calibrate, generator):
    data = calibrate(generator, {"a": readout_4k}, ["g", "e"], 100)
    arguments = {"preparation": readout_4k.preparation, "window": WINDOW, "t1": 15e-6}
    with pytest.raises(FitRejected, match=r"no b\.iq; it has a\.iq"):
        discriminate(data, "b", **arguments)
    with pytest.raises(FitRejected, match="not finite"):
        discriminate(data * np.nan, "a", **arguments)
    with pytest.raises(FitRejected, match="single shots"):
        discriminate(data.mean("shot"), "a", **arguments)
    with pytest.raises(FitRejected, match="prepared, shot, quadrature"):
        discriminate(data.rename(prepared="state"), "a", **arguments)
    with pytest.raises(FitRejected, match="one letter for each"):
        discriminate(data.assign_coords(prepared=["gg", "ge"]), "a", **arguments)
    with pytest.raises(FitRejected, match="never prepared in e"):
        discriminate(data.assign_coords(prepared=["g", "f"]), "a", **arguments)


def test_counts_keep_the_sweeps_and_their_labels():
    model = Discriminator(angle=0, centre_g=-1, centre_e=1, sigma=0.2, jumps=0)
    a = np.array([[[-1, 0], [1, 0], [1, 0]], [[-1, 0], [-1, 0], [1, 0]]], dtype=np.float32)
    b = np.array([[[-1, 0], [1, 0], [-1, 0]], [[1, 0], [1, 0], [1, 0]]], dtype=np.float32)
    dims = ("basis", "shot", "quadrature")
    data = xr.Dataset({"a.iq": (dims, a), "b.iq": (dims, b)}, coords={"basis": ["+X", "-X"]})
    counts = outcome_counts(data, {"a": model, "b": model})
    assert counts.dims == ("basis", "outcome")
    assert counts.outcome.values.tolist() == ["00", "01", "10", "11"]
    assert counts.sel(basis="+X").values.tolist() == [1, 0, 1, 1]
    assert counts.sel(basis="-X").values.tolist() == [0, 2, 0, 1]
    assert outcome_counts(data, {"b": model}).sel(basis="-X", outcome="1") == 3
