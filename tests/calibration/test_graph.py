"""The graph knows what is due, and what must be done again because of it."""

from dataclasses import replace

import pytest

from coldlink.calibration.chain import CHAIN
from coldlink.calibration.graph import Graph, Task
from coldlink.calibration.names import KINDS
from coldlink.calibration.store import AGEING, FAILED, FRESH, MISSING, STALE, Entry, Failure, Records
from coldlink.sequences.errors import CalibrationError

NOW = 1e6


def task(name, *gives, needs=(), every_session=False):
    return Task(name=name, routine=lambda known: None, gives=gives, needs=needs, every_session=every_session)


GRAPH = Graph(
    (
        task("spectroscopy", "a.f01"),
        task("rabi", "a.x180.amplitude", needs=("spectroscopy",)),
        task("readout", "a.readout.p10", "a.readout.p01", needs=("rabi",), every_session=True),
        task("relaxation", "a.t1", needs=("readout",)),
        task("ramsey", "a.t_phi", needs=("rabi", "readout")),
    )
)
FIRST = ["a.f01", "a.x180.amplitude", "a.readout.p10", "a.readout.p01", "a.t1", "a.t_phi"]
BY = {name: task.name for task in GRAPH.tasks for name in task.gives}


def entries(**ages):
    """Every value, measured one after the other just now, or `ages` ago (s)."""
    return {
        name: Entry(
            name=name,
            value=1.0,
            error=0.1,
            unit="",
            time=NOW - ages.get(BY[name], 100.0 - number),
            task=BY[name],
            settings={},
            cooldown=1,
            run="r",
            image_sha256="",
        )
        for number, name in enumerate(FIRST)
    }


def records(*failures, missing=(), **ages):
    return Records(tuple(entry for entry in entries(**ages).values() if entry.task not in missing), failures)


def due(held, *wanted):
    return [task.name for task in GRAPH.due(held, NOW, wanted)]


def states(held):
    return {task.name: GRAPH.state(task, held, NOW) for task in GRAPH.tasks}


def test_from_nothing_all_is_due_in_order():
    assert due(Records()) == ["spectroscopy", "rabi", "readout", "relaxation", "ramsey"]
    assert set(states(Records()).values()) == {MISSING}


def test_when_all_is_fresh_nothing_is_due_not_even_what_lives_for_a_session():
    assert due(records()) == []
    assert set(states(records()).values()) == {FRESH}


def test_what_is_missing_is_due_with_the_readout_of_the_session_that_it_needs():
    assert due(records(missing=["relaxation"])) == ["readout", "relaxation"]


def test_a_stale_value_is_due_with_all_that_builds_on_it():
    held = records(spectroscopy=KINDS["a.f01"].lifetime + 1)
    assert states(held)["spectroscopy"] == STALE
    assert due(held) == ["spectroscopy", "rabi", "readout", "ramsey"]


def test_an_ageing_value_is_not_due():
    held = records(relaxation=0.6 * KINDS["a.t1"].lifetime)
    assert states(held)["relaxation"] == AGEING
    assert due(held) == []


def test_what_was_measured_before_what_it_builds_on_is_stale():
    held = records(rabi=200.0)
    assert states(held)["rabi"] == STALE
    assert due(held) == ["rabi", "readout", "ramsey"]


def test_a_newer_readout_makes_nothing_stale():
    assert due(records(readout=0.0)) == []


def test_a_value_that_another_task_measured_again_makes_nothing_stale():
    newer = replace(entries()["a.f01"], time=NOW, task="ramsey")
    assert due(Records((*entries().values(), newer))) == []


def test_what_failed_last_is_due_until_it_succeeds():
    failure = Failure(task="relaxation", why="no decay", time=NOW - 1.0, run="r")
    assert states(records(failure))["relaxation"] == FAILED
    assert due(records(failure)) == ["readout", "relaxation"]
    assert due(records(replace(failure, time=NOW - 99.0))) == []


def test_what_is_named_is_done_with_all_that_builds_on_it():
    assert due(records(), "rabi") == ["rabi", "readout", "ramsey"]
    assert due(records(), "relaxation") == ["readout", "relaxation"]


def test_a_readout_that_is_named_is_done_alone():
    assert due(records(), "readout") == ["readout"]


def test_a_wrong_name_is_answered_with_the_nearest_one_or_with_all():
    with pytest.raises(CalibrationError, match=r"there is no calibration 'relaxtion'; did you mean relaxation\?"):
        due(records(), "relaxtion")
    with pytest.raises(CalibrationError, match="'xyz'; there are spectroscopy, rabi, readout, relaxation, ramsey"):
        due(records(), "xyz")


def test_a_task_before_what_it_needs_is_refused():
    with pytest.raises(CalibrationError, match="ramsey comes before rabi, which it needs"):
        Graph((task("ramsey", "a.t_phi", needs=("rabi",)), task("rabi", "a.x180.amplitude")))


def test_the_chain_gives_known_names_and_each_task_stands_once():
    names = [task.name for task in CHAIN.tasks]
    assert len(names) == len(set(names))
    assert {name for task in CHAIN.tasks for name in task.gives} <= KINDS.keys()
    assert all(task.gives or task.every_session for task in CHAIN.tasks)
