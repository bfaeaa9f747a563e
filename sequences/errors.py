"""The error tree: each error holds its values, and its message gives value, limit and next step.

ColdlinkError
├── SequenceError       the sequence cannot mean what it says
│   ├── TimingError     a time is not on the clock of its channel
│   └── TargetError     the board cannot play this
├── StationError        a station's files are wrong (file, line, key, value)
├── ConnectionFailed    instruments that did not answer
├── InterlockOpen       a condition for playing pulses does not hold
├── FitRejected         the data cannot tell
├── RunAborted          the run was stopped
├── ModelError          the physical model does not hold here
├── BoardError          the processor met something it cannot execute
└── DataFolderError     runs cannot be kept where they were asked to be
"""

from dataclasses import dataclass
from pathlib import Path


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
class ConnectionFailed(ColdlinkError):  # noqa: N818
    """Instruments that did not answer: name -> address and cause."""

    causes: dict[str, str]

    def __str__(self) -> str:
        return "no answer from " + "; ".join(f"{name} ({cause})" for name, cause in sorted(self.causes.items()))


@dataclass
class InterlockOpen(ColdlinkError):  # noqa: N818
    """A condition for playing pulses does not hold. age: Of the reading (s)."""

    what: str
    value: float
    limit: float
    unit: str
    age: float

    def __str__(self) -> str:
        return f"interlock: {self.what} is {self.value:g} {self.unit}, limit {self.limit:g} ({self.age:.1f} s old)"


@dataclass
class FitRejected(ColdlinkError):  # noqa: N818
    """The data cannot tell: why, and what to do next."""

    why: str
    hint: str

    def __str__(self) -> str:
        return f"{self.why}; {self.hint}"


@dataclass
class RunAborted(ColdlinkError):  # noqa: N818
    """The run was stopped before its end."""

    why: str

    def __str__(self) -> str:
        return f"run aborted: {self.why}"


@dataclass
class ModelError(ColdlinkError):
    """The physical model does not hold for this value."""

    parameter: str
    value: float
    why: str

    def __str__(self) -> str:
        return f"{self.parameter} = {self.value:g}: {self.why}"


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
