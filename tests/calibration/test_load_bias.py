"""Load bias on twins whose load lies elsewhere than designed: within its error, and the line is damped as asked."""

from dataclasses import replace

import numpy as np
import pytest

from coldlink.calibration import calibrate
from coldlink.calibration.load_bias import LOAD, LoadBias, closed_bias
from coldlink.calibration.names import KINDS
from coldlink.physics.lines import FluxLine
from coldlink.sequences.errors import FitRejected

from .line_feeling import line_feeling


def elsewhere(offset: float, gain: float):
    def change(held):
        line = held.load_flux[0]
        return replace(held, load_flux=(FluxLine(bias=gain * line.bias, pulse=line.pulse, offset=offset),))

    return change


@pytest.mark.parametrize(("station", "offset", "gain"), [("sim_4k", 0.27, 1.04), ("sim_1k", -0.22, 0.97)])
def test_the_load_is_open_as_designed_and_closed_where_the_found_numbers_say(station, offset, gain):
    setup = line_feeling(station, elsewhere(offset, gain))
    routine = LoadBias(node="a")
    found = routine.found(calibrate(routine, setup.bench).fit)
    line, load, mode = setup.truth.load_flux[0], setup.device.load, setup.device.mode_frequency
    opened, per_volt = found["load.open_bias"], found["load.per_volt"]
    assert abs(opened.value - line.volts(setup.design.open_flux)) < 4 * opened.error
    assert opened.error < 1.5e-3
    assert abs(per_volt.value - line.bias) < 4 * per_volt.error
    assert per_volt.error < 0.05 * line.bias
    at = line.flux(opened.value, np.zeros(1))
    assert load.kappa(at, mode) == pytest.approx(2 * np.pi * setup.design.operation.load_rate, rel=0.25)
    known = setup.bench.known.learned({name: measured.value for name, measured in found.items()})
    closed = load.kappa(line.flux(closed_bias(known), np.zeros(1)), mode)
    assert closed < 0.1 * setup.device.rates().internal[0]
    assert set(found) <= set(KINDS)


def test_a_load_that_is_not_there_is_refused():
    def unplugged(held):
        line = held.load_flux[0]
        return replace(held, load_flux=(FluxLine(bias=1e-9, pulse=line.pulse, offset=0.1),))

    with pytest.raises(FitRejected, match="nowhere does the qubit decay much faster"):
        calibrate(LoadBias(node="a", points=31), line_feeling("sim_4k", unplugged).bench)


def test_the_scan_holds_half_a_flux_quantum_and_both_closed_points_whatever_the_offset():
    setup = line_feeling("sim_4k")
    volts = [point.settings[LOAD] for point in LoadBias(node="a").scan(setup.bench.known).points]
    closed = float(setup.design.device.load.closed_flux)
    for offset in (-0.3, 0.0, 0.3):
        for gain in (0.95, 1.05):
            flux = offset + gain * setup.design.load_flux.bias * np.array(volts)
            assert flux.min() < closed + 0.01 and flux.max() > 1 - closed - 0.01
