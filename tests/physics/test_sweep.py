"""Sweeps give the same numbers wherever they run, survive the death of a worker, and end when they are told."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from distributed import LocalCluster

from coldlink.physics import sweep
from coldlink.physics.sweeping import processes
from coldlink.sequences.errors import ConnectionFailed, ModelError, SweepFailed
from coldlink.sequences.units import ns

from ..parameter_sets import ORACLE_4K
from . import points

COUNT = 12
LONG = 30


@pytest.fixture(scope="module")
def cluster():
    with pytest.MonkeyPatch.context() as patch:
        _importable_tests(patch)
        with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=50) as started:
            yield started


def _importable_tests(patch):
    root = Path(__file__).parents[2]
    patch.syspath_prepend(str(root))
    patch.setenv("PYTHONPATH", os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")]))


@pytest.fixture(autouse=True)
def _importable(monkeypatch):
    """Workers import this package's tests by name."""
    _importable_tests(monkeypatch)


def test_every_point_draws_from_a_generator_of_its_own_that_seed_and_place_decide():
    first, again, other = (sweep(points.drawn, [0.0] * COUNT, seed=seed, workers=1) for seed in (7, 7, 8))
    assert first == again != other
    assert len({value for _, value in first}) == COUNT


def test_results_stand_in_the_order_of_the_points_and_progress_ends_with_all():
    told = []
    found = sweep(points.drawn, list(range(COUNT)), workers=1, progress=lambda done, total: told.append((done, total)))
    assert [point for point, _ in found] == list(range(COUNT))
    assert told[-1] == (COUNT, COUNT)
    assert told == sorted(told)


def test_the_chunks_hold_every_point_once_however_many_there_are():
    assert sweep(points.drawn, [], workers=1) == []
    many = sweep(points.drawn, [float(n) for n in range(2000)], workers=1)
    assert [point for point, _ in many] == list(range(2000))


def test_processes_give_the_same_bits_as_this_one():
    here, there = (sweep(points.summed, list(range(COUNT)), seed=3, workers=workers) for workers in (1, 2))
    assert here == there


def test_a_point_whose_worker_was_killed_is_computed_again(tmp_path):
    asked = [(number, str(tmp_path / "killed")) for number in range(COUNT)]
    (tmp_path / "calm").touch()
    calm = sweep(points.dies_once, [(number, str(tmp_path / "calm")) for number in range(COUNT)], seed=5, workers=1)
    assert sweep(points.dies_once, asked, seed=5, workers=2) == calm
    assert (tmp_path / "killed").exists()


def test_workers_that_die_again_and_again_end_in_one_clear_error(monkeypatch):
    monkeypatch.setattr(processes, "DEATHS", 1)
    with pytest.raises(SweepFailed, match=r"a worker died 2 times, and 2 of 2 parts .* lack of memory .*fewer workers"):
        sweep(points.always_dies, [0, 1], workers=2)


def test_what_a_point_raises_names_the_point_and_ends_the_workers():
    with pytest.raises(ValueError, match="three is not to be had") as caught:
        sweep(points.fails_at_three, list(range(6)), workers=2)
    assert caught.value.__notes__ == ["at point 3 of the sweep: 3"]
    assert not multiprocessing.active_children()


def test_a_dask_cluster_gives_the_same_bits_with_a_worker_killed_in_the_middle(cluster, tmp_path):
    here = sweep(points.summed, list(range(COUNT)), seed=3, workers=1)
    assert sweep(points.summed, list(range(COUNT)), seed=3, cluster=cluster.scheduler_address) == here
    (tmp_path / "calm").touch()
    calm = sweep(points.dies_once, [(number, str(tmp_path / "calm")) for number in range(COUNT)], seed=5, workers=1)
    asked = [(number, str(tmp_path / "killed")) for number in range(COUNT)]
    assert sweep(points.dies_once, asked, seed=5, cluster=cluster) == calm
    assert (tmp_path / "killed").exists()


def test_a_handshake_swept_over_its_gap_is_the_same_to_the_bit_here_in_processes_and_on_a_cluster(cluster):
    gaps = np.linspace(0, 30, 3) * ns
    asked = [ORACLE_4K.handshake(pulses=ORACLE_4K.pulses_with(gap=float(gap)), error=5e-3) for gap in gaps]
    here = sweep(points.as_bytes, asked, workers=1)
    assert sweep(points.as_bytes, asked, workers=2) == here
    assert sweep(points.as_bytes, asked, cluster=cluster.scheduler_address) == here


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch):
    monkeypatch.setattr("coldlink.physics.sweeping.cluster.CONNECT", 0.5)
    with pytest.raises(ConnectionFailed, match=r"no answer from the cluster \(tcp://127.0.0.1:1:"):
        sweep(points.drawn, [0.0], cluster="tcp://127.0.0.1:1")


def test_without_dask_a_cluster_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SweepFailed, match=r'pip install "coldlink\[cluster\]"'):
        sweep(points.drawn, [0.0], cluster="tcp://127.0.0.1:1")


def test_no_workers_and_two_kinds_of_workers_are_refused():
    with pytest.raises(ModelError, match="workers = 0"):
        sweep(points.drawn, [0.0], workers=0)
    with pytest.raises(ModelError, match="a cluster has its own"):
        sweep(points.drawn, [0.0], workers=2, cluster="tcp://127.0.0.1:1")


def test_what_workers_could_not_be_given_is_refused_before_any_is_started(monkeypatch):
    def local(point, generator):
        return point

    for function in (local, lambda point, generator: point):
        with pytest.raises(ModelError, match=r"function of the sweep = .*cannot import it: .* or ask for workers=1"):
            sweep(function, [0.0], workers=2)
        assert sweep(function, [0.0], workers=1) == [0.0]
    monkeypatch.delattr(sys.modules["__main__"], "__file__", raising=False)
    monkeypatch.setattr(points.drawn, "__module__", "__main__")
    with pytest.raises(ModelError, match="function of the sweep = drawn: other processes cannot import it"):
        sweep(points.drawn, [0.0], workers=2)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"points": 3.0}, "points = 3: a list of points is needed"),
        ({"seed": -1}, "seed of the sweep = -1"),
        ({"workers": 1.5}, "workers = 1.5: a whole number"),
    ],
)
def test_a_sweep_of_nothing_that_is_one_is_refused_by_name(asked, message):
    with pytest.raises(ModelError, match=message):
        sweep(points.drawn, **{"points": [0.0]} | asked)


def test_a_cluster_that_is_none_is_refused():
    with pytest.raises(ConnectionFailed, match="no answer from the cluster"):
        sweep(points.drawn, [0.0], cluster=4)


@pytest.mark.skipif(sys.platform == "win32", reason="a console's Ctrl-C cannot be sent to one process group there")
def test_ctrl_c_ends_a_sweep_and_its_workers(tmp_path):
    script = tmp_path / "long.py"
    script.write_text(SCRIPT.format(mark=str(tmp_path / "begun"), long=LONG), encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": os.environ["PYTHONPATH"] + os.pathsep + str(tmp_path)}
    command = [sys.executable, str(script)]
    going = subprocess.Popen(command, env=environment, start_new_session=True, stderr=subprocess.PIPE)
    while not (tmp_path / "begun").exists():
        assert going.poll() is None
        time.sleep(0.05)
    os.killpg(going.pid, signal.SIGINT)
    assert going.wait(timeout=LONG / 2) == 130
    assert going.stderr is not None
    # Whoever still lives holds the other end.
    assert going.stderr.read() == b""
    going.stderr.close()


SCRIPT = """
import sys, time
from pathlib import Path
from coldlink.physics import sweep

def slow(point, generator):
    Path({mark!r}).touch()
    time.sleep({long})

if __name__ == "__main__":
    try:
        sweep(slow, list(range(4)), workers=2)
    except KeyboardInterrupt:
        sys.exit(130)
"""
