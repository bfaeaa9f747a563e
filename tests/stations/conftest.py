"""A station's folder, a data folder, and a command line that answers with code, stdout and stderr."""

import runpy
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from coldlink.stations.catalogue import Catalogue
from coldlink.stations.cli import main

FAKE = Path(__file__).with_name("fake_station.py")


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def fake() -> dict[str, Any]:
    """The names of fake_station.py."""
    return runpy.run_path(str(FAKE), run_name="fake_station")


@pytest.fixture
def station(tmp_path: Path) -> Path:
    folder = tmp_path / "cryostat_2"
    folder.mkdir()
    (folder / "link.yaml").write_text("title: 30 m link at 4 K\n", encoding="utf-8")
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def session(fake: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """The session that the command line will open."""
    session = fake["Session"]("cryostat_2")
    module = ModuleType("coldlink.stations.open")
    module.open_station = lambda folder, *, seed, memory: session  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return session


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    """The shipped stations and an own folder that holds cryostat_1."""
    own = tmp_path / "stations"
    (own / "cryostat_1").mkdir(parents=True)
    (own / "cryostat_1" / "link.yaml").write_text("title: the bench\n", encoding="utf-8")
    standard = Catalogue(shipped=Catalogue.standard().shipped, own=own)
    monkeypatch.setattr(Catalogue, "standard", lambda: standard)
    return standard


@pytest.fixture
def coldlink(
    data: Path, catalogue: Catalogue, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Answer]:
    """Run a command in this process; runs go to `data`."""
    monkeypatch.setenv("COLDLINK_DATA", str(data))

    def command(*arguments: object) -> Answer:
        with pytest.raises(SystemExit) as exit_:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Answer(int(exit_.value.code or 0), captured.out, captured.err)

    return command
