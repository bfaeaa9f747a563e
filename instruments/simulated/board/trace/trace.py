"""Trace: what a program would make the board's ports do, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .....sequences.errors import BoardError
from ..converters.wiring import Wiring
from ..hazard import CALLS, CUT, ENDLESS, OFF_END, RETURN, STALE, STALL, STOPPED, Hazard
from ..hazards import hazards, held
from ..processor.decode import BRANCH, decode
from ..processor.disassembly import disassemble
from ..processor.event import COUNT, DATA, EVENT, LATENCY, SPACING, TRIG, WAVE
from ..processor.processor import BLOCK, Processor
from .record import Record
from .wired import wired

LONGEST: Final = 1_000_000
"""Events after which a program that goes on is no longer followed."""
WRAPPED: Final = 1000
"""The same after its return stack has wrapped: it has gone astray."""

_WAVE: Final = ("tick", "port", "freq", "phase", "env", "gain", "length", "conf", "asked", "pushed")
_PORT: Final = ("tick", "port", "value", "asked", "pushed")
_FOR_EVER: Final = "stalls for ever"
"""In what `decode` says of an instruction that is executed without ever ending."""


@dataclass(frozen=True, kw_only=True)
class Trace:
    """A run of a record. events: Of event.EVENT, in the order of their pushes. final: Registers and changed memory.

    wiring: The record's board, None if nobody knows it. ended: The program came to its end; if it did not, the last
    hazard says why.
    """

    record: Record
    wiring: Wiring | None
    events: NDArray[Any]
    final: dict[str, Any]
    hazards: tuple[Hazard, ...]
    ended: bool

    @cached_property
    def lateness(self) -> NDArray[np.int64]:
        """Of each event: 0 on time, 1 queued behind the port's previous event, 2 late or behind a late one."""
        return _lateness(self.events)

    def fired(self, kind: int) -> NDArray[np.int64]:
        """Rows of one kind of event in the order of tick, then port."""
        rows = np.flatnonzero(self.events["kind"] == kind)
        order = np.lexsort((self.events["port"][rows], self.events["tick"][rows]))
        found: NDArray[np.int64] = rows[order]
        return found

    def document(self) -> dict[str, Any]:
        """The trace as a reference record tells it, with its hazards."""
        ports = {"wave": (WAVE, _WAVE), "trig": (TRIG, _PORT), "data": (DATA, _PORT)}
        listed = {key: self._listed(kind, fields) for key, (kind, fields) in ports.items()}
        return {
            "name": self.record.name,
            **listed,
            "final": self.final,
            "hazards": [_told(hazard) for hazard in self.hazards],
            "ended": self.ended,
        }

    def _listed(self, kind: int, fields: tuple[str, ...]) -> list[list[int]]:
        rows = self.fired(kind)
        columns = [self.events[name][rows] for name in fields]
        found: list[list[int]] = np.stack([*columns, self.lateness[rows]], axis=1).tolist()
        return found


def trace(record: Record, *, longest: int = LONGEST) -> Trace:
    """Run a record to its end, or as far as it gets; BoardError only if a word of it cannot be decoded."""
    wiring = wired(record)
    program, traps = program_of(record)
    running = processor(record, program)
    lines = disassemble(record.pmem, record.sources, record.macros)
    sources = {line.address: line.origin for line in lines}
    events, ends = _run(running, longest, sources)
    stands = int(running.core["pc"][0])
    if not ends and stands in traps:
        ends.append(_end(running, events, STALL, traps[stands], sources))
    seen = hazards(events, wiring, sources=sources)
    if ends:
        # Nobody has seen the last step of its counter.
        seen = [hazard for hazard in seen if hazard.kind != STALE]
    found = (*seen, *held(running, sources=sources), *ends)
    return Trace(
        record=record, wiring=wiring, events=events, final=_final(record, running), hazards=found, ended=not ends
    )


def processor(record: Record, program: NDArray[Any]) -> Processor:
    """A processor at reset with the record in its memories."""
    return Processor(
        program, record.wmem, record.dmem, record.tproc, inputs=record.inputs, enable_tick=record.enable_tick
    )


def program_of(record: Record) -> tuple[NDArray[Any], dict[int, str]]:
    """The decoded instructions, and why those never end which wait for themselves, by address.

    In the table they stand as jumps to themselves, so that the run comes to its end there.
    """
    registers = int(record.tproc.get("dreg_qty", 16))
    traps: dict[int, str] = {}
    try:
        return decode(record.pmem, data_registers=registers), traps
    except BoardError as error:
        if _FOR_EVER not in str(error):
            raise
    rows = list(record.pmem)
    for address, row in enumerate(record.pmem):
        try:
            decode([row], data_registers=registers)
        except BoardError as error:
            if _FOR_EVER in str(error):
                rows[address], traps[address] = (0, 0, 0), str(error).partition(": ")[2]
    program = decode(rows, data_registers=registers)
    for address in traps:
        program[address]["kind"], program[address]["a0"], program[address]["address"] = BRANCH, -1, address
    return program, traps


def _run(running: Processor, longest: int, sources: Mapping[int, str]) -> tuple[NDArray[Any], list[Hazard]]:
    """Events, and what kept the program from its end; where its return stack wraps it goes on as the board does."""
    events, ends = np.zeros(0, EVENT), list[Hazard]()
    while not running.ended:
        blocks = [events]
        try:
            for block in running.run(block=min(BLOCK, longest - len(events))):
                blocks.append(block)
                if sum(map(len, blocks)) >= longest:
                    break
            kind = ENDLESS if running.core["wraps"][0] else CUT
            why = f"it goes on after {sum(map(len, blocks))} events; only these are shown"
        except BoardError as error:
            kind, why = _kind(running), str(error)
        events = np.concatenate(blocks)
        if not running.ended:
            ends.append(_end(running, events, kind, why, sources))
            if kind != CALLS:
                break
            running.core["wraps"], longest = 1, min(longest, len(events) + WRAPPED)
    return events, ends


def _kind(running: Processor) -> str:
    """What stopped the processor, by the instruction at which it stands."""
    address = int(running.core["pc"][0])
    if address >= running.program.size:
        return OFF_END
    if running.core["idle"][0] > running.patience:
        return ENDLESS
    code = running.program[address]
    if code["kind"] == BRANCH and code["operation"] in (1, 2):
        return CALLS if code["operation"] == 1 else RETURN
    return STOPPED


def _end(running: Processor, events: NDArray[Any], kind: str, why: str, sources: Mapping[int, str]) -> Hazard:
    """Why and where the program stopped."""
    address, cycle = int(running.core["pc"][0]), int(running.core["cycle"][0])
    ratio, begin = running.clock
    return Hazard(
        kind=kind,
        tick=int(cycle * ratio + begin),
        port=None,
        instruction=address,
        shot=int((events["kind"] == COUNT).sum()),
        why=why,
        source=sources.get(address),
    )


def _final(record: Record, running: Processor) -> dict[str, Any]:
    """Registers, and the words of the memories that are not as they were."""
    before = processor(record, running.program)
    data = np.flatnonzero(running.dmem != before.dmem)
    waves = np.flatnonzero((running.wmem != before.wmem).any(axis=1))
    return {
        **running.final(),
        "dmem_changed": {str(n): int(running.dmem[n]) for n in data},
        "wmem_changed": {str(n): running.wmem[n].tolist() for n in waves},
    }


def _lateness(events: NDArray[Any]) -> NDArray[np.int64]:
    late = events["possible"] > events["asked"] + LATENCY
    shifted = events["tick"] > events["asked"] + LATENCY
    found: NDArray[np.int64] = np.where(late, 2, np.where(shifted, 1, 0)) * (events["kind"] != COUNT)
    last: dict[int, int] = {}
    for row in np.flatnonzero(found):
        # Only a chain of events that push each other on can make a queued one late.
        port = int(events["kind"][row]) << 8 | int(events["port"][row])
        before = last.get(port)
        if found[row] == 1 and before is not None and events["tick"][row] == events["tick"][before] + SPACING:
            found[row] = found[before]
        last[port] = int(row)
    return found


def _told(hazard: Hazard) -> dict[str, Any]:
    """Keys in the order of the documents that `coldlink trace --json` writes."""
    fields = asdict(hazard)
    return {key: fields[key] for key in ("kind", "tick", "port", "instruction", "why", "shot", "source")}
