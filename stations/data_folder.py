"""The data folder: every run, report and twin's world, outside of the checkout."""

import json
import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..sequences.errors import DataFolderError
from .atomic import write_json
from .nearest import nearest
from .run import Run, RunRecord
from .versions import versions

if TYPE_CHECKING:
    from collections.abc import Iterator

    import xarray as xr

FORMAT: Final = 1
ROOM_BYTES: Final = 200_000_000
_TAG_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_ELSEWHERE: Final = "choose another folder with --data or COLDLINK_DATA"


def utc_now() -> datetime:
    """The time, in the zone that runs are named in."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class DataFolder:
    """Where runs are kept. path: format.json, measurements.db with all averages, shots/GUID.h5, runs/RUN/,
    worlds/STATION/SEED/, figures/. clock: UTC.
    """

    path: Path
    clock: Callable[[], datetime] = utc_now

    @classmethod
    def at(cls, chosen: Path | None) -> "DataFolder":
        """The folder that was chosen, else the platform's place for a user's application data."""
        from platformdirs import user_data_path

        return cls((chosen or user_data_path("coldlink", appauthor=False)).expanduser().absolute())

    def prepare(self) -> None:
        """Make the folder ready for a run; DataFolderError if a run could not be kept here."""
        package = Path(__file__).resolve().parents[1]
        if package == self.path.resolve() or package in self.path.resolve().parents:
            raise DataFolderError(self.path, "is inside of coldlink's own folder, where no data belong", _ELSEWHERE)
        with self._writing():
            self.path.mkdir(parents=True, exist_ok=True)
            self._mark_format()
            probe = self.path / f".probe-{_tag()}"
            probe.touch()
            probe.unlink()
        free = shutil.disk_usage(self.path).free
        if free < ROOM_BYTES:
            problem = f"{free / 1e6:.0f} MB are free, a run may need {ROOM_BYTES / 1e6:.0f} MB"
            raise DataFolderError(self.path, problem, f"free some space or {_ELSEWHERE}")

    def begin(self, *, station: str, protocol: str, seed: int | None, command: tuple[str, ...]) -> Run:
        """A new run, to be entered; it is named so that names sort by time (UTC)."""
        from ..calibration.record import Recorder

        started = self.clock()
        about = {
            "station": station,
            "protocol": protocol,
            "seed": seed,
            "cooldown": self.cooldown(station, seed),
            "started": started.isoformat(timespec="seconds"),
            "pid": os.getpid(),
            "command": list(command),
            "versions": versions(),
        }
        name = f"{started:%Y%m%d-%H%M%S}-{protocol}-{station}-{_tag()}"
        recorder = Recorder(self._database, self._shots, station, name)
        return Run(self.path / "runs" / name, about, self.clock, recorder)

    def runs(self) -> list[RunRecord]:
        """All runs, the oldest first."""
        self._check_format()
        folder = self.path / "runs"
        return [RunRecord(child) for child in sorted(folder.iterdir()) if child.is_dir()] if folder.is_dir() else []

    def going(self) -> list[RunRecord]:
        """The runs that some process is working on now."""
        return [record for record in self.runs() if record.state == "running"]

    def crashed_last(self) -> list[RunRecord]:
        """The last run, if it crashed."""
        return [record for record in self.runs()[-1:] if record.state == "crashed"]

    def find(self, run: str) -> RunRecord:
        """The run of this name, or the `last` one that was completed."""
        records = {record.name: record for record in self.runs()}
        if run == "last":
            completed = [record for record in records.values() if record.state == "completed"]
            if not completed:
                raise DataFolderError(self.path, "no run was completed here", "begin with `coldlink run`")
            return completed[-1]
        if run not in records:
            meant = nearest(run, records)
            hint = f"did you mean {meant}?" if meant else "give a run's name, or `last`"
            raise DataFolderError(self.path, f"no run {run!r}", hint)
        return records[run]

    def block(self, record: RunRecord, step: str) -> "xr.Dataset":
        """What was measured in a step of a run, shot by shot."""
        from ..calibration.record import Archive

        if step not in record.blocks:
            measured = ", ".join(record.blocks) or "none"
            raise DataFolderError(record.folder, f"no data of {step!r}", f"its blocks are: {measured}")
        return Archive(self._database, self._shots).load(record.blocks[step])

    def world(self, station: str, seed: int | None) -> Path:
        """The folder that a twin's world is kept in, one for each seed."""
        folder = self.path / "worlds" / station / ("unseeded" if seed is None else f"seed-{seed}")
        with self._writing():
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def served(self, station: str, seed: int | None) -> Path:
        """Where the station folder of a served twin is written."""
        return self.path / "served" / f"{station}-served{'' if seed is None else f'-{seed}'}"

    def cooldown(self, station: str, seed: int | None) -> int:
        """The number of the cooldown that this world is in; the first is 1."""
        file = self.world(station, seed) / "cooldown.json"
        if not file.is_file():
            with self._writing():
                write_json(file, {"cooldown": 1})
        return int(_json(file)["cooldown"])

    def figure(self, name: str) -> Path:
        """Where a figure that belongs to no run is put."""
        folder = self.path / "figures"
        with self._writing():
            folder.mkdir(exist_ok=True)
        return folder / f"{name}.html"

    def _mark_format(self) -> None:
        if not (self.path / "format.json").exists():
            write_json(self.path / "format.json", {"format": FORMAT})
        self._check_format()

    def _check_format(self) -> None:
        file = self.path / "format.json"
        found = _json(file).get("format") if file.is_file() else FORMAT
        if found != FORMAT:
            problem = f"is of format {found}, this version of coldlink keeps format {FORMAT}"
            raise DataFolderError(self.path, problem, f"use the coldlink that wrote it, or {_ELSEWHERE}")

    @property
    def _database(self) -> Path:
        return self.path / "measurements.db"

    @property
    def _shots(self) -> Path:
        return self.path / "shots"

    @contextmanager
    def _writing(self) -> "Iterator[None]":
        try:
            yield
        except OSError as error:
            problem = f"cannot be written: {error.strerror or error}"
            raise DataFolderError(self.path, problem, _ELSEWHERE) from error


def _json(file: Path) -> Mapping[str, int]:
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise DataFolderError(file, f"cannot be read: {error}", f"restore it from a copy, or {_ELSEWHERE}") from None


def _tag() -> str:
    return "".join(secrets.choice(_TAG_LETTERS) for _ in range(3))
