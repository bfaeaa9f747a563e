"""Relaxation on the twin."""

import pytest

from coldlink.calibration.names import KINDS
from coldlink.calibration.relaxation import Relaxation
from coldlink.calibration.routine import calibrate

from ..one_mode import one_mode
from .changes import qubits


@pytest.mark.parametrize(
    ("station", "node", "t1"), [("sim_4k", "a", 9e-6), ("sim_4k", "b", 21e-6), ("sim_1k", "a", 20e-6)]
)
def test_t1_is_found(station, node, t1):
    routine = Relaxation(node=node)
    outcome = calibrate(routine, one_mode(station, qubits(t1=t1)).bench)
    ((name, found),) = routine.found(outcome.fit).items()
    assert name in KINDS
    assert abs(found.value - t1) < 3 * found.error
    assert found.error < 0.07 * t1
