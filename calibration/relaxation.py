"""Relaxation: T1 of a qubit."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from ..analysis.bootstrap import Measured
from ..analysis.contrast import contrast
from ..analysis.relaxation import RelaxationFit, fit_relaxation
from ..sequences.protocols import relaxation
from ..sequences.scan import Scan
from .knowledge import Knowledge
from .one_node import OneNode


@dataclass(frozen=True, kw_only=True)
class Relaxation:
    """Waits up to `reach` times the T1 expected, on `node`."""

    node: str
    shots: int = 1_500
    points: int = 17
    reach: float = 3.5

    def scan(self, known: Knowledge) -> Scan:
        """One image."""
        node, clock = OneNode(known, self.node).pulses, known.clock
        waits = np.linspace(0, self.reach * node.t1, self.points)
        return Scan.of(relaxation(node, [clock.ceil(float(wait)) * clock.period for wait in waits]))

    def fit(self, data: xr.Dataset, known: Knowledge) -> RelaxationFit:
        """Exponential."""
        residual = OneNode(known, self.node).pulses.residual_population
        return fit_relaxation(data.wait.values, *contrast(data, self.node), residual)

    def found(self, fit: RelaxationFit) -> dict[str, Measured]:
        """T1."""
        return {f"{self.node}.t1": fit.t1}
