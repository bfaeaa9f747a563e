import json
import os
import shutil
import sys
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import platformdirs
import pytest
import xarray as xr

from coldlink.sequences.errors import DataFolderError
from coldlink.stations.data_folder import DataFolder

START = datetime(2026, 11, 23, 5, 48, 12, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path):
    times = (START + timedelta(seconds=10 * i) for i in range(1000))
    folder = DataFolder(tmp_path / "data", lambda: next(times))
    folder.prepare()
    return folder


def begin(folder, **changes):
    order = {"station": "sim_4k", "protocol": "handshake", "seed": 7, "command": ("coldlink", "run")}
    return folder.begin(**(order | changes))


def complete(folder, **changes):
    with begin(folder, **changes) as run:
        run.complete({"protocol": "handshake"}, {"gates": []})
    return run


def test_a_chosen_folder_comes_before_the_platforms_place(tmp_path):
    assert DataFolder.at(tmp_path / "here").path == tmp_path / "here"
    assert DataFolder.at(None).path == platformdirs.user_data_path("coldlink", appauthor=False)


def test_a_prepared_folder_says_its_format_and_holds_nothing_else(folder):
    assert json.loads((folder.path / "format.json").read_text(encoding="utf-8")) == {"format": 1}
    assert [child.name for child in folder.path.iterdir()] == ["format.json"]


def test_a_run_is_named_so_that_names_sort_by_time(folder):
    runs = [complete(folder), complete(folder, protocol="bell"), complete(folder, station="a")]
    names = [run.folder.name for run in runs]
    assert names[0].rpartition("-")[0] == "20261123-054812-handshake-sim_4k"
    assert sorted(names) == names == [record.name for record in folder.runs()]


@pytest.mark.parametrize("found", [{"format": 2}, {"format": "1"}, {}])
def test_a_folder_of_another_format_is_refused_for_writing_and_reading(folder, found):
    (folder.path / "format.json").write_text(json.dumps(found), encoding="utf-8")
    for use in (folder.prepare, folder.runs):
        with pytest.raises(DataFolderError, match=r"is of format .*keeps format 1; .*--data"):
            use()


def test_a_damaged_format_is_refused(folder):
    (folder.path / "format.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataFolderError, match=r"format\.json: cannot be read"):
        folder.prepare()


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "data").write_text("", encoding="utf-8")
    with pytest.raises(DataFolderError, match=r"cannot be written: .*; choose another folder with --data"):
        DataFolder(tmp_path / "data").prepare()


@pytest.mark.skipif(sys.platform == "win32", reason="folder permissions are another thing on Windows")
def test_a_folder_that_may_not_be_written_is_refused(folder, tmp_path):
    folder.path.chmod(0o555)
    place = folder.path if not os.access(folder.path, os.W_OK) else next(tmp_path.parents[-1].glob("proc"), None)
    if place is None:
        pytest.skip("this user may write everywhere")
    with pytest.raises(DataFolderError, match="cannot be written"):
        DataFolder(place).prepare()
    folder.path.chmod(0o755)


def test_a_nearly_full_disk_is_refused_before_the_run(folder, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=150_000_000))
    with pytest.raises(DataFolderError, match="150 MB are free, a run may need 200 MB; free some space"):
        folder.prepare()


def test_the_first_cooldown_of_a_world_is_1_and_worlds_are_apart(folder):
    assert folder.cooldown("sim_4k", 7) == 1
    (folder.world("sim_4k", 7) / "cooldown.json").write_text('{"cooldown": 3}', encoding="utf-8")
    assert [folder.cooldown("sim_4k", 7), folder.cooldown("sim_4k", None), folder.cooldown("sim_1k", 7)] == [3, 1, 1]
    assert begin(folder).about["cooldown"] == 3


def test_last_is_the_last_completed_run(folder):
    first = complete(folder)
    with begin(folder):
        pass
    assert folder.find("last").folder == first.folder
    assert folder.find(first.folder.name).state == "completed"


def test_an_unknown_run_is_answered_with_the_nearest_one(folder):
    with pytest.raises(DataFolderError, match="no run was completed here"):
        folder.find("last")
    name = complete(folder).folder.name
    with pytest.raises(DataFolderError, match=f"did you mean {name}"):
        folder.find(name[:-2])


def test_reading_makes_no_folder(tmp_path):
    assert DataFolder(tmp_path / "none").runs() == []
    assert not (tmp_path / "none").exists()


def test_a_block_is_found_by_its_run_and_step(folder):
    data = xr.Dataset({"a.iq": (("shot", "quadrature"), np.ones((8, 2), np.float32), {"units": "ADC"})})
    with begin(folder) as run:
        run.keep({"cool": data})
    record = folder.find(run.folder.name)
    xr.testing.assert_identical(folder.block(record, "cool"), data)
    with pytest.raises(DataFolderError, match="no data of 'tomography'; its blocks are: cool"):
        folder.block(record, "tomography")
