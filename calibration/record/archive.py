"""Archive: finds blocks that were kept again, by their GUIDs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import xarray as xr

from .database import Database
from .shots import Shots

SIDECAR: Final = "single_shots"
"""Under which a block's metadata say what its file of single shots is."""


@dataclass(frozen=True)
class Archive:
    """database: File. shots: Folder for single shots.

    Every method raises DataFolderError for a block that is not there or no longer as it was kept.
    """

    database: Path
    shots: Path

    def load(self, guid: str) -> xr.Dataset:
        """A block as it was measured, shot by shot."""
        return Shots(self.shots).read(guid, self._digest(guid))

    def export(self, guid: str, file: Path) -> None:
        """Write a block, shot by shot, to a netCDF file."""
        Shots(self.shots).export(guid, self._digest(guid), file)

    def metadata(self, guid: str) -> dict[str, Any]:
        """What was kept with a block."""
        return Database(self.database).metadata(guid)

    def _digest(self, guid: str) -> str:
        return str(self.metadata(guid)[SIDECAR]["sha256"])
