"""Commands that only a twin has: `coldlink twin truth`, `serve`, `spectrum`, `predict`."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from .arguments import DONE, Data, Debug, Json, Seed, StationArgument, answer, setup_of
from .prediction_commands import predict, spectrum

twin = typer.Typer(help="What only a simulated cryostat can tell; for tests and benchmarks.")
twin.command()(spectrum)
twin.command()(predict)


@twin.command()
def truth(
    station: StationArgument, seed: Seed = None, data: Data = None, as_json: Json = False, debug: Debug = False
) -> int:
    """Show the true value of everything that was calibrated, at the settings that are stored with it."""
    setup, folder = setup_of(station, data)
    from .screen import print_lines, print_rows
    from .twin import truth_of

    values = truth_of(setup.folder, seed, folder.world(setup.name, seed))
    if as_json:
        answer({"station": setup.name, "seed": seed, "parameters": values})
    elif values:
        print_rows({"parameter": name, "value": f"{value:.10g}"} for name, value in values.items() if value is not None)
    else:
        print_lines(
            f"nothing is calibrated at {setup.name} yet; `coldlink calibrate {setup.name}` does it,",
            f"`coldlink twin spectrum {setup.name}` shows the device as it is",
        )
    return DONE


@twin.command()
def serve(
    station: StationArgument,
    seed: Seed = None,
    data: Data = None,
    into: Annotated[Path | None, typer.Option(help="Folder for the clients' station.", show_default=False)] = None,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Run a twin as a process of its own until Ctrl-C; others use it through the station folder that this writes."""
    setup, folder = setup_of(station, data)
    from .screen import print_lines
    from .serving import ServedTwin

    place = into or folder.served(setup.name, seed)

    def ready(addresses: Mapping[str, str]) -> None:
        if as_json:
            answer({"station": setup.name, "seed": seed, "served": str(place), "addresses": dict(addresses)})
        else:
            print_lines(f"{setup.name} is served; use it as", f"  coldlink run handshake {place}", "Ctrl-C ends it")

    with suppress(KeyboardInterrupt):
        ServedTwin(setup.folder, seed, folder.world(setup.name, seed), place).run(ready)
    return DONE
