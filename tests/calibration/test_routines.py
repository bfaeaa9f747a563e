"""Routines on the twin with one mode: each recovers what the truth holds, within its own error bar."""

from dataclasses import replace

import numpy as np
import pytest

from coldlink.calibration import RadiometryRoutine, ReadoutCalibration, calibrate
from coldlink.calibration.names import KINDS
from coldlink.physics import Network
from coldlink.sequences.errors import FitRejected

from ..one_mode import OneMode, one_mode


def calibrated(setup: OneMode):
    return calibrate(ReadoutCalibration(shots=10_000), setup.bench)


@pytest.mark.parametrize(("station", "expected"), [("sim_4k", (0.055, 0.164)), ("sim_1k", (0.005, 0.012))])
def test_readout_calibration_finds_the_errors_that_emerge_in_each_node(station, expected):
    readout = calibrated(one_mode(station)).fit
    for node in "ab":
        errors = readout.errors[node]
        for found, value in ((errors.p10, expected[0]), (errors.p01, expected[1])):
            # The threshold is fitted too: where it lies moves the two errors against each other.
            assert abs(found.value - value) < 3 * found.error + 0.03 * sum(expected)


def test_readout_calibration_refuses_a_readout_without_contrast():
    def blind(held):
        return replace(held, resonators=tuple(replace(resonator, coupling=0.0) for resonator in held.resonators))

    with pytest.raises(FitRejected):
        calibrated(one_mode(change=blind))


def loaded(occupation: float):
    def change(held):
        return replace(held, network=Network.of(replace(held.network.links[0], load_occupation=occupation)))

    return change


@pytest.mark.parametrize("cold", [0.0, 0.1])
def test_radiometry_finds_how_many_photons_the_load_leaves_in_the_line(cold):
    setup = one_mode(change=loaded(cold), seed=5)
    fit = calibrate(RadiometryRoutine(readout=calibrated(setup).fit), setup.bench).fit
    rates = setup.device.rates()
    load = 2 * np.pi * setup.design.operation.load_rate
    truth = (rates.internal[0] * rates.hot[0] + load * cold) / (rates.internal[0] + load)
    assert abs(fit.occupation.value - truth) < 3 * fit.occupation.error
    assert fit.occupation.error < 0.015


def test_what_a_routine_found_has_names_that_a_store_may_hold():
    setup = one_mode()
    outcome = calibrated(setup)
    found = ReadoutCalibration().found(outcome.fit)
    assert set(found) == {f"{node}.readout.{error}" for node in "ab" for error in ("p10", "p01")}
    assert set(found) <= set(KINDS)
    assert outcome.data.sizes == {"prepared": 4, "shot": 10_000, "quadrature": 2}
