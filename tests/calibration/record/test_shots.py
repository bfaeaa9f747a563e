import sys
from contextlib import contextmanager

import numpy as np
import pytest
import xarray as xr

from coldlink.calibration.record.shots import Shots, digest_of
from coldlink.sequences.errors import DataFolderError


@pytest.fixture
def shots(tmp_path):
    return Shots(tmp_path / "shots")


@contextmanager
def files_no_larger_than(size):
    """What a disk does that has so much left (bytes), for every file that this process writes."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_shots_are_read_as_they_were_written_with_attributes_labels_and_units(shots, block):
    file = shots.write(block, "run-1-t1")
    where = shots.adopt(file, "g-1")
    assert where == shots.file("g-1")
    read = shots.read("g-1", digest_of(where))
    xr.testing.assert_identical(read, block)
    assert read["a.iq"].dtype == np.float32
    assert [child.name for child in shots.folder.iterdir()] == ["g-1.h5"]


def test_the_file_waits_under_a_name_that_every_file_system_takes(shots, block):
    file = shots.write(block, "run-1-a/b: c?")
    assert file.parent == shots.folder
    assert file.name.startswith("run-1-a_b__c_-")
    assert shots.write(block, "run-1-a/b: c?") != file


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files")
def test_a_disk_that_fills_up_leaves_no_file_and_harms_no_other(shots, block, make_block):
    where = shots.adopt(shots.write(block, "first"), "first")
    large = make_block({"wait": (np.linspace(0, 1, 20), "s")}, shots=5000)
    with files_no_larger_than(100_000), pytest.raises(DataFolderError, match=r"cannot be written: .*; free"):
        shots.write(large, "second")
    assert list(shots.folder.iterdir()) == [where]
    xr.testing.assert_identical(shots.read("first", digest_of(where)), block)


def test_a_disk_that_reads_something_else_is_found(shots, block, monkeypatch):
    monkeypatch.setattr("coldlink.calibration.record.shots._parsed", lambda content: block + 1e-3)
    with pytest.raises(DataFolderError, match="does not read as it was written"):
        shots.write(block, "t1")
    assert not list(shots.folder.iterdir())


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path, block):
    (tmp_path / "shots").touch()
    with pytest.raises(DataFolderError, match=r"shots: cannot be written: .*--data"):
        Shots(tmp_path / "shots").write(block, "t1")


def test_shots_that_were_changed_or_lost_are_refused(shots, block):
    file = shots.adopt(shots.write(block, "t1"), "g-1")
    digest = digest_of(file)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(DataFolderError, match="its sha256 differs; restore it from a copy"):
        shots.read("g-1", digest)
    file.unlink()
    with pytest.raises(DataFolderError, match=r"g-1\.h5: cannot be read: No such file"):
        shots.read("g-1", digest)


def test_exported_shots_are_netcdf(shots, block, tmp_path):
    file = shots.adopt(shots.write(block, "t1"), "g-1")
    shots.export("g-1", digest_of(file), tmp_path / "run.nc")
    with xr.open_dataset(tmp_path / "run.nc", engine="h5netcdf") as exported:
        xr.testing.assert_identical(exported.load(), block)
    with pytest.raises(DataFolderError, match="cannot be written"):
        shots.export("g-1", digest_of(file), tmp_path / "none" / "run.nc")
