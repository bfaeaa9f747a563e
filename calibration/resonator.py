"""Resonator: where a node's readout tone is answered, whatever its qubit does."""

from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from ..analysis.bootstrap import Measured
from ..analysis.resonator import Resonance, fit_resonance
from ..analysis.signal import mean_echo
from ..sequences.protocols import measure
from ..sequences.scan import Point, Scan
from ..sequences.sweep import Sweep
from ..sequences.units import MHz
from .knowledge import Knowledge
from .one_node import OneNode


@dataclass(frozen=True, kw_only=True)
class ResonatorSearch:
    """Tones from `span` below the expected frequency to `span` above it (Hz), `points` in all."""

    node: str
    span: float = 15 * MHz
    points: int = 51
    shots: int = 300

    def scan(self, known: Knowledge) -> Scan:
        """One tone after the other, nothing before it."""
        node = OneNode(known, self.node).pulses
        around = node.tone.frequency + np.linspace(-self.span, self.span, self.points)

        def point(frequency: float) -> Point:
            return Point(sequence=measure(replace(node, tone=replace(node.tone, frequency=frequency))))

        return Scan.over((Sweep("frequency", tuple(float(f) for f in around), "Hz"),), point)

    def fit(self, data: xr.Dataset, known: Knowledge) -> Resonance:
        """The largest answer."""
        echo, error = mean_echo(data, self.node)
        one = OneNode(known, self.node)
        ground, excited = one.resonator.resonances(one.designed_idle, one.qubit.transmon.anharmonicity, 2)
        expected = {"linewidth": one.resonator.linewidth, "shift": float(ground - excited)}
        return fit_resonance(data.frequency.values, echo, error, **expected)

    def found(self, fit: Resonance) -> dict[str, Measured]:
        """Frequency and linewidth."""
        return {f"{self.node}.resonator.frequency": fit.frequency, f"{self.node}.readout.linewidth": fit.linewidth}
