"""Rabi: the amplitude of the pi pulse."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from ..analysis.bootstrap import Measured
from ..analysis.contrast import contrast
from ..analysis.rabi import RabiFit, fit_rabi
from ..sequences.protocols import rabi
from ..sequences.scan import Scan
from ..sequences.sweep import resolved
from .knowledge import Knowledge
from .one_node import OneNode


@dataclass(frozen=True, kw_only=True)
class Rabi:
    """Drive pulses of rising amplitude on `node`, `repeats` in a row.

    reach: Highest amplitude over the one expected of a pi pulse. largest: But no more than this fraction of the range,
    which is what the generator reaches.
    """

    node: str
    shots: int = 500
    points: int = 41
    repeats: int = 5
    reach: float = 1.4
    largest: float = 0.45

    def scan(self, known: Knowledge) -> Scan:
        """One image."""
        node = OneNode(known, self.node).pulses
        highest = min(self.reach * resolved(node.x180.amplitude), self.largest)
        return Scan.of(rabi(node, np.linspace(0, highest, self.points).tolist(), self.repeats))

    def fit(self, data: xr.Dataset, known: Knowledge) -> RabiFit:
        """Cosine in the amplitude."""
        return fit_rabi(data.amplitude.values, *contrast(data, self.node), self.repeats)

    def found(self, fit: RabiFit) -> dict[str, Measured]:
        """The amplitude of half a turn."""
        return {f"{self.node}.x180.amplitude": fit.pi_amplitude}
