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
from ..sequences.units import ns
from .knowledge import Knowledge
from .one_node import OneNode

WINDOW: Final = 4
"""Samples of the readout."""
TONE: Final = 297 * ns
"""Least length of the tone (s)."""


@dataclass(frozen=True, kw_only=True)
class TimeOfFlight:
    """A short window is opened every `step` ticks of the processor after a short tone, up to `points` times.

    Both of the echo's edges are inside for delays up to 200 ns.
    """

    node: str
    step: int = 4
    points: int = 56
    shots: int = 1000

    def scan(self, known: Knowledge) -> Scan:
        """All delays in one image."""
        delays = {f"{delay / ns:.1f} ns": float(delay) for delay in self._delays(known)}
        cycle = known.target.block_ticks * known.clock.period
        return Scan.of(time_of_flight(OneNode(known, self.node).pulses, delays, tone=self._tone(known), cycle=cycle))

    def fit(self, data: xr.Dataset, known: Knowledge) -> Flight:
        """The edges of the echo."""
        echo, error = mean_echo(data, self.node)
        tone = self._tone(known)
        return fit_flight(self._delays(known), echo, error, tone=tone.duration, window=tone.window)

    def found(self, fit: Flight) -> dict[str, Measured]:
        """The delay."""
        return {f"{self.node}.readout.delay": fit.delay}

    def _delays(self, known: Knowledge) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return np.asarray(np.arange(self.points) * self.step * known.clock.period)

    def _tone(self, known: Knowledge) -> ReadoutPulse:
        node = OneNode(known, self.node).pulses
        port = known.target.readout(node.readout.name)
        length = port.tone_clock.ceil(TONE) * port.tone_clock.period
        return replace(node.tone, duration=length, window=WINDOW * port.clock.period)
