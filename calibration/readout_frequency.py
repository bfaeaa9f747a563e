"""Readout frequency: where the echoes of g and e are farthest apart."""

from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ..analysis.bootstrap import Measured
from ..analysis.preparation import Preparation
from ..analysis.readout_frequency import ReadoutFrequencyFit, fit_readout_frequency
from ..analysis.signal import mean_echo
from ..sequences.link import Node
from ..sequences.protocols import readout_calibration
from ..sequences.scan import Point, Scan
from ..sequences.sequence import Sequence
from ..sequences.sweep import Sweep
from ..sequences.units import MHz
from .knowledge import Knowledge
from .one_node import OneNode


@dataclass(frozen=True, kw_only=True)
class ReadoutFrequency:
    """g and e of `node`, read by a tone at each of `points` frequencies.

    span: On either side of the present frequency (Hz).
    """

    node: str
    shots: int = 500
    points: int = 17
    span: float = 4 * MHz

    def scan(self, known: Knowledge) -> Scan:
        """One image for each frequency."""
        node = OneNode(known, self.node).pulses
        now = node.tone.frequency
        frequency = Sweep("frequency", tuple(np.linspace(now - self.span, now + self.span, self.points).tolist()), "Hz")
        return Scan.over((frequency,), lambda tone: Point(sequence=_read_at(node, tone)))

    def fit(self, data: xr.Dataset, known: Knowledge) -> ReadoutFrequencyFit:
        """Two resonances."""
        node = OneNode(known, self.node).pulses
        echo, error = mean_echo(data, self.node)
        return fit_readout_frequency(data.frequency.values, echo, error, _mixing(node))

    def found(self, fit: ReadoutFrequencyFit) -> dict[str, Measured]:
        """The frequency of the tone."""
        return {f"{self.node}.readout.frequency": fit.frequency}


def _read_at(node: Node, frequency: float) -> Sequence:
    return readout_calibration(replace(node, tone=replace(node.tone, frequency=frequency)))


def _mixing(node: Node) -> NDArray[np.float64]:
    """P(true | prepared) in the mean over the window, in which both states relax to the residual population."""
    passed = node.tone.window / node.t1
    kept = (1 - np.exp(-passed)) / passed
    residual = node.residual_population
    relaxed = np.array([[1 - residual] * 2, [residual] * 2])
    return np.asarray(kept * Preparation(residual, node.preparation_error).mixing + (1 - kept) * relaxed)
