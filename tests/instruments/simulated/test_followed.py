"""A run that is followed shot by shot draws what is drawn when all shots are measured at once, whatever the phases."""

from dataclasses import replace

import numpy as np
import pytest

from coldlink.instruments.simulated.board import Played, Repetition
from coldlink.instruments.simulated.followed import FollowedRun

from .rack import COUPLER, DRIVE, FLUX, LOAD, drive, look, plant, repetition, square

PI = np.pi
PERIOD = 250e-6
SHOTS = 25


ALONE = drive(0, 1e-6, 2.0), drive(0, 1.1e-6, 1.0, phase=1.0), drive(1, 1e-6, 1.5), drive(1, 4e-6, 0.7)
MEETING = (
    square(LOAD, 1.19e-6, 80e-9, 0.3423),
    *(square(COUPLER[qubit], 1.2e-6, 30e-9, 0.4824) for qubit in (0, 1)),
    *(square(FLUX[qubit], 1.2e-6, 30e-9, (0.3643, 0.3277)[qubit]) for qubit in (0, 1)),
)
"""Both qubits at the line at once."""


def running(phases: np.ndarray, *events) -> Repetition:
    """With the drives of each qubit ahead by its phase, as by generators that run on; a readout of each qubit."""
    turned = [
        replace(event, phase=event.phase + phases[DRIVE.index(event.generator)])
        if isinstance(event, Played) and event.generator in DRIVE
        else event
        for event in events
    ]
    return repetition(*turned, *look(0, 2e-6, 1e-6), *look(1, 5e-6, 1e-6), period=PERIOD)


@pytest.mark.parametrize("meeting", [(), MEETING])
def test_each_shot_is_the_one_that_measuring_draws(meeting):
    on, other = plant(), plant()
    rng = np.random.default_rng(3)
    run = FollowedRun(on.dynamics, on._volts, on.rng)
    for _ in range(SHOTS):
        played = running(rng.uniform(0, 10, 2), *ALONE, *meeting)
        other.rng.bit_generator.state = on.rng.bit_generator.state
        found = [run.answer(replace(played, period=np.nan), window) for window in (0, 1)]
        run.close(played)
        assert found == pytest.approx([samples.sum() for samples in other.traces(played, played.windows)], rel=1e-9)
    # Alone, a qubit's state does not tell the phase with which its generator began.
    assert meeting or len(run._cycles.kept) == 3
