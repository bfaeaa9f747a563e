"""VCD: a trace as a value change dump (IEEE 1364), for any waveform viewer.

Every port in use is a scope or a wire: triggers with their level, data ports with their value, wave ports with the
words of the last wave and a strobe `valid` of one tick, and the host's counter.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..processor.event import COUNT, DATA, TRIG, WAVE
from .trace import Trace

_WORDS: Final = {"freq": 32, "phase": 32, "env": 24, "gain": 32, "length": 32, "conf": 16}
_PICOSECONDS: Final = 1e6
"""In a microsecond."""


@dataclass(frozen=True, kw_only=True)
class _Wire:
    """One variable. code: Its short name in the file. start: Value at tick 0, "x" if it has none."""

    scope: str
    name: str
    width: int
    code: str
    start: str

    def line(self, value: int | str) -> str:
        """The change to a value."""
        if self.width == 1:
            return f"{value}{self.code}"
        return f"b{value if isinstance(value, str) else format(value, 'b')} {self.code}"


def value_changes(trace: Trace) -> Iterator[str]:
    """The lines of the file; times are ticks rounded to 1 ps."""
    picoseconds = _PICOSECONDS / float(trace.record.tproc["f_time"])
    wires = {(wire.scope, wire.name): wire for wire in _wires(trace)}
    yield "$version coldlink trace $end"
    yield f"$comment {' '.join(trace.record.name.split())}, tick {picoseconds:.6f} ps $end"
    yield "$timescale 1 ps $end"
    yield "$scope module board $end"
    yield from _declared(list(wires.values()))
    yield "$upscope $end"
    yield "$enddefinitions $end"
    yield "#0"
    yield "$dumpvars"
    yield from (wire.line(wire.start) for wire in wires.values())
    yield "$end"
    now = 0
    for tick, key, value in _changes(trace):
        time = round(tick * picoseconds)
        if time != now:
            yield f"#{time}"
            now = time
        yield wires[key].line(value)


def _wires(trace: Trace) -> list[_Wire]:
    found: list[tuple[str, str, int, str]] = []
    for port in _used(trace, WAVE):
        found.append((f"wave{port}", "valid", 1, "0"))
        found += [(f"wave{port}", name, width, "x") for name, width in _WORDS.items()]
    found += [("", f"trigger{port}", 1, "0") for port in _used(trace, TRIG)]
    found += [("", f"data{port}", 8, "x") for port in _used(trace, DATA)]
    found.append(("", "host_counter", 32, "0"))
    return [
        _Wire(scope=scope, name=name, width=width, code=_code(number), start=start)
        for number, (scope, name, width, start) in enumerate(found)
    ]


def _used(trace: Trace, kind: int) -> list[int]:
    ports: list[int] = np.unique(trace.events["port"][trace.events["kind"] == kind]).tolist()
    return ports


def _code(number: int) -> str:
    """A short name of printable signs."""
    signs = chr(33 + number % 94)
    return signs if number < 94 else _code(number // 94 - 1) + signs


def _declared(wires: list[_Wire]) -> Iterator[str]:
    open_scope = ""
    for wire in wires:
        if wire.scope != open_scope:
            yield from ["$upscope $end"] if open_scope else []
            yield from [f"$scope module {wire.scope} $end"] if wire.scope else []
            open_scope = wire.scope
        yield f"$var wire {wire.width} {wire.code} {wire.name} $end"
    yield from ["$upscope $end"] if open_scope else []


def _changes(trace: Trace) -> list[tuple[int, tuple[str, str], int]]:
    """Tick, wire and value of every change, in the order of time; times of a port that waits for ever are left out."""
    found: list[tuple[int, tuple[str, str], int]] = []
    for event in trace.events[trace.events["tick"] < 1 << 47]:
        tick, kind, port = int(event["tick"]), int(event["kind"]), int(event["port"])
        if kind == WAVE:
            scope = f"wave{port}"
            found += [(tick, (scope, name), int(event[name])) for name in _WORDS]
            found += [(tick, (scope, "valid"), 1), (tick + 1, (scope, "valid"), 0)]
        else:
            name = {TRIG: f"trigger{port}", DATA: f"data{port}", COUNT: "host_counter"}[kind]
            found.append((tick, ("", name), int(event["value"])))
    return sorted(found, key=lambda change: change[0])
