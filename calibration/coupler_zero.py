"""Coupler zero: the bias at which a coupler is off to some kHz."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from ..analysis.bootstrap import Measured
from ..analysis.coupler_zero import CouplerLine, CouplerZeroFit, fit_coupler_zero
from ..sequences.protocols import resting
from ..sequences.scan import Point, Scan
from ..sequences.sweep import Sweep
from .knowledge import Knowledge
from .load_bias import LOAD
from .one_node import OneNode
from .seen import seen


@dataclass(frozen=True, kw_only=True)
class CouplerZero:
    """What is left of e on `node` after half of its T1, against the bias of its coupler.

    The qubit rests on a mode of the line and the load is open as far as it can be, half a flux quantum: that makes the
    mode so broad (30 MHz) that neither its place nor the qubit's shift by the coupler counts for much, and cold, so
    that nothing but the coupling tells how fast e decays. reach: On both sides of the zero as known (Phi0).
    systematic: Of the zero, for what the design's curve of coupling against flux is wrong by (Phi0).
    """

    node: str
    shots: int = 2_000
    reach: float = 0.016
    points: int = 25
    load_flux: float = 0.5
    systematic: float = 7e-5

    def scan(self, known: Knowledge) -> Scan:
        """The host steps the coupler's bias."""
        design, frequency, one = known.design, self._frequency(known), OneNode(known, self.node)
        there = {
            one.flux_bias: one.flux_bias_at(frequency),
            LOAD: known.biases[LOAD] + (self.load_flux - design.open_flux) / design.load_flux.bias,
        }
        sequence = resting(one.moved(frequency), one.half_life)
        volts = tuple(one.coupler_bias_at(float(flux)) for flux in np.linspace(-self.reach, self.reach, self.points))
        return Scan.over(
            (Sweep("bias", volts, "V"),),
            lambda bias: Point(sequence=sequence, settings={**there, one.coupler_bias: bias}),
        )

    def fit(self, data: xr.Dataset, known: Knowledge) -> CouplerZeroFit:
        """Decay through the coupler, the line and the load."""
        one = OneNode(known, self.node)
        line = CouplerLine(
            qubit=one.resting(one.half_life),
            qubit_flux=float(one.qubit.transmon.flux(self._frequency(known))),
            load_flux=self.load_flux,
            per_volt=one.coupler.bias,
            systematic=self.systematic,
        )
        return fit_coupler_zero(data.bias.values, *seen(data, self.node, known), line)

    def found(self, fit: CouplerZeroFit) -> dict[str, Measured]:
        """Bias of no coupling."""
        return {f"{self.node}.coupler.zero_bias": fit.zero_bias}

    def _frequency(self, known: Knowledge) -> float:
        """Of the mode, pulled by the open load (Hz)."""
        device = known.design.device
        return device.mode_frequency + float(device.load.pull(self.load_flux, device.mode_frequency))
