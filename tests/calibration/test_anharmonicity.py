"""Anharmonicity on the twin."""

import pytest

from coldlink.calibration.anharmonicity import Anharmonicity
from coldlink.calibration.names import KINDS
from coldlink.calibration.routine import calibrate
from coldlink.sequences import Setting
from coldlink.sequences.errors import FitRejected
from coldlink.sequences.units import MHz

from ..one_mode import OneMode, one_mode
from .changes import transmons


def idling(setup: OneMode, node: str) -> OneMode:
    """`setup` with the qubit of `node` at the designed idle frequency."""
    index = "ab".index(node)
    transmon = setup.device.qubits[index].transmon
    flux = float(transmon.flux(setup.design.operation.idle_frequencies[index]))
    setup.bench.set(Setting(f"{node}.flux.bias", "V"), setup.truth.qubit_flux[index].volts(flux))
    return setup


@pytest.mark.parametrize(("station", "node", "value"), [("sim_4k", "a", -205.3 * MHz), ("sim_1k", "b", -221 * MHz)])
def test_the_anharmonicity_is_found(station, node, value):
    setup = idling(one_mode(station, transmons(anharmonicity=value)), node)
    routine = Anharmonicity(node=node)
    ((name, found),) = routine.found(calibrate(routine, setup.bench).fit).items()
    assert name in KINDS
    assert abs(found.value - value) < 3 * found.error
    assert found.error < 0.2 * MHz


def test_a_transition_outside_of_the_scan_is_rejected():
    setup = idling(one_mode(change=transmons(anharmonicity=-260 * MHz)), "a")
    with pytest.raises(FitRejected):
        calibrate(Anharmonicity(node="a"), setup.bench)
