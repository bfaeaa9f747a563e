"""Coupler zero on twins whose couplers lie a little off where they are believed to be."""

from dataclasses import replace

import numpy as np
import pytest

from coldlink.calibration import calibrate
from coldlink.calibration.coupler_zero import CouplerZero
from coldlink.calibration.names import KINDS
from coldlink.sequences.errors import FitRejected

from .line_feeling import line_feeling


def off(first: float, second: float):
    def change(held):
        lines = tuple(
            replace(line, offset=line.offset + away)
            for line, away in zip(held.coupler_flux, (first, second), strict=True)
        )
        return replace(held, coupler_flux=lines)

    return change


@pytest.mark.parametrize(("station", "node", "away"), [("sim_4k", "a", 2e-3), ("sim_1k", "b", -3e-3)])
def test_the_coupling_at_the_found_bias_is_below_10_khz(station, node, away):
    setup = line_feeling(station, off(away, away))
    routine = CouplerZero(node=node)
    found = routine.found(calibrate(routine, setup.bench).fit)
    zero, index = found[f"{node}.coupler.zero_bias"], "ab".index(node)
    line, qubit = setup.truth.coupler_flux[index], setup.device.qubits[index]
    assert abs(zero.value - line.volts(float(qubit.coupler.zero_flux))) < 4 * zero.error
    mode = setup.device.mode_frequency
    assert abs(qubit.coupler.g(line.flux(zero.value, np.zeros(1)), mode, mode)[0]) < 10e3
    assert set(found) <= set(KINDS)


def test_a_coupler_that_does_not_answer_is_refused():
    def unplugged(held):
        lines = tuple(
            replace(line, bias=1e-9, offset=float(qubit.coupler.zero_flux))
            for line, qubit in zip(held.coupler_flux, held.network.links[0].qubits, strict=True)
        )
        return replace(held, coupler_flux=lines)

    with pytest.raises(FitRejected, match="e decays at every bias alike"):
        calibrate(CouplerZero(node="a"), line_feeling("sim_4k", unplugged).bench)
