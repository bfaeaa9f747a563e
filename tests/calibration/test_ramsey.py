"""Ramsey on the twin: a qubit that is not quite where it was thought to be."""

import pytest

from coldlink.calibration.names import KINDS
from coldlink.calibration.ramsey import Ramsey
from coldlink.calibration.routine import calibrate
from coldlink.sequences.units import GHz, MHz

from ..one_mode import one_mode
from .changes import qubits, resting_frequency, transmons


@pytest.mark.parametrize(("station", "node", "t_phi"), [("sim_4k", "a", 2e-6), ("sim_1k", "b", 9e-6)])
def test_white_dephasing_and_frequency_are_found(station, node, t_phi):
    setup = one_mode(station, qubits(t_phi=t_phi))
    routine = Ramsey(node=node)
    found = routine.found(calibrate(routine, setup.bench).fit)
    assert set(found) == {f"{node}.f01", f"{node}.t_phi"} <= set(KINDS)
    assert abs(found[f"{node}.t_phi"].value - t_phi) < 3 * found[f"{node}.t_phi"].error
    assert abs(found[f"{node}.f01"].value - resting_frequency(setup, node)) < 3 * found[f"{node}.f01"].error


@pytest.mark.parametrize("offset", [-0.8 * MHz, 0.8 * MHz])
def test_the_frequency_is_found_with_the_sign_of_its_offset(offset):
    setup = one_mode(change=transmons(maximum_frequency=5.25 * GHz + offset))
    fit = calibrate(Ramsey(node="a"), setup.bench).fit
    assert abs(fit.frequency.value - resting_frequency(setup, "a")) < 3 * fit.frequency.error
    assert fit.frequency.error < 10e3
    assert (fit.frequency.value - setup.bench.link.node_a.frequency) * offset > 0
