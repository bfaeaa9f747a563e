"""Hazard: something that a program does and that plays something else than was meant, and how a run tells of it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from warnings import warn

from ....sequences.errors import BoardError

# Kinds of hazard, as far as events show them
EARLY: Final = "early"
FAR: Final = "far-ahead"
LATE: Final = "late"
LATE_TONE: Final = "late-tone"
HELD_UP: Final = "head-of-line"
GAIN: Final = "gain-wrap"
LENGTH: Final = "length-wrap"
UNHEARD: Final = "nothing-listens"
OVERLAP: Final = "overlap"
OVERFLOW: Final = "generator-queue"
OPEN: Final = "open-window"
OVERRUN: Final = "buffer-overrun"
PAUSED: Final = "fifo-full"
STALE: Final = "stale-counter"
UNFINISHED: Final = "unfinished-window"
# Kinds that stop the processor
STALL: Final = "stall"
CALLS: Final = "call-depth"
RETURN: Final = "return-without-call"
ENDLESS: Final = "endless"
OFF_END: Final = "off-the-end"
STOPPED: Final = "stopped"
CUT: Final = "cut-off"
"""It goes on, but is not followed any longer."""

LISTED: Final = 10
"""Hazards of a kind at an instruction that a run warns of one by one."""


@dataclass(frozen=True, kw_only=True)
class Hazard:
    """tick: At which the event fires. port: None if it is no port's. instruction: Its address in program memory.

    shot: Steps that the host's counter had made. why: Value, limit and next step. source: The line of the program
    behind the instruction, None if nobody knows. harmless: No data change; a run tells of it and goes on.
    """

    kind: str
    tick: int
    port: int | None
    instruction: int
    shot: int
    why: str
    source: str | None = None
    harmless: bool = False

    def __str__(self) -> str:
        source = f" ({self.source})" if self.source else ""
        return f"shot {self.shot}, instruction {self.instruction}{source}: {self.why}"


def refuse(hazard: Hazard) -> None:
    """Raise it, or warn of it if it is harmless."""
    if not hazard.harmless:
        raise BoardError(str(hazard))
    tell(hazard)


def tell(hazard: Hazard) -> None:
    """Warn of it."""
    warn(str(hazard), RuntimeWarning, stacklevel=2)


class Teller:
    """Tells `on_hazard` of the first LISTED hazards of a kind at an instruction, and in the end how many more came."""

    def __init__(self, on_hazard: Callable[[Hazard], None]) -> None:
        self.on_hazard = on_hazard
        self._counts: Counter[tuple[str, int]] = Counter()
        self._last: dict[tuple[str, int], Hazard] = {}

    def __call__(self, hazard: Hazard) -> None:
        """The next one of a run."""
        key = hazard.kind, hazard.instruction
        self._counts[key] += 1
        self._last[key] = hazard
        if self._counts[key] <= LISTED:
            self.on_hazard(hazard)

    def finish(self) -> None:
        """The run has ended."""
        for key, hazard in self._last.items():
            more = self._counts[key] - LISTED
            if more > 0:
                warn(f"and {more} more like this, the last in {hazard}", RuntimeWarning, stacklevel=2)
