"""Preparation error on the twin: what a pi pulse on a resting qubit leaves behind."""

import numpy as np
import pytest

from coldlink.calibration.names import KINDS
from coldlink.calibration.preparation_error import PreparationError
from coldlink.calibration.routine import calibrate
from coldlink.sequences.protocols import pulse_train

from ..one_mode import OneMode, one_mode
from .changes import qubits


def left_by_a_pulse(setup: OneMode) -> float:
    """From P_g - P_e of qubit A without pulses and after one to and one fro, which the wait for the readout spares."""
    program = setup.lowered(pulse_train(setup.bench.link.node_a, (0, 2)))
    rest, after = (joint.sum(axis=1)[0] - joint.sum(axis=1)[1] for joint in setup.populations(program))
    return float((1 - np.sqrt(after / rest)) / 2)


@pytest.mark.parametrize(("station", "t_phi"), [("sim_4k", 3e-6), ("sim_4k", 1e-6), ("sim_1k", 15e-6)])
def test_what_a_pulse_leaves_behind_is_found(station, t_phi):
    setup = one_mode(station, qubits(t_phi=t_phi))
    routine = PreparationError(node="a")
    ((name, found),) = routine.found(calibrate(routine, setup.bench).fit).items()
    assert name in KINDS
    assert abs(found.value - left_by_a_pulse(setup)) < 3 * found.error
    assert found.error < 0.15 * found.value + 1e-4
