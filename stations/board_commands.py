"""Commands about boards and their programs: `coldlink trace`, `coldlink board conformance`."""

from pathlib import Path
from typing import Annotated

import typer

from .arguments import DONE, FAILED_GATES, Data, Debug, Json, StationArgument, answer, setup_of

board = typer.Typer(help="What concerns a QICK board by itself.")


def trace(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Program images as JSON, or .json.gz.")],
    soccfg: Annotated[Path | None, typer.Option(help="The board's description.", show_default=False)] = None,
    limit: Annotated[int, typer.Option(min=0, help="Events on the screen.")] = 200,
    figure: Annotated[Path | None, typer.Option(help="All ports over time, HTML.", show_default=False)] = None,
    vcd: Annotated[Path | None, typer.Option(help="Value change dump, for a viewer.", show_default=False)] = None,
    disassembly: Annotated[bool, typer.Option("--disassembly", help="Show every instruction.")] = False,
    stop: Annotated[str | None, typer.Option("--break", metavar="ADDRESS[:VISIT]", help="Show the registers.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document a program, each on a line.")] = False,
    debug: Debug = False,
) -> int:
    """Show what a board will play, event by event, and every hazard; plays nothing. Exit code 2: a file is none."""
    from .tracing import Request, trace_files

    request = Request(
        soccfg=soccfg, as_json=as_json, limit=limit, figure=figure, vcd=vcd, disassembly=disassembly, breakpoint=stop
    )
    return trace_files(files, request)


@board.command()
def conformance(
    station: StationArgument,
    generator: Annotated[int | None, typer.Option(min=0, help="Index of the output.", show_default="first")] = None,
    readout: Annotated[int | None, typer.Option(min=0, help="Index of the input.", show_default="first")] = None,
    delay_limit: Annotated[float, typer.Option(help="Longest delay that is looked for, in s.")] = 2e-6,
    data: Data = None,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Play pulses over a cable from an output to an input of the board; compare with its twin. Exit code 1: differs.

    Join them first, and unplug the cryostat: the pulses are loud. At a simulated station the cable is simulated, too.
    """
    setup, folder = setup_of(station, data)
    import numpy as np

    from .conformance import examine, print_conformance

    found, document = examine(
        setup,
        folder,
        generator=generator,
        readout=readout,
        delay_limit=delay_limit,
        quiet=as_json,
        rng=np.random.default_rng(),
    )
    if as_json:
        answer(document)
    else:
        print_conformance(document)
    return DONE if found.passed else FAILED_GATES
