"""Arguments: what several commands of the command line take, their exit codes, and how they answer."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from .catalogue import Station
    from .data_folder import DataFolder

DONE: Final = 0
FAILED_GATES: Final = 1
WRONG_USE: Final = 2
APPARATUS: Final = 3
BUG: Final = 70
INTERRUPTED: Final = 130


def _named_folder(text: str) -> Path:
    if not text.strip():
        raise typer.BadParameter("a folder without a name; leave the option out for the usual folder")
    return Path(text)


_STATION: Final = "A shipped station, one of your stations folder, or the path of a station's folder."
StationArgument = Annotated[str, typer.Argument(metavar="STATION", help=_STATION, show_default=False)]
Seed = Annotated[int | None, typer.Option(min=0, help="Which world of a twin.", show_default=False)]
Link = Annotated[str | None, typer.Option("--link", metavar="NAME", help="Which link, of several.", show_default=False)]
Shots = Annotated[int | None, typer.Option(min=1, help="Per setting, instead of the protocol's own.")]
Data = Annotated[
    Path | None,
    typer.Option(envvar="COLDLINK_DATA", help="Folder for runs and reports.", parser=_named_folder, metavar="FOLDER"),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show where an error comes from.")]


def setup_of(station: str, data: Path | None) -> "tuple[Station, DataFolder]":
    """The station and the folder, so that a wrong name is answered before anything slow is imported."""
    from .catalogue import Catalogue
    from .data_folder import DataFolder

    setup, folder = Catalogue.standard().find(station), DataFolder.at(data)
    folder.prepare()
    return setup, folder


def answer(document: Mapping[str, Any]) -> None:
    """Print one JSON document."""
    typer.echo(json.dumps(document, indent=2, allow_nan=False))
