"""Radiometry: the line's occupation at the end of the cooling."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from ..analysis.bootstrap import Measured
from ..analysis.counts import outcome_counts
from ..analysis.radiometry import Contact, Radiometry, fit_radiometry
from ..sequences.link import Link
from ..sequences.protocols import radiometry
from ..sequences.scan import Scan
from ..sequences.sweep import resolved
from ..sequences.units import MHz
from .knowledge import Knowledge
from .readout import Readout

CONTACTS = tuple(float(cycles / (599.04 * MHz)) for cycles in range(4, 55, 3))
"""7 to 87 ns, a little more than one exchange with a photon, in whole cycles of a full-speed generator."""


@dataclass(frozen=True)
class RadiometryRoutine:
    """Node A meets the line for `contacts` (s)."""

    readout: Readout
    shots: int = 20_000
    contacts: tuple[float, ...] = CONTACTS

    def scan(self, known: Knowledge) -> Scan:
        """One contact after the other."""
        return Scan.of(radiometry(known.link, self.contacts))

    def fit(self, data: xr.Dataset, known: Knowledge) -> Radiometry:
        """Thermal Lindblad model of the trace."""
        node = known.link.node_a
        counts = outcome_counts(data, {node.name: self.readout.discriminators[node.name]}).values
        return fit_radiometry(np.array(self.contacts), counts, _contact(known.link), self.readout.errors[node.name])

    def found(self, fit: Radiometry) -> dict[str, Measured]:
        """The occupation; the heating is a nuisance of this fit, measured better by itself."""
        return {"line.occupation": fit.occupation}


def _contact(link: Link) -> Contact:
    node, line = link.node_a, link.line
    return Contact(
        coupling=2 * np.pi * line.coupling,
        dead_time=resolved(node.swap.coupler.duration) - 1 / (4 * line.coupling),
        internal_rate=line.internal_rate,
        exposure=line.exposure,
        relaxation=1 / node.t1,
        dephasing=1 / node.t_phi,
        excited=node.residual_population,
        heating=line.internal_rate * line.hot_occupation,
    )
