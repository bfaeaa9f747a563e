"""A cooldown does a task, keeps what it finds, and tries again what finds nothing."""

from dataclasses import dataclass

import pytest

from coldlink.analysis.bootstrap import Measured
from coldlink.calibration.cooldown import Cooldown
from coldlink.calibration.graph import Task
from coldlink.calibration.store import Store
from coldlink.sequences.errors import FitRejected, RunAborted
from coldlink.sequences.scan import Scan
from coldlink.sequences.sequence import Sequence

from .paper_bench import PaperBench


@dataclass(frozen=True)
class Found:
    """Finds T1, if it took enough shots."""

    shots: int = 10
    needed: int = 10
    error: float = 5e-7

    def scan(self, known):
        return Scan.of(Sequence())

    def fit(self, data, known):
        if data.attrs["shots"] < self.needed:
            raise FitRejected("relaxation: no decay in 10 shots", "take more of them")
        return Measured(15e-6, self.error)

    def found(self, fit):
        return {"a.t1": fit}


def task(*makers):
    first, *again = makers
    return Task(
        name="a.relaxation",
        routine=lambda known: first,
        gives=("a.t1",),
        again=tuple(lambda known, one=one: one for one in again),
    )


@pytest.fixture
def bench():
    return PaperBench(settings={"a.flux.bias": 0.2})


@pytest.fixture
def cooldown(bench, tmp_path):
    return Cooldown(bench=bench, store=Store.within(tmp_path), clock=lambda: 1234.0, number=3, run="run-7")


def test_a_found_value_is_stored_with_all_that_it_depends_on_and_learned(cooldown, bench):
    done = cooldown.perform(task(Found()))
    (entry,) = cooldown.store.read().entries
    assert (entry.name, entry.value, entry.error, entry.unit) == ("a.t1", 15e-6, 5e-7, "s")
    assert (entry.task, entry.time, entry.cooldown, entry.run) == ("a.relaxation", 1234.0, 3, "run-7")
    assert entry.image_sha256 == done.outcome.data.attrs["image_sha256"] == f"{1:064}"
    assert entry.settings["a.flux.bias"] == 0.2
    assert {"a.swap.coupler", "b.swap.compensation"} <= entry.settings.keys()
    assert bench.known.values["a.t1"] == 15e-6
    assert bench.known.link.node_a.t1 == 15e-6
    assert (done.failures, cooldown.rejected) == ((), {})


def test_what_finds_nothing_is_tried_again_and_its_data_are_kept(cooldown):
    done = cooldown.perform(task(Found(needed=100), Found(shots=200, needed=100)))
    assert done.failures == ("relaxation: no decay in 10 shots; take more of them",)
    assert done.outcome.data.sizes["shot"] == 200
    assert [(name, data.sizes["shot"]) for name, data in cooldown.rejected.items()] == [("a.relaxation.rejected-1", 10)]
    assert cooldown.store.read().failures == ()


@pytest.mark.parametrize(
    ("routine", "why"),
    [
        (Found(needed=100), "relaxation: no decay in 10 shots; take more of them"),
        (Found(error=float("nan")), r"a\.t1 = .* is no measurement; look at the figure"),
        (Found(error=float("inf")), r"a\.t1 = .* is no measurement; look at the figure"),
    ],
)
def test_a_task_that_finds_nothing_says_so_keeps_its_data_and_leaves_the_old_value(cooldown, bench, routine, why):
    cooldown.perform(task(Found()))
    with pytest.raises(FitRejected, match=f"^a.relaxation: {why}"):
        cooldown.perform(task(routine, routine))
    records = cooldown.store.read()
    assert records.values == {"a.t1": 15e-6}
    assert bench.known.values["a.t1"] == 15e-6
    assert [(failure.task, failure.run) for failure in records.failures] == [("a.relaxation", "run-7")]
    assert records.failed("a.relaxation") is not None
    assert list(cooldown.rejected) == ["a.relaxation.rejected-1", "a.relaxation.rejected-2"]


def test_an_interruption_is_no_failure_of_the_task(cooldown, bench):
    def stop(played):
        raise RunAborted("Ctrl-C")

    bench.before = stop
    with pytest.raises(RunAborted):
        cooldown.perform(task(Found()))
    assert cooldown.store.read().failures == ()
