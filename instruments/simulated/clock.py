"""SimulatedClock: time that passes when someone sleeps, and no sooner."""

from threading import Lock


class SimulatedClock:
    """A clock for a twin: `sleep` adds to it and returns at once. epoch: Where it starts (s since 1970)."""

    def __init__(self, epoch: float = 0.0) -> None:
        self._now, self._lock = epoch, Lock()

    def now(self) -> float:
        """Time (s since 1970)."""
        with self._lock:
            return self._now

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass; ValueError for negative ones, as `time.sleep` has it."""
        if seconds < 0:
            raise ValueError(f"a clock cannot sleep for {seconds} s")
        with self._lock:
            self._now += seconds
