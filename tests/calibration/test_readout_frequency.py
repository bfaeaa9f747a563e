"""Readout frequency on the twin: a resonator that is not where it was designed, behind a chain of any phase."""

import pytest

from coldlink.calibration.names import KINDS
from coldlink.calibration.readout_frequency import ReadoutFrequency
from coldlink.calibration.routine import calibrate
from coldlink.sequences.errors import FitRejected
from coldlink.sequences.units import MHz

from ..one_mode import one_mode
from .changes import resonators, resting_frequency


@pytest.mark.parametrize(
    ("station", "node", "offset", "phase"), [("sim_4k", "a", 1.3 * MHz, 4.0), ("sim_1k", "b", -1.2 * MHz, 1.7)]
)
def test_the_tone_comes_halfway_between_the_resonances(station, node, offset, phase):
    setup = one_mode(station, resonators(offset, phase, 0.85))
    routine = ReadoutFrequency(node=node)
    ((name, found),) = routine.found(calibrate(routine, setup.bench).fit).items()
    index = "ab".index(node)
    anharmonicity = setup.device.qubits[index].transmon.anharmonicity
    levels = setup.truth.resonators[index].resonances(resting_frequency(setup, node), anharmonicity, 2)
    assert name in KINDS
    assert abs(found.value - levels.mean()) < 3 * found.error
    assert found.error < 0.05 * MHz


def test_a_resonator_out_of_sight_is_rejected():
    with pytest.raises(FitRejected):
        calibrate(ReadoutFrequency(node="a"), one_mode(change=resonators(60 * MHz, 0.0, 1.0)).bench)
