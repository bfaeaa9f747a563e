"""Coupler zero: the bias at which a coupler is off to some kHz."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from ..analysis.bootstrap import Measured
from ..analysis.coupler_zero import CouplerLine, CouplerZeroFit, fit_coupler_zero
from ..analysis.resting_qubit import RestingQubit
from ..sequences.protocols import resting
from ..sequences.scan import Point, Scan
from ..sequences.setting import Setting
from ..sequences.sweep import Sweep
from .belief import NODES
from .knowledge import Knowledge
from .load_bias import LOAD
from .moved_node import bias_at, moved_node
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
        design, frequency = known.design, self._frequency(known)
        coupler = Setting(f"{self.node}.coupler.bias", "V")
        around = np.linspace(-self.reach, self.reach, self.points) / design.coupler_flux[self._index].bias
        there = {
            Setting(f"{self.node}.flux.bias", "V"): bias_at(known, self.node, frequency),
            LOAD: known.biases[LOAD] + (self.load_flux - design.open_flux) / design.load_flux.bias,
        }
        sequence = resting(moved_node(known, self.node, frequency), self._wait(known))
        volts = tuple(float(volt) for volt in known.biases[coupler] + around)
        return Scan.over(
            (Sweep("bias", volts, "V"),), lambda bias: Point(sequence=sequence, settings={**there, coupler: bias})
        )

    def fit(self, data: xr.Dataset, known: Knowledge) -> CouplerZeroFit:
        """Decay through the coupler, the line and the load."""
        design = known.design
        qubit = RestingQubit(
            device=design.device,
            qubit=self._index,
            wait=self._wait(known),
            window=design.operation.tones[self._index].window,
        )
        line = CouplerLine(
            qubit=qubit,
            qubit_flux=float(design.device.qubits[self._index].transmon.flux(self._frequency(known))),
            load_flux=self.load_flux,
            per_volt=design.coupler_flux[self._index].bias,
            systematic=self.systematic,
        )
        return fit_coupler_zero(data.bias.values, *seen(data, self.node, known), line)

    def found(self, fit: CouplerZeroFit) -> dict[str, Measured]:
        """Bias of no coupling."""
        return {f"{self.node}.coupler.zero_bias": fit.zero_bias}

    @property
    def _index(self) -> int:
        return NODES.index(self.node)

    def _frequency(self, known: Knowledge) -> float:
        """Of the mode, pulled by the open load (Hz)."""
        device = known.design.device
        return device.mode_frequency + float(device.load.pull(self.load_flux, device.mode_frequency))

    def _wait(self, known: Knowledge) -> float:
        return known.clock.ceil(known.design.device.qubits[self._index].t1 / 2) * known.clock.period
