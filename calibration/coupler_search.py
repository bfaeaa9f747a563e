"""Coupler search: a first value of the bias at which a node's coupler is off, before there is any pulse."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr

from ..analysis.bootstrap import Measured
from ..analysis.coupler_search import Coupled, CouplerZero, fit_coupler_zero
from ..analysis.signal import mean_echo
from ..sequences.protocols import measure
from ..sequences.scan import Point, Scan
from ..sequences.setting import Setting
from ..sequences.sweep import Sweep
from ..sequences.units import MHz
from .knowledge import Knowledge
from .one_node import OneNode

FLUXES: Final = (0.0, 1.05)
"""Believed fluxes between which the biases lie: both zeros beside half a flux quantum, for offsets up to 0.3."""


LOAD: Final = Setting("line.load.bias", "V")
UNBIASED: Final = 0.0
"""At which the load does not cool the line (V): it opens well only near half a flux quantum."""


@dataclass(frozen=True, kw_only=True)
class CouplerSearch:
    """The readout tone as it is, at `points` biases of the coupler, while the load leaves the line hot.

    beside: Where the qubit stands meanwhile, from its designed idle frequency (Hz). At idle its second transition would
    lie on a mode of the line, which then moves the qubit more than anything else does.
    """

    node: str
    beside: float = -30 * MHz
    points: int = 61
    shots: int = 600

    def scan(self, known: Knowledge) -> Scan:
        """One bias after the other, nothing before the tone."""
        one = OneNode(known, self.node)
        first, last = (flux / one.coupler.bias for flux in FLUXES)
        volts = tuple(float(v) for v in np.linspace(first, last, self.points))
        sequence = measure(one.pulses)
        aside = one.flux.volts(float(one.qubit.transmon.flux(self._frequency(known))))

        def point(bias: float) -> Point:
            return Point(sequence=sequence, settings={one.coupler_bias: bias, one.flux_bias: aside, LOAD: UNBIASED})

        return Scan.over((Sweep("bias", volts, "V"),), point)

    def fit(self, data: xr.Dataset, known: Knowledge) -> CouplerZero:
        """Where the line does not heat the qubit."""
        one = OneNode(known, self.node)
        echo, error = mean_echo(data, self.node)
        believed = Coupled(
            coupler=one.coupled.coupler,
            line=one.coupler,
            heated=one.heated,
            qubit=self._frequency(known),
            mode=known.design.device.mode_frequency,
        )
        return fit_coupler_zero(data.bias.values, echo, error, tone=one.pulses.tone.frequency, believed=believed)

    def found(self, fit: CouplerZero) -> dict[str, Measured]:
        """The zero, and the source's offset and scale."""
        values = {"coupler.zero_bias": fit.bias, "coupler.offset": fit.offset, "coupler.per_volt": fit.per_volt}
        return {f"{self.node}.{name}": value for name, value in values.items()}

    def _frequency(self, known: Knowledge) -> float:
        return OneNode(known, self.node).designed_idle + self.beside
