"""Recorder: keeps the blocks of a run, whole or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xarray as xr

from ...sequences.errors import DataFolderError
from .archive import SIDECAR
from .averages import averages
from .database import Database, Entry
from .shots import Shots, digest_of, writing


@dataclass(frozen=True)
class Recorder:
    """database: File, one a data folder. shots: Folder for single shots. station, run: QCoDeS's sample and experiment.

    Every method raises DataFolderError where the disk, the folder or the database does not do its part.
    """

    database: Path
    shots: Path
    station: str
    run: str

    def prepare(self) -> None:
        """Make what is missing, and refuse now what could not be written to later."""
        with writing(self.shots):
            self.database.parent.mkdir(parents=True, exist_ok=True)
            self.shots.mkdir(parents=True, exist_ok=True)
        Database(self.database).prepare()

    def keep(self, name: str, data: xr.Dataset, metadata: Mapping[str, Any]) -> str:
        """Put a block on the disk, and return its GUID once all of it has been found there.

        data: As `Board.run` gives them; their attributes go with `metadata`. Of a block that the database refuses, the
        single shots stay in the file that the error names.
        """
        shots = Shots(self.shots)
        file = shots.write(data, f"{self.run}-{name}")
        entry = Entry(
            station=self.station,
            run=self.run,
            name=name,
            averages=averages(data),
            metadata={**data.attrs, **metadata, SIDECAR: {"sha256": digest_of(file)}},
        )
        try:
            self.prepare()
            with Database(self.database).adding(entry) as guid:
                file = shots.adopt(file, guid)
        except DataFolderError as error:
            hint = f"{error.hint}; the single shots of {name} are in {file}"
            raise DataFolderError(error.folder, error.problem, hint) from error
        return guid
