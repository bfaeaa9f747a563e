"""One command at a time works at a setup."""

import multiprocessing

import pytest

from coldlink.sequences.errors import DataFolderError, StationBusy
from coldlink.stations.lease import Lease
from coldlink.stations.occupancy import Occupancy


def test_whoever_comes_second_is_told_who_is_there_and_whoever_comes_after_may_work(tmp_path):
    with Occupancy(tmp_path, "sim_4k"):
        with pytest.raises(StationBusy) as busy, Occupancy(tmp_path, "sim_4k"):
            pytest.fail("two at once")
        assert f"process {multiprocessing.current_process().pid}" in busy.value.holder
        assert str(busy.value).startswith("sim_4k is in use by ")
        assert str(busy.value).endswith("wait until that command has ended, or stop it")
    with Occupancy(tmp_path, "sim_4k"):
        pass


def test_another_folder_is_another_setup(tmp_path):
    (tmp_path / "other").mkdir()
    with Occupancy(tmp_path, "sim_4k"), Occupancy(tmp_path / "other", "sim_4k"):
        pass


def test_of_two_that_come_in_the_same_instant_the_slower_one_is_told(tmp_path, monkeypatch):
    """It saw nobody, and found the door locked."""
    with Occupancy(tmp_path, "sim_4k"):
        answers = iter([False, True])
        monkeypatch.setattr(Lease, "is_held", lambda self: next(answers))
        monkeypatch.setattr("coldlink.stations.lease._PATIENCE", 0.0)
        with pytest.raises(StationBusy), Occupancy(tmp_path, "sim_4k"):
            pytest.fail("two at once")


def test_a_damaged_note_of_the_holder_still_says_that_someone_is_there(tmp_path):
    with Occupancy(tmp_path, "sim_4k"):
        (tmp_path / "occupied.json").write_text("{", encoding="utf-8")
        with pytest.raises(StationBusy, match="in use by another process"), Occupancy(tmp_path, "sim_4k"):
            pytest.fail("two at once")


def test_a_folder_that_cannot_be_locked_is_refused(tmp_path):
    (tmp_path / "occupied.lock").mkdir()
    with pytest.raises(DataFolderError, match="cannot be locked"), Occupancy(tmp_path, "sim_4k"):
        pytest.fail("it worked without a lock")
