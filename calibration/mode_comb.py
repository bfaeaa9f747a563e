"""Mode comb: the frequencies of the line's modes, while the load is closed and the line is hot."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from ..analysis.bootstrap import Measured
from ..analysis.mode_comb import CombLine, ModeCombFit, comb_of, fit_mode
from ..sequences.protocols import measure
from ..sequences.scan import Point, Scan
from ..sequences.sweep import Sweep
from ..sequences.units import MHz
from .knowledge import Knowledge
from .load_bias import LOAD, closed_bias
from .one_node import OneNode
from .seen import seen


@dataclass(frozen=True, kw_only=True)
class ModeComb:
    """The qubit of `node` rests at frequencies around two modes, its coupler a little off its zero, the load closed.

    Where it meets a mode it is as hot as the line. That needs no pulse, so that neither the pulses of couplers and load
    nor the transients behind them count. below: The second mode, as a number of modes below the one that carries
    states. reach: On both sides of where a mode should be (Hz). coupler: From its zero (Phi0). systematic: Of
    the qubit's frequencies (Hz). farthest: That the second mode may be from its place (Hz), which the flux map
    tells less well so far from the idle point.
    """

    node: str = "a"
    shots: int = 1_500
    below: int = 1
    reach: float = 22 * MHz
    points: int = 45
    coupler: float = -0.012
    systematic: float = 0.1 * MHz
    farthest: float = 8 * MHz

    def scan(self, known: Knowledge) -> Scan:
        """The host steps the qubit's bias, first around the one mode, then around the other."""
        one, spacing = OneNode(known, self.node), known.design.device.line.free_spectral_range
        there = {LOAD: closed_bias(known), one.coupler_bias: one.coupler_bias_at(self.coupler)}
        places = {number: number * spacing for number in self._numbers(known)}
        # One tone around each mode: its phase would turn with its frequency.
        sequences = {number: measure(one.moved(place)) for number, place in places.items()}

        def point(number: float, away: float) -> Point:
            own = one.flux_bias_at(places[number] + away)
            return Point(sequence=sequences[number], settings={**there, one.flux_bias: own})

        away = tuple(float(offset) for offset in np.linspace(-self.reach, self.reach, self.points))
        return Scan.over((Sweep("mode", self._numbers(known)), Sweep("away", away, "Hz")), point)

    def fit(self, data: xr.Dataset, known: Knowledge) -> ModeCombFit:
        """Both modes, each by itself."""
        design = known.design
        line = CombLine(
            qubit=OneNode(known, self.node).resting(0.0),
            coupler=self.coupler,
            load_flux=float(design.device.load.closed_flux),
            systematic=self.systematic,
        )
        read, error = seen(data, self.node, known)
        modes = []
        for row, number in enumerate(self._numbers(known)):
            frequencies = number * design.device.line.free_spectral_range + data.away.values
            modes.append(fit_mode(int(number), frequencies, read[row], error[row], line))
        return comb_of(tuple(modes), design.device.line.communication_mode, self.farthest)

    def found(self, fit: ModeCombFit) -> dict[str, Measured]:
        """The mode that carries states, and the distance between modes."""
        return {"line.mode_frequency": fit.mode_frequency, "line.free_spectral_range": fit.free_spectral_range}

    def _numbers(self, known: Knowledge) -> tuple[float, float]:
        own = known.design.device.line.communication_mode
        return (float(own), float(own - self.below))
