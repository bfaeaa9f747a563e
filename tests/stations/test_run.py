import json
from datetime import UTC, datetime

import numpy as np
import pytest
import xarray as xr

from coldlink.calibration.record import Archive, Recorder
from coldlink.sequences.errors import BoardError, DataFolderError, RunAborted
from coldlink.stations.lease import Lease
from coldlink.stations.run import Run, RunRecord

NOW = datetime(2026, 11, 23, 5, 48, 12, tzinfo=UTC)


@pytest.fixture
def recorder(tmp_path):
    return Recorder(tmp_path / "measurements.db", tmp_path / "shots", "sim_4k", "a")


@pytest.fixture
def archive(recorder):
    return Archive(recorder.database, recorder.shots)


@pytest.fixture
def run(tmp_path, recorder):
    return Run(tmp_path / "runs" / "a", {"station": "sim_4k", "started": NOW.isoformat()}, lambda: NOW, recorder)


@pytest.fixture
def shots():
    iq = np.random.default_rng(1).normal(size=(5, 40, 2)).astype(np.float32)
    dims = ("basis", "shot", "quadrature")
    return xr.Dataset({"a.iq": (dims, iq, {"units": "ADC"})}, {"basis": ["+Z", "+X", "-X", "+Y", "-Y"]})


def test_a_run_is_running_while_it_is_entered_and_completed_with_its_result(run):
    with run:
        assert RunRecord(run.folder).state == "running"
        run.complete({"protocol": "bell"}, {"gates": []})
    record = RunRecord(run.folder)
    assert (record.state, record.result) == ("completed", {"document": {"protocol": "bell"}, "gates": []})
    assert record.about["result"] == {"protocol": "bell"}
    assert record.about["ended"] == "2026-11-23T05:48:12+00:00"


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (KeyboardInterrupt(), "aborted"),
        (RunAborted("Ctrl-C"), "aborted"),
        (BoardError("x"), "aborted"),
        (ZeroDivisionError("x"), "crashed"),
    ],
)
def test_a_run_that_is_left_by_an_error_says_so_and_keeps_what_was_measured(run, archive, shots, error, state):
    with pytest.raises(type(error)), run:
        run.keep({"tomography": shots})
        raise error
    record = RunRecord(run.folder)
    assert record.state == state
    assert record.about["error"].startswith(type(error).__name__)
    xr.testing.assert_identical(archive.load(record.blocks["tomography"]), shots)


def test_a_run_that_is_left_without_a_result_is_aborted(run):
    with run:
        pass
    assert RunRecord(run.folder).state == "aborted"


def test_only_a_dataset_that_is_new_is_written(run, archive, shots):
    record = RunRecord(run.folder)
    with run:
        run.keep({"one": shots})
        before = record.blocks
        run.keep({"one": shots, "two": shots.isel(shot=[0])})
        assert list(record.blocks) == ["one", "two"]
        assert record.blocks["one"] == before["one"]
        run.keep({"one": shots.isel(shot=[1, 2])})
    assert archive.load(record.blocks["one"]).sizes["shot"] == 2
    assert archive.load(before["one"]).sizes["shot"] == 40


def test_what_is_known_of_a_run_and_its_conditions_go_with_its_data(run, archive, shots):
    with run:
        run.keep({"one": shots}, {"temperatures": {"line": 4.01}})
        assert (RunRecord(run.folder).state, len(RunRecord(run.folder).blocks)) == ("running", 1)
    kept = archive.metadata(RunRecord(run.folder).blocks["one"])
    assert (kept["station"], kept["started"], kept["temperatures"]) == ("sim_4k", NOW.isoformat(), {"line": 4.01})


def test_a_write_that_fails_aborts_the_run_and_leaves_what_was_kept(run, archive, shots, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    with pytest.raises(DataFolderError, match="No space left on device; free some space"), run:
        run.keep({"one": shots})
        with monkeypatch.context() as patch:
            patch.setattr("coldlink.calibration.record.shots.os.fsync", full)
            run.keep({"two": shots})
    record = RunRecord(run.folder)
    assert (record.state, list(record.blocks)) == ("aborted", ["one"])
    xr.testing.assert_identical(archive.load(record.blocks["one"]), shots)
    assert len(list(archive.shots.iterdir())) == 1


def test_a_database_that_cannot_be_used_is_refused_before_the_run_begins(run, recorder):
    recorder.database.write_text("time,voltage\n" * 100, encoding="utf-8")
    with pytest.raises(DataFolderError, match="is not a database"), run:
        pytest.fail("the run began")
    assert not run.folder.exists()


def test_a_run_whose_process_is_gone_has_crashed_whatever_it_wrote(tmp_path):
    (tmp_path / "run.json").write_text('{"state": "running"}', encoding="utf-8")
    assert RunRecord(tmp_path).state == "crashed"
    (tmp_path / "alive.lock").touch()
    assert RunRecord(tmp_path).state == "crashed"
    (tmp_path / "run.json").unlink()
    assert RunRecord(tmp_path).state == "crashed"


def test_a_damaged_run_names_its_file_and_hides_no_other(tmp_path):
    (tmp_path / "run.json").write_text("{", encoding="utf-8")
    assert RunRecord(tmp_path).state == "damaged"
    with pytest.raises(DataFolderError, match=r"run\.json: cannot be read"):
        _ = RunRecord(tmp_path).about


def test_a_lease_is_held_until_it_is_released_and_cannot_be_taken_twice(tmp_path, monkeypatch):
    monkeypatch.setattr("coldlink.stations.lease._PATIENCE", 0.0)
    lease = Lease(tmp_path / "a lock #1")
    assert not lease.is_held()
    lease.take()
    assert lease.is_held()
    assert Lease(lease.file).is_held()
    with pytest.raises(OSError, match="locked"):
        Lease(lease.file).take()
    lease.release()
    assert not lease.is_held()


def test_the_state_on_the_disk_is_always_whole_json(run):
    with run:
        assert json.loads((run.folder / "run.json").read_text(encoding="utf-8"))["state"] == "running"
        assert not list(run.folder.glob("*.part"))
