"""Commands about boards and their programs: `coldlink trace`, `coldlink board conformance`."""

from pathlib import Path
from typing import Annotated

import typer

from .arguments import Debug

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
