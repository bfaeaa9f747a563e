"""Radiometry: the line's occupation at the end of the cooling."""

from dataclasses import dataclass
from typing import Final

import xarray as xr

from ..analysis.bootstrap import Measured
from ..analysis.contacts import Contacts
from ..analysis.counts import outcome_counts
from ..analysis.radiometry import Radiometry, fit_radiometry
from ..sequences.protocols import radiometry
from ..sequences.scan import Scan
from ..sequences.units import MHz
from .knowledge import Knowledge
from .readout import Readout
from .vacuum_rabi import node_model

RESIDUAL: Final = 0.002
"""Error of a residual population that was not measured."""
HEATING: Final = 0.2
"""Relative error of a heating that was not measured: Q_i differs from one cooldown to the next."""
CONTACTS = tuple(float(cycles / (599.04 * MHz)) for cycles in (3, 4, 5, *range(7, 28, 3)))
"""5 to 42 ns in whole cycles of a full-speed generator: from hardly any exchange to a photon that is with the qubit."""


@dataclass(frozen=True)
class RadiometryRoutine:
    """Node A meets the line for `contacts` (s)."""

    readout: Readout
    shots: int = 30_000
    contacts: tuple[float, ...] = CONTACTS

    def scan(self, known: Knowledge) -> Scan:
        """One contact after the other."""
        return Scan.of(radiometry(known.link, self.contacts))

    def fit(self, data: xr.Dataset, known: Knowledge) -> Radiometry:
        """Thermal Lindblad model of the trace."""
        node, line = known.link.node_a, known.link.line
        counts = outcome_counts(data, {node.name: self.readout.discriminators[node.name]}).values
        contacts = Contacts(
            swap=node.swap,
            lengths=self.contacts,
            frequencies=(),
            closed=line.close_amplitude,
            ramp=line.ramp,
            gap=line.gap,
            sample=known.clock.period,
        )
        start = Measured(node.residual_population, known.errors.get(f"{node.name}.residual_population", RESIDUAL))
        heating = known.relative_error("line.heating", HEATING)
        errors = self.readout.errors[node.name]
        return fit_radiometry(contacts, counts, node_model(known, node.name), errors, start, heating)

    def found(self, fit: Radiometry) -> dict[str, Measured]:
        """The occupation; the heating is a nuisance of this fit, measured better by itself."""
        return {"line.occupation": fit.occupation}
