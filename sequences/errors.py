"""The error tree: each error holds its values, and its message gives value, limit and next step.

ColdlinkError
├── SequenceError       the sequence cannot mean what it says
│   ├── TimingError     a time is not on the clock of its channel
│   └── TargetError     the board cannot play this
├── StationError        a station's files are wrong (file, line, key, value)
├── StationBusy         somebody else works at this setup
├── ConnectionFailed    instruments that did not answer
├── InstrumentError     an instrument cannot, or must not, do this
│   ├── LimitError      a value is outside what the instrument may be set to
│   ├── IdentityError   another instrument answers at this address
│   └── ReadingError    an instrument's answer is no measurement
├── InterlockOpen       a condition for playing pulses does not hold
├── FitRejected         the data cannot tell
├── CalibrationError    a calibration cannot be done as asked
├── RunAborted          the run was stopped
├── ModelError          the physical model does not hold here
├── BoardError          the processor met something it cannot execute
└── DataFolderError     runs cannot be kept where they were asked to be
"""

import math
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import Any


class ColdlinkError(Exception):
    """Anything that coldlink refuses or reports; `str()` is what an operator reads."""


@dataclass
class SequenceError(ColdlinkError):
    """The sequence cannot mean what it says."""

    problem: str

    def __str__(self) -> str:
        return self.problem


@dataclass
class TimingError(SequenceError):
    """A time is not on the clock of its channel.

    value: Time asked for (s). tick: Clock period (s). nearest: Closest time on the clock (s).
    """

    channel: str
    value: float
    tick: float
    nearest: float

    def __init__(self, channel: str, value: float, tick: float, nearest: float) -> None:
        self.channel, self.value, self.tick, self.nearest = channel, value, tick, nearest
        self.problem = (
            f"{value * 1e9:.6g} ns on {channel} is not a multiple of the {tick * 1e9:.3f} ns clock; "
            f"the nearest is {nearest * 1e9:.3f} ns"
        )


@dataclass
class TargetError(SequenceError):
    """The board cannot play this: what, how much, the limit, and what to do."""

    channel: str
    quantity: str
    value: float
    limit: str
    hint: str

    def __init__(self, channel: str, quantity: str, value: float, limit: str, hint: str) -> None:
        self.channel, self.quantity, self.value, self.limit, self.hint = channel, quantity, value, limit, hint
        self.problem = f"{quantity} {value:.6g} on {channel} is outside {limit}; {hint}"


@dataclass
class StationError(ColdlinkError):
    """A station's file is wrong; `line` is 1-based, None when the whole file is meant."""

    file: Path
    problem: str
    line: int | None = None
    key: str | None = None
    hint: str | None = None

    def __str__(self) -> str:
        where = f"{self.file}" + (f", line {self.line}" if self.line is not None else "")
        what = f"{self.key}: {self.problem}" if self.key else self.problem
        return f"{where}: {what}" + (f"; {self.hint}" if self.hint else "")


@dataclass
class StationBusy(ColdlinkError):  # noqa: N818
    """Somebody else works at this setup. holder: Who, where, since when."""

    station: str
    holder: str

    def __str__(self) -> str:
        return f"{self.station} is in use by {self.holder}; wait until that command has ended, or stop it"


@dataclass
class ConnectionFailed(ColdlinkError):  # noqa: N818
    """Instruments that did not answer: name -> address and cause."""

    causes: dict[str, str]

    def __str__(self) -> str:
        return "no answer from " + "; ".join(f"{name} ({cause})" for name, cause in sorted(self.causes.items()))


@dataclass
class InstrumentError(ColdlinkError):
    """An instrument cannot, or must not, do this: what stands in the way, and what to do."""

    instrument: str
    problem: str
    hint: str

    def __str__(self) -> str:
        return f"{self.instrument}: {self.problem}; {self.hint}"


@dataclass
class LimitError(InstrumentError):
    """A value is outside what the instrument may be set to. limit: Lowest and highest. unit: Of both."""

    quantity: str
    value: float
    limit: tuple[float, float]
    unit: str

    def __init__(
        self, instrument: str, quantity: str, value: float, limit: tuple[float, float], unit: str, hint: str
    ) -> None:
        self.quantity, self.value, self.limit, self.unit = quantity, value, limit, unit
        problem = f"{quantity} {value:.6g} {unit} is outside {limit[0]:g} to {limit[1]:g} {unit}"
        super().__init__(instrument, problem, hint)


@dataclass
class IdentityError(InstrumentError):
    """Another instrument answers at this address. found: Its identity. expected: What was declared."""

    address: str
    found: str
    expected: str

    def __init__(self, instrument: str, address: str, found: str, expected: str) -> None:
        self.address, self.found, self.expected = address, found, expected
        hint = "check the address and the serial number in the station's file, and the cables"
        super().__init__(instrument, f"{address} is {found!r}, not {expected}", hint)


@dataclass
class ReadingError(InstrumentError):
    """An instrument's answer is no measurement. question: What was asked. reply: What came, or the sensor's status."""

    question: str
    reply: str

    def __init__(self, instrument: str, question: str, reply: str, hint: str) -> None:
        self.question, self.reply = question, reply
        super().__init__(instrument, f"{question} was answered by {reply!r}, which is no measurement", hint)


@dataclass
class InterlockOpen(ColdlinkError):  # noqa: N818
    """A condition for playing pulses does not hold.

    value: NaN if it could not be read. age: Of the reading (s). why: Beyond value and limit, or empty.
    """

    what: str
    value: float
    limit: float
    unit: str
    age: float
    why: str = ""

    def __str__(self) -> str:
        found = "unknown" if math.isnan(self.value) else f"{self.value:g} {self.unit}"
        age = f" ({self.age:.1f} s old)" if math.isfinite(self.age) else ""
        told = f"interlock: {self.what} is {found}, limit {self.limit:g} {self.unit}{age}"
        return told + (f"; {self.why}" if self.why else "")


@dataclass
class FitRejected(ColdlinkError):  # noqa: N818
    """The data cannot tell: why, and what to do next."""

    why: str
    hint: str

    def __str__(self) -> str:
        return f"{self.why}; {self.hint}"


@dataclass
class CalibrationError(ColdlinkError):
    """A calibration cannot be done as asked."""

    problem: str

    def __str__(self) -> str:
        return self.problem


@dataclass
class RunAborted(ColdlinkError):  # noqa: N818
    """The run was stopped before its end."""

    why: str

    def __str__(self) -> str:
        return f"run aborted: {self.why}"


@dataclass
class ModelError(ColdlinkError):
    """The physical model does not hold for this value. value: A number, unless it was none that was given. key: Where a
    station's file has it.
    """

    parameter: str
    value: Any
    why: str
    key: str | None = None

    def __str__(self) -> str:
        number = isinstance(self.value, Real)
        return f"{self.parameter} = {format(self.value, 'g') if number else format(self.value)[:60]}: {self.why}"


@dataclass
class SweepFailed(ColdlinkError):  # noqa: N818
    """The workers of a sweep could not finish it."""

    problem: str
    hint: str

    def __str__(self) -> str:
        return f"{self.problem}; {self.hint}"


@dataclass
class BoardError(ColdlinkError):
    """The processor, a generator or a readout met something it cannot do."""

    problem: str

    def __str__(self) -> str:
        return self.problem


@dataclass
class DataFolderError(ColdlinkError):
    """Runs cannot be kept in this folder."""

    folder: Path
    problem: str
    hint: str

    def __str__(self) -> str:
        return f"{self.folder}: {self.problem}; {self.hint}"
