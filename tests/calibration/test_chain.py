"""The chain of a cooldown: consistent by itself and with what its routines say."""

from dataclasses import replace
from functools import cache
from itertools import pairwise
from unittest.mock import MagicMock

import numpy as np
import pytest

from coldlink.analysis import Discriminator, Measured, Preparation, ReadoutErrors
from coldlink.calibration.chain import CHAIN
from coldlink.calibration.knowledge import Knowledge
from coldlink.calibration.names import KINDS
from coldlink.calibration.readout import Readout
from coldlink.calibration.readout_calibration import ReadoutCalibration
from coldlink.stations.declaration import declaration

from ..one_mode import STATIONS

OF_A_NODE = (
    "f01",
    "t_phi",
    "maximum_frequency",
    "flux.offset",
    "flux.per_volt",
    "flux.bias",
    "coupler.zero_bias",
    "resonator.frequency",
    "readout.linewidth",
)
MEASURED_AGAIN = {f"{node}.{name}" for node in "ab" for name in OF_A_NODE} | {
    "line.mode_frequency",
    "line.free_spectral_range",
    "load.open_bias",
    "load.per_volt",
}
"""Roughly at first, and finely once more is known."""


ERRORS = ReadoutErrors(p10=Measured(0.056, 0.002), p01=Measured(0.164, 0.003))
READOUT = Readout(
    discriminators=dict.fromkeys("ab", Discriminator(angle=0.0, centre_g=0.0, centre_e=3.2, sigma=1.0, jumps=0.3)),
    errors=dict.fromkeys("ab", ERRORS),
    counts=np.zeros((4, 4), np.int64),
    preparations=dict.fromkeys("ab", Preparation(0.02, 0.003)),
)


@cache
def known() -> Knowledge:
    declared = declaration(STATIONS / "sim_4k")
    sheet = declared.wiring.target()
    return Knowledge(prior=declared.design(), target=sheet, readout=MagicMock())


def found_by(routine) -> set[str]:
    """Names that a routine finds, whatever its fit says."""
    fit = READOUT if isinstance(routine, ReadoutCalibration) else MagicMock()
    return set(routine.found(fit))


@pytest.mark.parametrize("task", CHAIN.tasks, ids=lambda task: task.name)
def test_every_routine_of_a_task_finds_what_the_task_promises(task):
    for maker in (task.routine, *task.again):
        assert found_by(maker(known())) == set(task.gives) <= set(KINDS)


@pytest.mark.parametrize("task", CHAIN.tasks, ids=lambda task: task.name)
def test_what_is_tried_again_is_tried_differently(task):
    tried = [maker(known()) for maker in (task.routine, *task.again)]
    assert all(first != second for first, second in pairwise(tried))


@pytest.mark.parametrize("task", CHAIN.tasks, ids=lambda task: task.name)
def test_every_scan_can_be_made_from_the_design(task):
    scan = task.routine(known()).scan(known())
    assert scan.points and all(point.sequence.channels for point in scan.points)


def test_names_of_tasks_are_unique_and_needs_come_before():
    names = [task.name for task in CHAIN.tasks]
    assert len(names) == len(set(names))
    for place, task in enumerate(CHAIN.tasks):
        assert set(task.needs) <= set(names[:place])


def test_a_value_is_found_once_unless_it_is_measured_again_when_more_is_known():
    given = [name for task in CHAIN.tasks for name in task.gives]
    assert {name for name in given if given.count(name) > 1} == MEASURED_AGAIN


def test_what_is_told_of_a_readout_contains_the_doubts_about_threshold_and_preparation():
    told = ReadoutCalibration().found(READOUT)
    assert (told["a.readout.p10"], told["a.readout.p01"]) == (ERRORS.p10, ERRORS.p01)
    doubtful = replace(
        READOUT,
        discriminators={
            name: replace(axis, errors={"centre_g": 0.03, "centre_e": 0.04})
            for name, axis in READOUT.discriminators.items()
        },
        preparations=dict.fromkeys("ab", Preparation(0.02, 0.003, residual_error=0.003, pulse_error=0.004)),
    )
    wider = ReadoutCalibration().found(doubtful)
    # A threshold that is 0.025 off where g has a density of phi(1.6) and what jumps adds, and 0.78 of 0.003.
    assert wider["a.readout.p10"].value == 0.056
    assert wider["a.readout.p10"].error == pytest.approx(
        np.sqrt(0.002**2 + (0.025 * 0.111) ** 2 + (0.78 * 0.003) ** 2), rel=0.02
    )
    assert wider["a.readout.p01"].error > np.hypot(0.003, 0.78 * 0.005)


def test_the_line_is_felt_before_couplers_and_load_are_pulsed():
    names = [task.name for task in CHAIN.tasks]
    order = ["readout", "load_bias", "mode_comb", "a.coupler_zero", "a.vacuum_rabi", "load_map", "transfer_phase"]
    assert order == sorted(order, key=names.index)
