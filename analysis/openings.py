"""Openings: a closed load that opens a little for a while, and a node that meets what heat is left in the line."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..sequences.link import Transfer
from .waveform import Waveform, hold, meeting, ramp

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Openings:
    """What is played at each of P points.

    warming: With the load closed before each opening (s). fractions: Of the closing amplitude meanwhile, shape (P,).
    durations: Of the openings without their ramps (s), shape (P,). contact: Of the node, at the end. closed: Fraction
    of full scale that closes the load. ramp, gap: (s). sample: Of the load's generator (s).
    """

    warming: float
    fractions: Array
    durations: Array
    contact: Transfer
    closed: float
    ramp: float
    gap: float
    sample: float

    def waveform(self) -> Waveform:
        """From the load's first closing to the end of the contact."""
        count, inside = len(self.durations), self.closed * self.fractions
        return (
            ramp(0.0, self.closed, self.ramp, self.sample, count)
            .then(hold(self.warming, self.closed, count))
            .then(ramp(self.closed, inside, self.ramp, self.sample, count))
            .then(hold(self.durations, inside, count))
            .then(ramp(inside, self.closed, self.ramp, self.sample, count))
            .then(hold(self.gap, self.closed, count))
            .then(meeting([self.contact] * count, self.closed))
        )
