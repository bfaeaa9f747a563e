"""Resonator against flux: the bias that brings a node's qubit near its idle frequency, before the qubit was seen."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import xarray as xr

from ..analysis.bootstrap import Measured
from ..analysis.resonator_flux import FluxCurve, fit_flux_curve
from ..analysis.signal import mean_echo
from ..analysis.trace import Trace
from ..physics.transmon import Transmon
from ..sequences.errors import FitRejected, ModelError
from ..sequences.protocols import measure
from ..sequences.scan import Point, Scan
from ..sequences.sweep import Sweep
from ..sequences.units import MHz
from .knowledge import Knowledge
from .one_node import OneNode

DISPLACED: Final = 60 * MHz
"""By which a coupler that is not at zero coupling yet may displace the qubit near a mode (Hz, standard deviation)."""


@dataclass(frozen=True, kw_only=True)
class ResonatorFlux:
    """The readout tone as it is, at `points` biases over `periods` of the qubit's flux curve around 0 V."""

    node: str
    periods: float = 1.4
    points: int = 57
    shots: int = 400

    def scan(self, known: Knowledge) -> Scan:
        """One bias after the other, nothing before the tone."""
        one = OneNode(known, self.node)
        half = self.periods / 2 / one.flux.bias
        volts = tuple(float(v) for v in np.linspace(-half, half, self.points))
        sequence = measure(one.pulses)
        return Scan.over((Sweep("bias", volts, "V"),), lambda v: Point(sequence=sequence, settings={one.flux_bias: v}))

    def fit(self, data: xr.Dataset, known: Knowledge) -> "Placed":
        """The curve, and the bias for the designed idle frequency."""
        one = OneNode(known, self.node)
        echo, error = mean_echo(data, self.node)
        curve = fit_flux_curve(
            data.bias.values,
            echo,
            error,
            tone=one.pulses.tone.frequency,
            rest=known.biases[one.flux_bias],
            line=one.flux,
            transmon=one.qubit.transmon,
            heated=one.heated,
        )
        return _placed(curve, one)

    def found(self, fit: "Placed") -> dict[str, Measured]:
        """Flux curve, bias, and where the resonator will be at that bias."""
        curve = fit.curve
        values = {
            "flux.offset": curve.offset,
            "flux.per_volt": curve.per_volt,
            "flux.bias": fit.bias,
            "maximum_frequency": curve.maximum_frequency,
            "resonator.frequency": fit.resonator,
        }
        return {f"{self.node}.{name}": value for name, value in values.items()}


@dataclass(frozen=True, kw_only=True)
class Placed:
    """curve: As fitted. bias: For the designed idle frequency (V). resonator: Its frequency there (Hz)."""

    curve: FluxCurve
    bias: Measured
    resonator: Measured

    @property
    def traces(self) -> tuple[Trace, ...]:
        """For a figure."""
        return self.curve.traces


def _placed(curve: FluxCurve, one: OneNode) -> Placed:
    idle = one.designed_idle
    centre = np.array([curve.offset.value, curve.per_volt.value, curve.maximum_frequency.value])

    def volts(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
        offset, per_volt, maximum = (float(value) for value in values)
        return (float(_at(one, maximum).flux(idle)) - offset) / per_volt

    try:
        bias = volts(centre)
        slopes = np.array([(volts(centre + step) - bias) / step.max() for step in np.diag([1e-4, 1e-4, 0.1 * MHz])])
    except ModelError as error:
        raise FitRejected(f"the idle frequency cannot be reached: {error}", "ask for a lower idle frequency") from None
    bare, anharmonicity = curve.bare_frequency.value, one.qubit.transmon.anharmonicity
    there = replace(one.resonator, bare_frequency=bare).resonances(idle, anharmonicity, 1)
    # The resonator follows the qubit by (g/Delta)^2, and the qubit is not yet where it should be.
    following = (one.resonator.coupling / (idle - bare)) ** 2 * DISPLACED
    return Placed(
        curve=curve,
        bias=Measured(bias, float(np.sqrt(slopes @ curve.covariance @ slopes))),
        resonator=Measured(float(there[0]), float(np.hypot(curve.bare_frequency.error, following))),
    )


def _at(one: OneNode, maximum: float) -> Transmon:
    return replace(one.qubit.transmon, maximum_frequency=maximum)
