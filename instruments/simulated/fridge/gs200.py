"""SimulatedGs200: a Yokogawa GS200 voltage source, its SCPI texts, limits, trips and ramp programs.

Commands as in the user's manual IM GS210-01EN. Errors go to its queue; a command with an error changes nothing.
"""

import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise, product
from typing import Any, Final

from ...clock import Clock

RANGES: Final = {
    "VOLT": {10e-3: (1e-7, 12e-3), 100e-3: (1e-6, 120e-3), 1.0: (1e-5, 1.2), 10.0: (1e-4, 12.0), 30.0: (1e-3, 32.0)},
    "CURR": {1e-3: (1e-8, 1.2e-3), 10e-3: (1e-7, 12e-3), 100e-3: (1e-6, 120e-3), 200e-3: (1e-6, 200e-3)},
}
"""Ranges of each function, and the resolution and the largest level there (V or A)."""

END_OF_PROGRAM, TRIPPED = 1 << 7, 1 << 12
ERROR_AVAILABLE = 1 << 2

UNDEFINED_HEADER = '-113,"Undefined header"'
WRONG_PARAMETER = '-224,"Illegal parameter value"'
OUT_OF_RANGE = '-222,"Data out of range"'
CONFLICT = '-221,"Settings conflict"'

FLAGS: Final = {
    "PROGram:REPeat": "0",
    "PROGram:TRIGger": "NORM",
    "PROGram:LOAD": "",
    "ROUTe:BNCO": "trigger",
    "ROUTe:BNCI": "trigger",
    "SENSe:GUARd": "0",
    "SENSe:REMote": "0",
    "SOURce:PROTection:CURRent": "0.200",
    "SOURce:PROTection:VOLTage": "30",
}
"""Settings that are kept and do nothing to the output."""

Point = tuple[float, float]


@dataclass
class SimulatedGs200:
    """serial: As in `*IDN?`. on_output: Told the voltage at the terminals (V) when it has changed, 0 while it is off.

    It is told after each command, so not along the slope of a program.
    """

    serial: str
    clock: Clock
    on_output: Callable[[float], None]
    range: float = 1.0
    terminator: bytes = b"\n"
    output: bool = False
    function: str = "VOLT"
    slope: float = 0.0
    interval: float = 0.1
    flags: dict[str, str] = field(default_factory=lambda: dict(FLAGS))
    errors: deque[str] = field(default_factory=deque)
    _course: list[Point] = field(default_factory=lambda: [(0.0, 0.0)])
    _program: list[float] = field(default_factory=list)
    _editing: bool = False
    _running: bool = False
    _events: int = 0

    def __post_init__(self) -> None:
        self._told: float | None = None
        self._commands = _table(
            {
                "OUTPut": self._set_output,
                "SOURce:FUNCtion": self._set_function,
                "SOURce:RANGe": self._set_range,
                "SOURce:LEVel": self._set_level,
                "SOURce:LEVel:AUTO": self._set_level_auto,
                "PROGram:SLOPe": lambda text: setattr(self, "slope", float(text)),
                "PROGram:INTerval": lambda text: setattr(self, "interval", float(text)),
                "PROGram:EDIT:STARt": lambda _: self._edit(True),
                "PROGram:EDIT:END": lambda _: self._edit(False),
                "PROGram:RUN": lambda _: self._run(),
                "*CLS": lambda _: self._clear(),
                "*RST": lambda _: self._reset(),
            }
            | {header: lambda text, header=header: self.flags.update({header: text.strip("'\"")}) for header in FLAGS}
        )
        self._queries: dict[str, Callable[[], str]] = _table(
            {
                "*IDN": lambda: self.identity,
                "*OPT": lambda: "0",
                "*ESR": lambda: "0",
                "*STB": lambda: str(ERROR_AVAILABLE if self.errors else 0),
                "OUTPut": lambda: str(int(self.output)),
                "SOURce:FUNCtion": lambda: self.function,
                "SOURce:RANGe": lambda: f"{self.range:+.5E}",
                "SOURce:LEVel": lambda: f"{self.level:+.5E}",
                "PROGram:SLOPe": lambda: f"{self.slope:.1f}",
                "PROGram:INTerval": lambda: f"{self.interval:.1f}",
                "PROGram:COUNt": lambda: str(max(len(self._program), 1)),
                "STATus:CONDition": lambda: "0",
                "STATus:EVENt": self._event,
                "SYSTem:ERRor": lambda: self.errors.popleft() if self.errors else '0,"No error"',
                "SYSTem:LFRequency": lambda: "50",
            }
            | {header: lambda header=header: self.flags[header] for header in FLAGS}
        )
        self.tell()

    @property
    def identity(self) -> str:
        """Answer to `*IDN?`."""
        return f"YOKOGAWA,GS210,{self.serial},2.02"

    @property
    def level(self) -> float:
        """Source level of now (V or A), at the output or not."""
        now = self.clock.now()
        for (start, low), (end, high) in pairwise(self._course):
            if now < end:
                return low + (high - low) * max(now - start, 0.0) / (end - start)
        return self._course[-1][1]

    @property
    def resolution(self) -> float:
        """Of the level in the present range (V or A)."""
        return RANGES[self.function][self.range][0]

    @property
    def largest(self) -> float:
        """Level that the present range can give (V or A)."""
        return RANGES[self.function][self.range][1]

    def answer(self, command: str) -> str | None:
        """Reply to one command, None for none."""
        header, _, argument = command.strip().partition(" ")
        key = header.upper().removeprefix(":")
        self._finish()
        if key.endswith("?"):
            query = self._queries.get(key[:-1])
            if query is None:
                self.errors.append(UNDEFINED_HEADER)
                return None
            return query()
        self._obey(key, argument.strip())
        self.tell()
        return None

    def tell(self) -> None:
        """Let the plant know what the terminals carry."""
        volts = self.level if self.output and self.function == "VOLT" else 0.0
        if volts != self._told:
            self._told = volts
            self.on_output(volts)

    def trip(self) -> None:
        """A protection switches the output off."""
        self.output, self._events = False, self._events | TRIPPED
        self.tell()

    def save(self) -> dict[str, Any]:
        """What survives in the instrument, JSON-able."""
        return {
            "level": self.level,
            "output": self.output,
            "function": self.function,
            "range": self.range,
            "flags": dict(self.flags),
        }

    def restore(self, world: Mapping[str, Any]) -> None:
        """Go back to what `save` gave."""
        self.output, self.function, self.range = world["output"], world["function"], world["range"]
        self.flags = dict(world["flags"])
        self._stay(world["level"])
        self.tell()

    def _obey(self, key: str, argument: str) -> None:
        command = self._commands.get(key)
        if command is None:
            self.errors.append(UNDEFINED_HEADER)
            return
        try:
            command(argument)
        except (ValueError, KeyError):
            self.errors.append(WRONG_PARAMETER)

    def _set_output(self, text: str) -> None:
        self.output = {"0": False, "OFF": False, "1": True, "ON": True}[text.upper()]

    def _set_function(self, text: str) -> None:
        if self.output:
            self.errors.append(CONFLICT)
        elif text.upper() != self.function:
            self.range = max(RANGES[text.upper()])
            self.function = text.upper()
            self._stay(0.0)

    def _set_range(self, text: str) -> None:
        fitting = [value for value in RANGES[self.function] if value >= float(text) * (1 - 1e-9)]
        if not fitting or abs(self.level) > RANGES[self.function][min(fitting)][1]:
            self.errors.append(OUT_OF_RANGE)
        else:
            self.range = min(fitting)

    def _set_level(self, text: str) -> None:
        wanted = float(text)
        if not abs(wanted) <= self.largest:
            self.errors.append(OUT_OF_RANGE)
        elif self._editing:
            self._program.append(self._rounded(wanted))
        else:
            self._stay(self._rounded(wanted))

    def _set_level_auto(self, text: str) -> None:
        fitting = [value for value in RANGES[self.function] if value >= abs(float(text))]
        if not fitting:
            self.errors.append(OUT_OF_RANGE)
        else:
            self.range = min(fitting)
            self._stay(self._rounded(float(text)))

    def _edit(self, editing: bool) -> None:
        self._editing = editing
        if editing:
            self._program = []

    def _run(self) -> None:
        """Play the program once: a slope to each level at the start of its interval."""
        if self._editing or not self._program or not self.output:
            self.errors.append(CONFLICT)
            return
        now, course, level = self.clock.now(), [], self.level
        for step, wanted in enumerate(self._program):
            start = now + step * self.interval
            course += [(start, level), (start + self.slope, wanted)]
            level = wanted
        self._course, self._running = course, True

    def _finish(self) -> None:
        if self._running and self.clock.now() >= self._course[-1][0]:
            self._running, self._events = False, self._events | END_OF_PROGRAM

    def _stay(self, level: float) -> None:
        self._course, self._running = [(self.clock.now(), level)], False

    def _event(self) -> str:
        events, self._events = self._events, 0
        return str(events)

    def _clear(self) -> None:
        self.errors.clear()
        self._events = 0

    def _reset(self) -> None:
        self.output, self.function, self.range, self.flags = False, "VOLT", 10.0, dict(FLAGS)
        self._stay(0.0)

    def _rounded(self, level: float) -> float:
        return round(level, -round(math.log10(self.resolution)))


def _table(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Every spelling of each header: `SOURce:LEVel` is SOUR:LEV, SOURCE:LEV, SOUR:LEVEL and SOURCE:LEVEL."""
    return {
        ":".join(nodes): action
        for header, action in headers.items()
        for nodes in product(*({_short(node), node.upper()} for node in header.split(":")))
    }


def _short(node: str) -> str:
    return "".join(letter for letter in node if not letter.islower())
