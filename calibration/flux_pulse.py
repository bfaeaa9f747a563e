"""Flux pulse: the full scale of a node's fast flux line."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ..analysis.bootstrap import Measured
from ..analysis.contrast import contrast
from ..analysis.flux_pulse import FullScale, fit_full_scale
from ..analysis.spectroscopy import fit_line
from ..sequences.envelope import FlatTop
from ..sequences.protocols import spectroscopy_during
from ..sequences.pulse import Pulse
from ..sequences.scan import Point, Scan
from ..sequences.sweep import Sweep, resolved
from ..sequences.units import MHz, ns
from .knowledge import Knowledge
from .one_node import OneNode
from .spectroscopy import believed_drive, weak_drive

Array = NDArray[np.float64]
RISE: Final = 20 * ns
"""Of the flux pulse's edges (s)."""
MARGIN: Final = 80 * ns
"""By which the flux pulse is longer than the drive in its middle, at either end (s)."""


@dataclass(frozen=True, kw_only=True)
class FluxPulse:
    """A spectrum of `points` carriers within `span` (Hz) of the believed frequency, during pulses of `amplitudes`."""

    node: str
    amplitudes: tuple[float, ...] = (-0.8, -0.4, 0.4, 0.8)
    span: float = 10 * MHz
    points: int = 21
    shots: int = 300

    def scan(self, known: Knowledge) -> Scan:
        """One image an amplitude."""
        node, drive = OneNode(known, self.node).pulses, weak_drive(known, self.node, self._step)
        detunings = [float(detuning) for detuning in self._detunings]
        margin = known.clock.ceil(MARGIN) * known.clock.period
        length = resolved(drive.duration) + 2 * margin

        def point(amplitude: float) -> Point:
            flux = Pulse(duration=length, amplitude=amplitude, envelope=FlatTop(RISE))
            tuned = replace(drive, frequency=self._centre(known, amplitude))
            return Point(sequence=spectroscopy_during(node, flux, tuned, detunings, margin=margin))

        return Scan.over((Sweep("amplitude", self.amplitudes),), point)

    def fit(self, data: xr.Dataset, known: Knowledge) -> FullScale:
        """A line at each amplitude, and the flux that explains all."""
        one = OneNode(known, self.node)
        drive = believed_drive(known, self.node, self._step)
        lines = [
            fit_line(
                self._centre(known, amplitude) + self._detunings,
                *contrast(data.isel(amplitude=row), self.node),
                drive,
                f"qubit during {amplitude:+.2f} of full scale",
            )
            for row, amplitude in enumerate(self.amplitudes)
        ]
        fit = fit_full_scale(
            np.array(self.amplitudes),
            np.array([line.frequency.value for line in lines]),
            np.array([line.frequency.error for line in lines]),
            rest=float(self._flux(known, 0.0)[0]),
            pulse=one.flux.pulse,
            transmon=one.qubit.transmon,
        )
        return replace(fit, traces=fit.traces + tuple(line.traces[0] for line in lines))

    def found(self, fit: FullScale) -> dict[str, Measured]:
        """Flux at full scale."""
        return {f"{self.node}.flux.pulse": fit.pulse}

    @property
    def _step(self) -> float:
        return 2 * self.span / (self.points - 1)

    @property
    def _detunings(self) -> Array:
        return np.linspace(-self.span, self.span, self.points)

    def _flux(self, known: Knowledge, amplitude: float) -> Array:
        one = OneNode(known, self.node)
        return one.flux.flux(known.biases[one.flux_bias], np.array([amplitude]))

    def _centre(self, known: Knowledge, amplitude: float) -> float:
        """Believed frequency during a pulse (Hz)."""
        return float(OneNode(known, self.node).qubit.transmon.frequency(self._flux(known, amplitude))[0])
