"""Load bias: where the load cools the line as wanted, before anything else is known of the line."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from ..analysis.bootstrap import Measured
from ..analysis.load_bias import LoadBiasFit, LoadLine, fit_load_bias
from ..analysis.resting_qubit import RestingQubit
from ..sequences.protocols import resting
from ..sequences.scan import Point, Scan
from ..sequences.setting import Setting
from ..sequences.sweep import Sweep
from .belief import NODES
from .knowledge import Knowledge
from .moved_node import bias_at, moved_node
from .seen import seen

LOAD = Setting("line.load.bias", "V")


@dataclass(frozen=True, kw_only=True)
class LoadBias:
    """Node `node` is in weak contact with the line, prepared in g and e, and left alone for half of its T1.

    coupler: From its zero (Phi0): below it, where the coupling grows slowly, 2 MHz. lowest, highest: Flux of the load
    as believed (Phi0), so that half a flux quantum and both closed points beside it are within, whatever the offset.
    """

    node: str
    shots: int = 1_500
    coupler: float = -0.05
    lowest: float = 0.06
    highest: float = 0.96
    points: int = 91

    def scan(self, known: Knowledge) -> Scan:
        """The host steps the load's bias."""
        line, coupler = known.design.load_flux, self._coupler
        there = known.biases[coupler] + self.coupler / known.design.coupler_flux[self._index].bias
        own, place = Setting(f"{self.node}.flux.bias", "V"), bias_at(known, self.node, self._bare(known))
        sequence = resting(moved_node(known, self.node, self._frequency(known)), self._wait(known))
        volts = [line.volts(float(flux)) for flux in np.linspace(self.lowest, self.highest, self.points)]
        return Scan.over(
            (Sweep("bias", tuple(volts), "V"),),
            lambda bias: Point(sequence=sequence, settings={LOAD: bias, coupler: there, own: place}),
        )

    def fit(self, data: xr.Dataset, known: Knowledge) -> LoadBiasFit:
        """The thermal model of the qubit in contact with the line."""
        design, read = known.design, seen(data, self.node, known)
        qubit = RestingQubit(
            device=design.device,
            qubit=self._index,
            wait=self._wait(known),
            window=design.operation.tones[self._index].window,
        )
        line = LoadLine(
            qubit=qubit,
            qubit_flux=self._flux(known),
            coupler=self.coupler,
            per_volt=design.load_flux.bias,
            open_flux=design.open_flux,
        )
        return fit_load_bias(data.bias.values, *read, line)

    def found(self, fit: LoadBiasFit) -> dict[str, Measured]:
        """Bias at which the load is open, and flux per volt."""
        return {"load.open_bias": fit.open_bias, "load.per_volt": fit.per_volt}

    @property
    def _index(self) -> int:
        return NODES.index(self.node)

    @property
    def _coupler(self) -> Setting:
        return Setting(f"{self.node}.coupler.bias", "V")

    def _wait(self, known: Knowledge) -> float:
        t1 = known.design.device.qubits[self._index].t1
        return known.clock.ceil(t1 / 2) * known.clock.period

    def _bare(self, known: Knowledge) -> float:
        """Of the qubit, its coupler off (Hz): a quarter of the spacing above a mode.

        Halfway between two modes, where it idles, its second transition meets a third one, and photons move it.
        """
        device = known.design.device
        return device.mode_frequency + device.line.free_spectral_range / 4

    def _flux(self, known: Knowledge) -> float:
        return float(known.design.device.qubits[self._index].transmon.flux(self._bare(known)))

    def _frequency(self, known: Knowledge) -> float:
        """Of the qubit behind its coupler (Hz)."""
        device, bare = known.design.device, self._bare(known)
        qubit = device.qubits[self._index]
        g = qubit.coupler.g(qubit.coupler.zero_flux + self.coupler, bare, device.mode_frequency)
        return bare + float(qubit.coupler.qubit_shift(g, bare, device.mode_frequency))


def closed_bias(known: Knowledge) -> float:
    """Bias that closes the load (V)."""
    design = known.design
    return known.biases[LOAD] + (float(design.device.load.closed_flux) - design.open_flux) / design.load_flux.bias
