"""Tracing: what `coldlink trace` does with the files it is given."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.text import Text

from ..instruments.simulated.board.feedback import reads_results
from ..instruments.simulated.board.processor.disassembly import Line, disassemble
from ..instruments.simulated.board.processor.event import COUNT
from ..instruments.simulated.board.trace.channels import Channels
from ..instruments.simulated.board.trace.record import Record, board, documents, record
from ..instruments.simulated.board.trace.trace import Trace, processor, program_of, trace
from ..instruments.simulated.board.trace.vcd import value_changes
from ..sequences.errors import BoardError, SequenceError
from .atomic import write_asked
from .report import PICTURE
from .screen import print_lines, print_rows
from .trace_figure import figure_of

DONE: Final = 0
UNREADABLE: Final = 2
NO_MACROS: Final = (
    "this file does not tell from which macro an instruction comes; one from coldlink.instruments.qick.image.written "
    "does"
)

_ON_TIME: Final = ("", "queued", "late")


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to show of each program. limit: Events on the screen. figure, vcd: Files to write, None for none.

    With more than one program each has its own file, with its name in it. breakpoint: ADDRESS or ADDRESS:VISIT, for
    the state before the instruction there executes for that time.
    """

    soccfg: Path | None = None
    as_json: bool = False
    limit: int = 200
    figure: Path | None = None
    vcd: Path | None = None
    disassembly: bool = False
    breakpoint: str | None = None


def trace_files(files: Sequence[Path], request: Request) -> int:
    """Trace every program of every file; returns the exit code. A file that cannot be read does not stop the others."""
    try:
        soccfg = None if request.soccfg is None else board(request.soccfg)
    except BoardError as error:
        return _refuse(error)
    place = None if request.breakpoint is None else _place(request.breakpoint)
    code, notes = DONE, dict[str, str]()
    found = list(_records(files, soccfg))
    for one, own in zip(found, _own_names(found), strict=True):
        try:
            if isinstance(one, BoardError):
                raise one
            traced = _traced(one)
            for note in _notes(one):
                notes.setdefault(note, one.name)
            _show(traced, request, own, None if place is None else _state(one, *place))
        except BoardError as error:
            code = _refuse(error)
    for note, name in notes.items():
        sys.stderr.write(f"note: {note.format(name=name)}\n")
    return code


def _notes(one: Record) -> Iterator[str]:
    """What had to be assumed or left out, each for the `name` of the first program of which it holds."""
    yield from (f"assumed {fact}, which {{name}} does not say" for fact in one.assumed)
    if not one.inputs and reads_results(program_of(one)[0]):
        yield "assumed that what {name} reads from its input ports is 0; list what arrives in `inject`"
    if one.soccfg is None:
        yield "{name} tells no board: waves that overlap or wait and open windows are not looked for; give --soccfg"


def _refuse(error: BoardError) -> int:
    sys.stderr.write(f"error: {error}\n")
    return UNREADABLE


def _records(files: Sequence[Path], soccfg: Mapping[str, Any] | None) -> Iterator[Record | BoardError]:
    """Each program, or why it cannot be had."""
    for file in files:
        try:
            found = documents(file)
        except BoardError as error:
            yield error
            continue
        for number, document in enumerate(found):
            try:
                yield record(document, file, number, soccfg)
            except BoardError as error:
                yield error


def _traced(one: Record) -> Trace:
    try:
        return trace(one)
    except BoardError as error:
        raise BoardError(f"{one.origin}: {error}") from error


def _place(text: str) -> tuple[int, int]:
    address, _, visit = text.partition(":")
    try:
        return int(address, 0), int(visit or "1")
    except ValueError:
        raise SequenceError(f"{text!r} is no breakpoint; write ADDRESS or ADDRESS:VISIT, such as 12:3") from None


def _state(one: Record, address: int, visit: int) -> dict[str, Any]:
    """What the processor holds at a breakpoint; `reached` tells whether it came there."""
    program, _ = program_of(one)
    if not 0 <= address < program.size or visit < 1:
        raise BoardError(f"{one.origin}: no breakpoint at {address}:{visit}: instructions are 0 to {program.size - 1}")
    try:
        stop = processor(one, program).stop_at(address, visit)
    except BoardError:
        # Why it stops before is a hazard of the trace.
        stop = None
    if stop is None:
        return {"address": address, "visit": visit, "reached": False}
    plain = ("tick", "cycle", "reference", "zero", "sign", "flag", "registers", "calls")
    return {"address": address, "visit": visit, "reached": True, **{name: getattr(stop, name) for name in plain}}


def _show(found: Trace, request: Request, own: str, state: dict[str, Any] | None) -> None:
    """own: See `_own_names`."""
    listed = found.record.pmem if request.disassembly else []
    lines = disassemble(listed, found.record.sources, found.record.macros)
    if request.figure is not None:
        write_asked(_own(request.figure, own), figure_of(found).to_html(config=PICTURE))
    if request.vcd is not None:
        write_asked(_own(request.vcd, own), "\n".join(value_changes(found)) + "\n")
    if request.as_json:
        more: dict[str, Any] = {"disassembly": [asdict(line) for line in lines]} if request.disassembly else {}
        more |= {} if state is None else {"break": state}
        sys.stdout.write(json.dumps(found.document() | more, allow_nan=False) + "\n")
        return
    print_lines(found.record.name)
    _print_disassembly(lines)
    _print_events(found, request.limit)
    _print_state(state)
    _print_hazards(found)
    print_lines(*[""] * bool(own))


def _own_names(found: Sequence[Record | BoardError]) -> list[str]:
    """What tells the files of several programs apart; nothing of one alone."""
    if len(found) == 1:
        return [""]
    names: list[str] = []
    for one in found:
        plain = "error" if isinstance(one, BoardError) else one.name
        name = "-" + "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in plain)
        again = sum(before == name or before.startswith(f"{name}-again-") for before in names)
        names.append(f"{name}-again-{again}" if again else name)
    return names


def _own(file: Path, own: str) -> Path:
    return file.with_name(f"{file.stem}{own}{file.suffix}")


def _print_disassembly(lines: Sequence[Line]) -> None:
    """A table with an instruction on each line, however long."""
    if not lines:
        return
    cells = ((str(one.address), f"{one.word:018x}", one.text, one.macro or "", one.source or "") for one in lines)
    rows = [("address", "word", "text", "macro", "from"), *cells]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    print_lines(
        *("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    )
    print_lines(*[NO_MACROS] * all(line.macro is None for line in lines), "")


def _print_events(found: Trace, limit: int) -> None:
    """A table in the order of time."""
    order = np.argsort(found.events["tick"], kind="stable")
    f_time, channels = float(found.record.tproc["f_time"]), Channels(found.wiring)
    print_rows(
        {
            "tick": str(event["tick"]),
            "µs": f"{event['tick'] / f_time:.4f}",
            "channel": channels.name(event),
            "does": channels.tells(event),
            "asked for": "" if event["kind"] == COUNT else str(event["asked"]),
            "": _ON_TIME[late],
        }
        for event, late in zip(found.events[order[:limit]], found.lateness[order[:limit]], strict=True)
    )
    if order.size > limit:
        print_lines(f"and {order.size - limit} more events; --limit {order.size} shows all of them")
    print_lines(f"{order.size} events" + ("" if found.ended else "; the program has not come to its end"))


def _print_state(state: dict[str, Any] | None) -> None:
    if state is None:
        return
    place = f"instruction {state['address']}, visit {state['visit']}"
    if not state["reached"]:
        print_lines(f"the program never comes to {place}")
        return
    levels = " ".join(f"{name} {int(state[name])}" for name in ("zero", "sign", "flag"))
    print_lines(
        f"before {place}: tick {state['tick']}, reference {state['reference']}, {levels}, calls {state['calls']}"
    )
    held = {name: value for name, value in state["registers"].items() if value}
    print_lines(", ".join(f"{name} {value} (0x{value:x})" for name, value in held.items()) or "all registers are 0")


def _print_hazards(found: Trace) -> None:
    console = Console()
    for hazard in found.hazards:
        console.print(Text(f"{hazard.kind} at tick {hazard.tick}: {hazard}", style="red"), soft_wrap=True)
    if not found.hazards:
        print_lines("no hazards")
