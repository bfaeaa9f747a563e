"""Shots: the single shots of every block, one HDF5 file each, that also reads as netCDF."""

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Final

import xarray as xr

from ...sequences.errors import DataFolderError

_UNSAFE: Final = re.compile(r"[^\w.-]")
"""What some file system does not take in a name."""
_COPY: Final = "restore it from a copy; its averages are in the database"


@dataclass(frozen=True)
class Shots:
    """The folder of the shots."""

    folder: Path

    def file(self, guid: str) -> Path:
        """Where the shots of the block with this GUID are."""
        return self.folder / f"{guid}.h5"

    def write(self, data: xr.Dataset, name: str) -> Path:
        """Put `data` on the disk, read them back and compare; the file, which waits for its GUID under `name`.

        DataFolderError if what is read is not what was measured, or if nothing can be written; no file is left then.
        """
        file = self.folder / f"{_UNSAFE.sub('_', name)}-{secrets.token_hex(3)}.h5"
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with writing(self.folder):
                _save(data, file)
                same = _parsed(file.read_bytes()).identical(data)
            if not same:
                raise DataFolderError(file, "does not read as it was written", "check this disk before you go on")
        except BaseException:
            file.unlink(missing_ok=True)
            raise
        return file

    def adopt(self, file: Path, guid: str) -> Path:
        """Give a file that was written its GUID; where it is now."""
        with writing(self.folder):
            return file.replace(self.file(guid))

    def read(self, guid: str, digest: str) -> xr.Dataset:
        """The shots of a block. digest: `digest_of` its file when it was kept. DataFolderError if it is another one."""
        file = self.file(guid)
        try:
            content = file.read_bytes()
        except OSError as error:
            raise DataFolderError(file, f"cannot be read: {error.strerror or error}", _COPY) from error
        if sha256(content).hexdigest() != digest:
            raise DataFolderError(file, "is not as it was kept: its sha256 differs", _COPY)
        return _parsed(content)

    def export(self, guid: str, digest: str, file: Path) -> None:
        """Write the shots of a block to a netCDF file of the user's."""
        data = self.read(guid, digest)
        with writing(file):
            _save(data, file)


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """DataFolderError where `place` cannot be written."""
    try:
        yield
    except OSError as error:
        problem = f"cannot be written: {error.strerror or error}"
        raise DataFolderError(place, problem, "free some space or choose another folder with --data") from error


def digest_of(file: Path) -> str:
    """sha256 of a file."""
    return sha256(file.read_bytes()).hexdigest()


def _save(data: xr.Dataset, file: Path) -> None:
    # HDF5 never sees the disk: where one fills up under its hands, the whole process dies of it.
    with data.to_netcdf(engine="h5netcdf") as content, file.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _parsed(content: bytes) -> xr.Dataset:
    """What a file's content means; an axis in seconds stays a number."""
    with xr.open_dataset(BytesIO(content), engine="h5netcdf", decode_times=False, decode_timedelta=False) as stored:
        return stored.load()
