import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from qcodes.dataset import experiments, initialised_database_at, load_by_guid, load_by_id
from qcodes.dataset.sqlite.database import connect, get_DB_location

from coldlink.sequences.errors import DataFolderError

WRITER = Path(__file__).with_name("writer.py")


def writing(folder, run, blocks, **environment):
    """A process of its own that keeps blocks in `folder`."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", str(WRITER), str(folder), run, str(blocks)],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def completed(recorder):
    with closing(sqlite3.connect(recorder.database)) as reader:
        assert reader.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return {guid for (guid,) in reader.execute("SELECT guid FROM runs WHERE is_completed = 1")}


def test_a_block_is_found_again_as_it_was_measured_with_what_was_known_about_it(recorder, archive, block):
    guid = recorder.keep("readout", block, {"temperatures": {"line": 4.01}, "settings": {"a.flux.bias": 0.25}})
    xr.testing.assert_identical(archive.load(guid), block)
    kept = archive.metadata(guid)
    assert (kept["image_sha256"], kept["board_time_s"], kept["shots"]) == ("0f" * 32, 1.5, 40)
    assert (kept["temperatures"], kept["settings"]) == ({"line": 4.01}, {"a.flux.bias": 0.25})
    assert [file.name for file in recorder.shots.iterdir()] == [f"{guid}.h5"]


def test_a_block_can_be_exported_to_netcdf(recorder, archive, block, tmp_path):
    archive.export(recorder.keep("readout", block, {}), tmp_path / "readout.nc")
    with xr.open_dataset(tmp_path / "readout.nc", engine="h5netcdf") as exported:
        xr.testing.assert_identical(exported.load(), block)


def test_qcodes_loads_the_averages_by_guid_with_units_and_labels(recorder, block):
    guid = recorder.keep("readout", block, {})
    with closing(connect(recorder.database.as_uri().removeprefix("file:"))) as connection:
        averaged = load_by_guid(guid, connection).to_xarray_dataset()
    expected = block["a.iq"].mean("shot", dtype=float).isel(quadrature=1)
    np.testing.assert_allclose(averaged["a_q"].values, expected.values, rtol=1e-12)
    assert list(averaged["prepared"].values) == ["gg", "ge", "eg", "ee"]
    assert (averaged["a_q"].attrs["units"], averaged["wait"].attrs["units"]) == ("ADC", "s")


def test_plottr_can_list_and_open_the_runs(recorder, block, make_block, tmp_path):
    """The calls that its browser and its loader make, in their order."""
    recorder.keep("readout", block, {})
    recorder.keep("cool", make_block({}), {})
    # plottr itself cannot open a folder with a # in its name: QCoDeS cuts the path there.
    plain = recorder.database.replace(tmp_path / "plain.db")
    with initialised_database_at(plain), closing(connect(plain)) as connection:
        datasets = [dataset for experiment in experiments(connection) for dataset in experiment.data_sets()]
        assert [(d.exp_name, d.sample_name, d.name) for d in datasets] == [
            ("run-1", "sim_4k", "readout"),
            ("run-1", "sim_4k", "cool"),
        ]
        for dataset in (load_by_id(dataset.run_id, connection) for dataset in datasets):
            assert dataset.run_timestamp() <= dataset.completed_timestamp()
            assert dataset.number_of_results > 0
            assert dataset.snapshot["shots"] == 40
            assert isinstance(dataset.metadata, dict)
            stored = dataset.cache.data()
            means = [spec for spec in dataset.get_parameters() if spec.depends_on]
            assert [spec.name for spec in means] == ["a_i", "a_q", "b_i", "b_q"]
            for spec in means:
                shape = dataset.description.shapes[spec.name]
                assert stored[spec.name][spec.name].shape == shape
                assert all(stored[spec.name][axis].shape == shape for axis in spec.depends_on_)


def test_a_block_that_the_database_refuses_leaves_its_shots_where_the_error_says(recorder, archive, block, monkeypatch):
    kept = recorder.keep("readout", block, {})
    monkeypatch.setattr("coldlink.calibration.record.database.PATIENCE", 0.05)
    with closing(sqlite3.connect(recorder.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DataFolderError, match=r"locked .*; the single shots of t1 are in ") as refused:
            recorder.keep("t1", block + 1, {})
    with xr.open_dataset(refused.value.hint.rpartition(" are in ")[2], engine="h5netcdf") as shots:
        xr.testing.assert_equal(shots.load(), block + 1)
    xr.testing.assert_identical(archive.load(kept), block)
    assert completed(recorder) == {kept}


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_measured(recorder, tmp_path):
    recorder.database.parent.touch()
    with pytest.raises(DataFolderError, match=r"cannot be written: .*choose another folder with --data"):
        recorder.prepare()


def test_two_processes_that_begin_at_once_share_a_new_database_and_write_nowhere_else(recorder, archive, tmp_path):
    folder, home = recorder.database.parent, tmp_path / "home"
    home.mkdir()
    # The fits' plotting library makes a folder for itself wherever it is told to.
    places = {"HOME": str(home), "USERPROFILE": str(home), "MPLCONFIGDIR": str(tmp_path / "matplotlib")}
    processes = [writing(folder, run, 8, **places) for run in ("run-1", "run-2")]
    guids = set()
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
        guids |= set(out.split())
    assert len(guids) == 16
    assert sorted(file.name for file in folder.iterdir()) == ["measurements.db", "shots"]
    assert list(home.iterdir()) == []
    assert completed(recorder) == guids
    assert sorted(archive.load(guid).attrs["number"] for guid in guids) == sorted([*range(8), *range(8)])


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_killed_process_leaves_every_block_that_it_said_it_kept(recorder, archive, block):
    process = writing(recorder.database.parent, "run-1", 1000)
    said = [process.stdout.readline().strip() for _ in range(3)]
    process.send_signal(signal.SIGKILL)
    out, _ = process.communicate(timeout=60)
    said += out.split()
    assert set(said) <= completed(recorder)
    assert [archive.load(guid).attrs["number"] for guid in said] == list(range(len(said)))
    guid = recorder.keep("after", block, {})
    xr.testing.assert_identical(archive.load(guid), block)


def test_a_notebooks_own_qcodes_session_is_left_as_it_was(recorder, block):
    from qcodes.dataset import experiment_settings
    from qcodes.station import Station

    before = get_DB_location(), dict(experiment_settings._default_experiment), Station.default
    recorder.keep("readout", block, {})
    assert (get_DB_location(), experiment_settings._default_experiment, Station.default) == before
