"""Anharmonicity: how much less it takes from e to f than from g to e."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from ..analysis.anharmonicity import AnharmonicityFit, fit_anharmonicity
from ..analysis.bootstrap import Measured
from ..analysis.contrast import contrast
from ..sequences.protocols import second_spectroscopy
from ..sequences.scan import Scan
from ..sequences.sweep import resolved
from ..sequences.units import MHz
from .knowledge import Knowledge
from .one_node import OneNode


@dataclass(frozen=True, kw_only=True)
class Anharmonicity:
    """A pulse of `length` durations of a pi pulse on `node` in e, at `points` frequencies.

    span: Searched on either side of what is expected (Hz).
    """

    node: str
    shots: int = 500
    points: int = 41
    span: float = 25 * MHz
    length: int = 4

    def scan(self, known: Knowledge) -> Scan:
        """One image."""
        node = OneNode(known, self.node).pulses
        expected = node.frequency + node.anharmonicity
        frequencies = np.linspace(expected - self.span, expected + self.span, self.points)
        duration = self.length * resolved(node.x180.duration)
        return Scan.of(second_spectroscopy(node, duration, frequencies.tolist()))

    def fit(self, data: xr.Dataset, known: Knowledge) -> AnharmonicityFit:
        """A line."""
        node = OneNode(known, self.node).pulses
        duration = self.length * resolved(node.x180.duration)
        return fit_anharmonicity(data.frequency.values, *contrast(data, self.node), duration, node.frequency)

    def found(self, fit: AnharmonicityFit) -> dict[str, Measured]:
        """The anharmonicity."""
        return {f"{self.node}.anharmonicity": fit.anharmonicity}
