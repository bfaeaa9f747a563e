"""Line lifetime, load map and radiometry on the twin: heating, loss and the load's pulse are found as they are."""

import numpy as np
import pytest

from coldlink.calibration import calibrate
from coldlink.calibration.line_lifetime import LineLifetime
from coldlink.calibration.load_map import LoadMap
from coldlink.calibration.names import KINDS
from coldlink.sequences.errors import FitRejected

from .found_on_the_twin import assert_within, ready


def open_kappa(setup):
    device = setup.device
    (volts,) = (value for setting, value in setup.design.biases().items() if setting.name == "line.load.bias")
    return float(device.load.kappa(setup.truth.load_flux[0].flux(volts, np.zeros(1)), device.mode_frequency)[0])


@pytest.mark.parametrize(("station", "quality"), [("sim_4k", 0.85), ("sim_1k", 1.15)])
def test_heating_and_loss_of_the_closed_line_are_found(station, quality):
    setup = ready(station, quality=quality, seed=2)
    found = LineLifetime().found(calibrate(LineLifetime(), setup.bench).fit)
    rates = setup.device.rates()
    assert set(found) <= set(KINDS)
    assert_within(found["line.heating"], rates.internal[0] * rates.hot[0])
    assert_within(found["line.kappa_i"], rates.internal[0])
    assert found["line.kappa_i"].error < 0.1 * found["line.kappa_i"].value


@pytest.mark.parametrize(("station", "pulse"), [("sim_4k", 0.95), ("sim_1k", 1.05)])
def test_the_load_s_pulse_and_its_rate_are_found(station, pulse):
    setup = ready(station, load_pulse=pulse, seed=3)
    found = LoadMap().found(calibrate(LoadMap(), setup.bench).fit)
    assert set(found) <= set(KINDS)
    assert_within(found["load.pulse"], setup.truth.load_flux[0].pulse)
    assert_within(found["load.kappa"], open_kappa(setup))
    assert all(measured.error < 0.1 * measured.value for measured in found.values())


def test_what_is_learned_of_the_load_closes_it_better():
    setup = ready(load_pulse=0.85, seed=4)
    found = LoadMap().found(calibrate(LoadMap(), setup.bench).fit)
    learned = setup.bench.known.learned({"load.pulse": found["load.pulse"].value})
    (volts,) = (value for setting, value in setup.design.biases().items() if setting.name == "line.load.bias")
    load = setup.device.load

    def left(known):
        flux = setup.truth.load_flux[0].flux(volts, np.array([known.link.line.close_amplitude]))
        return abs(flux[0] - load.closed_flux)

    assert left(learned) < 0.5 * left(setup.bench.known)


def test_a_line_that_does_not_warm_up_is_refused():
    with pytest.raises(FitRejected):
        calibrate(LineLifetime(), ready(quality=1e7).bench)
