"""Clock: what ramps, settling and ages of readings are timed with."""

import time
from dataclasses import dataclass, field
from typing import Protocol


class Clock(Protocol):
    """Seconds since 1970 that never step back, and a way to let them pass."""

    def now(self) -> float:
        """Time (s since 1970)."""
        ...

    def sleep(self, seconds: float) -> None:
        """Return `seconds` later."""
        ...


@dataclass(frozen=True)
class WallClock:
    """The time of day when it was made, and a steady count from there: setting the PC's clock ages no reading."""

    epoch: float = field(default_factory=time.time)
    start: float = field(default_factory=time.monotonic)

    def now(self) -> float:
        """Time (s since 1970)."""
        return self.epoch + (time.monotonic() - self.start)

    def sleep(self, seconds: float) -> None:
        """Wait: ramps and settling at a real cryostat take real time; nothing else sleeps."""
        time.sleep(seconds)
