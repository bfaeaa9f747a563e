"""Run: one measurement's folder, honest about its state at every instant."""

import json
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Self

from ..sequences.errors import ColdlinkError, DataFolderError
from .atomic import write_json
from .lease import Lease

if TYPE_CHECKING:
    from collections.abc import Iterator

    import xarray as xr

    from ..calibration.record import Recorder

STATE: Final = "run.json"
RESULT: Final = "result.json"
REPORT: Final = "report.html"
_LEASE: Final = "alive.lock"
_NONE: Final[Mapping[str, object]] = MappingProxyType({})


@dataclass(frozen=True)
class RunRecord:
    """A run as its folder tells it."""

    folder: Path

    @property
    def name(self) -> str:
        """The run's id: when (UTC), what, where."""
        return self.folder.name

    @property
    def about(self) -> dict[str, Any]:
        """run.json as it was last written; empty if the process died before it wrote any."""
        return _read(self.folder / STATE)

    @property
    def blocks(self) -> dict[str, str]:
        """GUID of the data of each step that was measured, in their order."""
        return dict(self.about.get("blocks", {}))

    @property
    def result(self) -> dict[str, Any]:
        """What the report is made of; empty if the run was not completed."""
        return _read(self.folder / RESULT)

    @property
    def state(self) -> str:
        """running, completed, aborted or crashed; a run whose process is gone has crashed, whatever it wrote.

        damaged, if run.json cannot be read: one bad file must not hide the other runs.
        """
        try:
            written = self.about.get("state", "running")
        except DataFolderError:
            return "damaged"
        return "crashed" if written == "running" and not Lease(self.folder / _LEASE).is_held() else str(written)


@dataclass
class Run:
    """A run that is going on; leaving the `with` settles its state. about: station, protocol, seed, command, ..."""

    folder: Path
    about: Mapping[str, object]
    clock: Callable[[], datetime]
    recorder: "Recorder"
    _lease: Lease = field(init=False, repr=False)
    _kept: dict[str, object] = field(default_factory=dict, init=False, repr=False)
    _blocks: dict[str, str] = field(default_factory=dict, init=False, repr=False)
    _state: str = field(default="running", init=False)

    def __post_init__(self) -> None:
        self._lease = Lease(self.folder / _LEASE)

    @property
    def report(self) -> Path:
        """Where the report is."""
        return self.folder / REPORT

    def keep(self, datasets: "Mapping[str, xr.Dataset]", conditions: Mapping[str, object] = _NONE) -> None:
        """Put on the disk what was measured so far; a dataset that is there already is not written again.

        conditions: Kept with the data, for example temperatures and settings.
        """
        for name, dataset in datasets.items():
            if self._kept.get(name) is not dataset:
                self._blocks[name] = self.recorder.keep(name, dataset, {**self.about, **conditions})
                self._kept[name] = dataset
                self._write(state="running")

    def complete(self, document: Mapping[str, object], material: Mapping[str, object]) -> None:
        """Say that everything was measured. document: What --json prints. material: What the report shows."""
        with self._writing():
            write_json(self.folder / RESULT, {"document": document, **material})
        self._settle("completed", result=document)

    def __enter__(self) -> Self:
        self.recorder.prepare()
        with self._writing():
            self.folder.mkdir(parents=True)
            self._lease.take()
        self._write(state="running")
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            if self._state == "running":
                self._settle(_ending(error), error=_words(error))
        finally:
            self._lease.release()

    def _settle(self, state: str, **more: object) -> None:
        self._write(state=state, ended=self.clock().isoformat(timespec="seconds"), **more)
        self._state = state

    def _write(self, **more: object) -> None:
        with self._writing():
            write_json(self.folder / STATE, {**more, "run": self.folder.name, "blocks": self._blocks, **self.about})

    @contextmanager
    def _writing(self) -> "Iterator[None]":
        try:
            yield
        except OSError as error:
            hint = "free some space or choose another folder with --data"
            raise DataFolderError(self.folder, f"cannot be written: {error.strerror or error}", hint) from error


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise DataFolderError(
            file, f"cannot be read: {error}", "restore it from a copy, or move its run away"
        ) from None
    return dict(content)


def _ending(error: BaseException | None) -> str:
    """How a run ended that was not completed: stopped for a reason that is known, or by a fault."""
    return "aborted" if error is None or isinstance(error, KeyboardInterrupt | ColdlinkError) else "crashed"


def _words(error: BaseException | None) -> str:
    return f"{type(error).__name__}: {error}" if error is not None else "left before it was complete"
