"""Residual population: how much of a resting qubit is excited; the zero of the link's thermometer."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr

from ..analysis.bootstrap import Measured
from ..analysis.contrast import contrast
from ..analysis.residual_population import ResidualFit, fit_residual_population, second_angle
from ..analysis.signal import mean_echo
from ..sequences.protocols import second_rabi
from ..sequences.scan import Scan
from ..sequences.sweep import resolved
from .knowledge import Knowledge
from .one_node import OneNode

TURNS: Final = (0.0, 1.0, 2.0, 3.0)
"""Of the pulse from e to f, in pi: its extremes tell most about how far it swings."""


@dataclass(frozen=True, kw_only=True)
class ResidualPopulation:
    """Rabi oscillations of `node` from e to f, at rest and after a pi pulse.

    length: Of the pulse from e to f, in durations of a pi pulse: long enough to leave g alone. rests: How often what is
    at rest is turned for once after a pi pulse.
    """

    node: str
    shots: int = 45_000
    length: int = 2
    rests: int = 4

    def scan(self, known: Knowledge) -> Scan:
        """One image."""
        node = OneNode(known, self.node).pulses
        return Scan.of(second_rabi(node, self.length * resolved(node.x180.duration), TURNS, self.rests))

    def fit(self, data: xr.Dataset, known: Knowledge) -> ResidualFit:
        """Both oscillations together."""
        echo, _ = mean_echo(data, self.node)
        read, error = contrast(data, self.node, second_angle(echo))
        node = OneNode(known, self.node).pulses
        kept = float(np.exp(-(known.any_link.relaxation + node.tone.window) / node.t1))
        return fit_residual_population(data.amplitude.values, read, error, kept)

    def found(self, fit: ResidualFit) -> dict[str, Measured]:
        """Population of e."""
        return {f"{self.node}.residual_population": fit.population}
