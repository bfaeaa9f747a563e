"""Ramsey: frequency and dephasing of a qubit."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from ..analysis.bootstrap import Measured
from ..analysis.contrast import contrast
from ..analysis.ramsey import Free, RamseyFit, fit_ramsey
from ..sequences.protocols import ramsey
from ..sequences.scan import Scan
from ..sequences.units import MHz
from .knowledge import Knowledge
from .one_node import OneNode


@dataclass(frozen=True, kw_only=True)
class Ramsey:
    """Two half turns on `node`, up to `reach` times the decay time expected apart.

    detuning: Of the drive above the frequency as known (Hz): what that is wrong by must be less, or its sign is lost.
    """

    node: str
    shots: int = 600
    points: int = 61
    reach: float = 2.0
    detuning: float = 2 * MHz

    def scan(self, known: Knowledge) -> Scan:
        """One image; the waits are close at first, so that no faster fringe looks like the one that is there."""
        node, clock = OneNode(known, self.node).pulses, known.clock
        longest = self.reach / (0.5 / node.t1 + 1 / node.t_phi)
        waits = longest * np.linspace(0, 1, self.points) ** 2
        on_clock = sorted({clock.ceil(float(wait)) for wait in waits})
        return Scan.of(ramsey(node, [ticks * clock.period for ticks in on_clock], self.detuning))

    def fit(self, data: xr.Dataset, known: Knowledge) -> RamseyFit:
        """Fringes that decay."""
        node = OneNode(known, self.node).pulses
        free = Free(
            carrier=node.frequency + self.detuning,
            highest=2 * self.detuning,
            t1=node.t1,
            residual=node.residual_population,
            spread=OneNode(known, self.node).qubit.quasi_static,
        )
        return fit_ramsey(data.wait.values, *contrast(data, self.node), free)

    def found(self, fit: RamseyFit) -> dict[str, Measured]:
        """Frequency, and the time of the white dephasing: the design's spread from shot to shot is taken out."""
        return {f"{self.node}.f01": fit.frequency, f"{self.node}.t_phi": fit.t_phi}
