"""Load bias: where the load cools the line as wanted, before anything else is known of the line."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from ..analysis.bootstrap import Measured
from ..analysis.load_bias import LoadBiasFit, LoadLine, fit_load_bias
from ..sequences.protocols import resting
from ..sequences.scan import Point, Scan
from ..sequences.setting import Setting
from ..sequences.sweep import Sweep
from .knowledge import Knowledge
from .one_node import OneNode
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
        line, one = known.design.load_flux, OneNode(known, self.node)
        there = {
            one.coupler_bias: one.coupler_bias_at(self.coupler),
            one.flux_bias: one.flux_bias_at(self._bare(known)),
        }
        sequence = resting(one.moved(self._frequency(known)), one.half_life)
        volts = [line.volts(float(flux)) for flux in np.linspace(self.lowest, self.highest, self.points)]
        return Scan.over(
            (Sweep("bias", tuple(volts), "V"),), lambda bias: Point(sequence=sequence, settings={LOAD: bias, **there})
        )

    def fit(self, data: xr.Dataset, known: Knowledge) -> LoadBiasFit:
        """The thermal model of the qubit in contact with the line."""
        design, one = known.design, OneNode(known, self.node)
        line = LoadLine(
            qubit=one.resting(one.half_life),
            qubit_flux=float(one.qubit.transmon.flux(self._bare(known))),
            coupler=self.coupler,
            per_volt=design.load_flux.bias,
            open_flux=design.open_flux,
        )
        return fit_load_bias(data.bias.values, *seen(data, self.node, known), line)

    def found(self, fit: LoadBiasFit) -> dict[str, Measured]:
        """Bias at which the load is open, and flux per volt."""
        return {"load.open_bias": fit.open_bias, "load.per_volt": fit.per_volt}

    def _bare(self, known: Knowledge) -> float:
        """Of the qubit, its coupler off (Hz): a quarter of the spacing above a mode.

        Halfway between two modes, where it idles, its second transition meets a third one, and photons move it.
        """
        device = known.design.device
        return device.mode_frequency + device.line.free_spectral_range / 4

    def _frequency(self, known: Knowledge) -> float:
        """Of the qubit behind its coupler (Hz)."""
        mode, bare = known.design.device.mode_frequency, self._bare(known)
        coupler = OneNode(known, self.node).coupled.coupler
        g = coupler.g(coupler.zero_flux + self.coupler, bare, mode)
        return bare + float(coupler.qubit_shift(g, bare, mode))


def closed_bias(known: Knowledge) -> float:
    """Bias that closes the load (V)."""
    design = known.design
    return known.biases[LOAD] + (float(design.device.load.closed_flux) - design.open_flux) / design.load_flux.bias
