"""The chain of a cooldown: consistent by itself and with what its routines say."""

from functools import cache
from itertools import pairwise
from unittest.mock import MagicMock

import pytest

from coldlink.calibration.chain import CHAIN
from coldlink.calibration.knowledge import Knowledge
from coldlink.calibration.names import KINDS
from coldlink.instruments.qick.firmware import soccfg
from coldlink.instruments.qick.wiring import target
from coldlink.stations.declaration import declaration

from ..one_mode import STATIONS

FINER = ("f01", "t_phi", "maximum_frequency", "flux.offset", "flux.per_volt", "flux.bias", "coupler.zero_bias")
MEASURED_AGAIN = {f"{node}.{name}" for node in "ab" for name in (*FINER, "resonator.frequency")} | {
    "line.mode_frequency"
}
"""Roughly at first, and finely once more is known."""


@cache
def known() -> Knowledge:
    declared = declaration(STATIONS / "sim_4k")
    clock = target(soccfg(), declared.wiring.wiring(), name="zcu216").clock
    return Knowledge(prior=declared.design(), clock=clock, readout=MagicMock())


def found_by(routine) -> set[str]:
    """Names that a routine finds, whatever its fit says."""
    fit = MagicMock(errors={"a": MagicMock(), "b": MagicMock()})
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


def test_the_line_is_felt_before_couplers_and_load_are_pulsed():
    names = [task.name for task in CHAIN.tasks]
    order = ["readout", "load_bias", "mode_comb", "a.coupler_zero", "a.vacuum_rabi", "load_map", "transfer_phase"]
    assert order == sorted(order, key=names.index)
