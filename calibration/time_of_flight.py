"""Time of flight: how long after its tone a node's window opens."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import xarray as xr

from ..analysis.bootstrap import Measured
from ..analysis.signal import mean_echo
from ..analysis.time_of_flight import Flight, fit_flight
from ..sequences.protocols import time_of_flight
from ..sequences.pulse import ReadoutPulse
from ..sequences.scan import Scan
from ..sequences.units import MHz, ns
from .knowledge import Knowledge
from .one_node import OneNode

COINCIDENCE: Final = 56
"""Ticks of the processor after which the clock of a window coincides with it."""
WINDOW: Final = 4 / (38.4 * MHz)
"""Four samples of a readout (s)."""
TONE: Final = 128
"""Length of the tone (ticks of the processor)."""


@dataclass(frozen=True, kw_only=True)
class TimeOfFlight:
    """A window `WINDOW` long is opened every `step` ticks of the processor after a short tone, up to `points` times.

    Both of the echo's edges are inside for delays up to 200 ns.
    """

    node: str
    step: int = 4
    points: int = 56
    shots: int = 1000

    def scan(self, known: Knowledge) -> Scan:
        """All delays in one image."""
        period = known.clock.period
        delays = {f"{delay / ns:.1f} ns": float(delay) for delay in self._delays(known)}
        node, cycle = OneNode(known, self.node).pulses, COINCIDENCE * period
        return Scan.of(time_of_flight(node, delays, tone=self._tone(known), cycle=cycle))

    def fit(self, data: xr.Dataset, known: Knowledge) -> Flight:
        """The edges of the echo."""
        echo, error = mean_echo(data, self.node)
        return fit_flight(self._delays(known), echo, error, tone=self._tone(known).duration, window=WINDOW)

    def found(self, fit: Flight) -> dict[str, Measured]:
        """The delay."""
        return {f"{self.node}.readout.delay": fit.delay}

    def _delays(self, known: Knowledge) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return np.asarray(np.arange(self.points) * self.step * known.clock.period)

    def _tone(self, known: Knowledge) -> ReadoutPulse:
        tone = OneNode(known, self.node).pulses.tone
        return replace(tone, duration=TONE * known.clock.period, window=WINDOW)
