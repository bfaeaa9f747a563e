"""The stations that there are: shipped with the package, in the user's stations folder, or at a path."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..sequences.errors import StationError
from .nearest import suggestion

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_DECLARATION: Final = "link.yaml"


@dataclass(frozen=True)
class Station:
    """A setup's folder; it holds link.yaml, and truth.yaml if the setup is a twin."""

    name: str
    folder: Path

    @property
    def kind(self) -> str:
        """`simulated` or `bench`."""
        return "simulated" if (self.folder / "truth.yaml").is_file() else "bench"

    def title(self) -> str:
        """What the setup is, in the words of its link.yaml."""
        from .yaml_file import read

        declaration = read(self.folder / _DECLARATION)
        title = declaration.content.get("title")
        if not isinstance(title, str):
            hint = "add a line such as `title: 30 m link at 4 K`"
            raise StationError(declaration.file, "missing or no text", declaration.line(("title",)), "title", hint)
        return title


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Where stations are looked for by name. shipped: The package's folder. own: The user's; need not exist."""

    shipped: Path
    own: Path

    @classmethod
    def standard(cls) -> "Catalogue":
        """The shipped stations, and those in the platform's place for a user's configuration."""
        from platformdirs import user_config_path

        return cls(shipped=Path(__file__).parent, own=user_config_path("coldlink", appauthor=False) / "stations")

    def stations(self) -> list[Station]:
        """All stations that have a name."""
        return [*_stations_in(self.shipped), *_stations_in(self.own)]

    def find(self, station: str) -> Station:
        """The station of this name, or in this folder; StationError names the nearest one."""
        found = [candidate for candidate in self.stations() if candidate.name == station]
        if len(found) > 1:
            hint = "rename this folder, or give its path"
            raise StationError(found[1].folder, f"{station} is also the name of a shipped station", hint=hint)
        return found[0] if found else self._at(Path(station).expanduser(), station)

    def _at(self, folder: Path, station: str) -> Station:
        if not (folder / _DECLARATION).is_file():
            if folder.is_dir():
                raise StationError(folder, f"holds no {_DECLARATION}", hint="give the folder of a station")
            names = [candidate.name for candidate in self.stations()]
            raise StationError(self.own, f"no station {station!r} here or shipped", hint=suggestion(station, names))
        name = folder.resolve().name
        if not _NAME.fullmatch(name):
            hint = "use letters, digits, dots, dashes and underscores: runs are named after it"
            raise StationError(folder, f"{name!r} cannot be a station's name", hint=hint)
        return Station(name, folder.resolve())


def _stations_in(folder: Path) -> Iterator[Station]:
    for declaration in sorted(folder.glob(f"*/{_DECLARATION}")):
        if _NAME.fullmatch(declaration.parent.name):
            yield Station(declaration.parent.name, declaration.parent)
