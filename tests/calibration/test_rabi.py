"""Rabi on the twin: the amplitude of a pi pulse on a drive line that is stronger or weaker than designed."""

from dataclasses import replace

import pytest

from coldlink.calibration.names import KINDS
from coldlink.calibration.rabi import Rabi
from coldlink.calibration.routine import calibrate
from coldlink.sequences import resolved
from coldlink.sequences.errors import CalibrationError, FitRejected

from ..one_mode import one_mode
from .changes import drives, learn


@pytest.mark.parametrize(
    ("station", "node", "gain"), [("sim_4k", "a", 0.8), ("sim_1k", "b", 1.2), ("sim_4k", "b", 1.0)]
)
def test_the_amplitude_of_the_pi_pulse_is_found(station, node, gain):
    setup = one_mode(station, drives(gain))
    outcome = calibrate(Rabi(node=node), setup.bench)
    ((name, found),) = Rabi(node=node).found(outcome.fit).items()
    pulse = setup.bench.link.node_a.x180
    assert name in KINDS
    assert abs(found.value - resolved(pulse.amplitude) / gain) < 3 * found.error
    assert found.error < 0.005 * found.value
    learn(setup, {name: found.value})
    learned = {"a": setup.bench.link.node_a, "b": setup.bench.link.node_b}[node]
    assert resolved(learned.x180.amplitude) == pytest.approx(found.value)


def test_a_drive_that_does_not_reach_the_qubit_is_rejected():
    with pytest.raises(FitRejected):
        calibrate(Rabi(node="a"), one_mode(change=drives(1e-3)).bench)


def test_no_pulse_is_stronger_than_the_generator():
    known = one_mode().bench.known
    scan = replace(Rabi(node="a"), reach=5.0).scan(known)
    pulses = [element.pulse for element in scan.points[0].sequence.elements if hasattr(element, "pulse")]
    assert max(pulses[0].amplitude.values) == 0.45


def test_a_node_that_is_not_there_is_one_clear_error():
    with pytest.raises(CalibrationError, match="no node c; there are a, b"):
        Rabi(node="c").scan(one_mode().bench.known)
