"""Interlock: the temperatures between which pulses may be played; whatever is not known to be good is refused."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..sequences.errors import InterlockOpen
from .clock import Clock
from .reading import Reading


@dataclass(frozen=True, kw_only=True)
class Window:
    """minimum, maximum: Of a stage's temperature (K). max_age: Of its reading (s)."""

    minimum: float
    maximum: float
    max_age: float


@dataclass(frozen=True, kw_only=True)
class Interlock:
    """windows: By stage. read: The latest reading of a stage, or any exception."""

    windows: Mapping[str, Window]
    read: Callable[[str], Reading]
    clock: Clock

    def check(self) -> dict[str, Reading]:
        """What every stage reads, if all are in their windows now; InterlockOpen for the first that is not."""
        return {stage: self.check_stage(stage) for stage in self.windows}

    def check_stage(self, stage: str) -> Reading:
        """What this stage reads; InterlockOpen unless it is in its window now."""
        window = self.windows[stage]
        try:
            reading = self.read(stage)
        # Whatever the reason, a temperature that cannot be read is not known to be good.
        except Exception as error:
            raise InterlockOpen(
                stage, math.nan, window.maximum, "K", math.inf, f"it cannot be read: {error}"
            ) from error
        age = self.clock.now() - reading.taken
        limit = window.minimum if reading.kelvin < window.minimum else window.maximum
        if not window.minimum <= reading.kelvin <= window.maximum:
            raise InterlockOpen(stage, reading.kelvin, limit, "K", age, "wait until it is back, and find out why")
        if not 0 <= age <= window.max_age:
            why = f"a reading may be {window.max_age:g} s old; the sensor is silent or frozen"
            raise InterlockOpen(stage, reading.kelvin, limit, "K", age, why)
        return reading
