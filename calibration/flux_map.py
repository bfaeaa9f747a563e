"""Flux map: the flux curve of a node's qubit, and the bias that puts it at its idle frequency."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ..analysis.bootstrap import Measured
from ..analysis.contrast import contrast
from ..analysis.flux_map import FluxMap, fit_flux_map
from ..analysis.spectroscopy import Line, fit_line
from ..sequences.errors import FitRejected
from ..sequences.protocols import spectroscopy_around
from ..sequences.scan import Point, Scan
from ..sequences.sweep import Sweep
from ..sequences.units import MHz, kHz
from .knowledge import Knowledge
from .one_node import OneNode
from .spectroscopy import believed_drive, weak_drive

Array = NDArray[np.float64]
PLACES: Final = (-1.15, -0.7, 0.0, 0.7, 1.0, 1.15)
"""Biases from the believed top of the curve, in units of the idle bias's distance from it: both slopes and the top."""
COUPLED: Final = 0.45 * MHz
"""The same while no more than the first value of the zero is known."""
DISPLACED: Final = 80 * kHz
"""The same for single points of the curve."""
FEWEST: Final = 4
"""Lines that make a curve."""


@dataclass(frozen=True, kw_only=True)
class FluxMapping:
    """A spectrum of `points` carriers within `span` (Hz) of the believed frequency, at each of `PLACES`.

    coupled, displaced: By which a coupler that is not quite at its zero moves the whole curve, and the line's modes its
    points (Hz, standard deviations).
    """

    node: str
    coupled: float = COUPLED
    displaced: float = DISPLACED
    span: float = 16 * MHz
    points: int = 49
    shots: int = 200

    def scan(self, known: Knowledge) -> Scan:
        """One image a bias."""
        one, pulse = OneNode(known, self.node), weak_drive(known, self.node, self._step)
        biases = self._biases(known)
        centres = dict(zip(biases, self._centres(known), strict=True))
        detunings = [float(detuning) for detuning in self._detunings]

        def point(volts: float) -> Point:
            sequence = spectroscopy_around(one.pulses, pulse, centres[volts], detunings)
            return Point(sequence=sequence, settings={one.flux_bias: volts})

        return Scan.over((Sweep("bias", biases, "V"),), point)

    def fit(self, data: xr.Dataset, known: Knowledge) -> FluxMap:
        """A line at each bias, and the curve through all."""
        drive = believed_drive(known, self.node, self._step)
        seen: dict[float, Line] = {}
        for row, (volts, centre) in enumerate(zip(self._biases(known), self._centres(known), strict=True)):
            title = f"qubit at {volts:+.4f} V"
            try:
                read, error = contrast(data.isel(bias=row), self.node)
                seen[volts] = fit_line(centre + self._detunings, read, error, drive, title)
            except FitRejected as rejected:
                # A mode of the line may swallow the qubit at some bias.
                if row + 1 - len(seen) > len(PLACES) - FEWEST:
                    why = f"fewer than {FEWEST} spectra show a line: {rejected.why}"
                    raise FitRejected(why, rejected.hint) from None
        curve = _curve_through(seen, OneNode(known, self.node), self.displaced)
        top = curve.maximum_frequency
        return replace(
            curve,
            maximum_frequency=Measured(top.value, float(np.hypot(top.error, self.coupled))),
            traces=curve.traces + tuple(line.traces[0] for line in seen.values()),
        )

    def found(self, fit: FluxMap) -> dict[str, Measured]:
        """The curve, the bias for the designed idle frequency, and this frequency."""
        values = {
            "flux.offset": fit.offset,
            "flux.per_volt": fit.per_volt,
            "maximum_frequency": fit.maximum_frequency,
            "flux.bias": fit.bias,
            "f01": fit.frequency,
        }
        return {f"{self.node}.{name}": value for name, value in values.items()}

    @property
    def _step(self) -> float:
        return 2 * self.span / (self.points - 1)

    @property
    def _detunings(self) -> Array:
        return np.linspace(-self.span, self.span, self.points)

    def _biases(self, known: Knowledge) -> tuple[float, ...]:
        one = OneNode(known, self.node)
        top = one.flux.volts(0.0)
        reach = known.biases[one.flux_bias] - top
        return tuple(top + place * reach for place in PLACES)

    def _centres(self, known: Knowledge) -> tuple[float, ...]:
        """Believed frequencies at the biases, moved so that they agree with the one measured last."""
        one = OneNode(known, self.node)
        here = one.pulses.frequency - _curve(one, known.biases[one.flux_bias])
        return tuple(_curve(one, volts) + here for volts in self._biases(known))


def _curve_through(seen: Mapping[float, Line], one: OneNode, displaced: float) -> FluxMap:
    """The curve through all lines, or else through all but the one that fits least: a mode may displace one of them."""
    try:
        return _mapped(seen, one, displaced)
    except FitRejected as rejected:
        found = []
        for left_out in seen if len(seen) > FEWEST else ():
            with suppress(FitRejected):
                rest = {volts: line for volts, line in seen.items() if volts != left_out}
                found.append(_mapped(rest, one, displaced))
        if not found:
            raise rejected from None
        return min(found, key=lambda curve: curve.chi2)


def _mapped(seen: Mapping[float, Line], one: OneNode, displaced: float) -> FluxMap:
    return fit_flux_map(
        np.array(list(seen)),
        np.array([line.frequency.value for line in seen.values()]),
        np.array([line.frequency.error for line in seen.values()]),
        line=one.flux,
        transmon=one.qubit.transmon,
        wanted=one.designed_idle,
        displaced=displaced,
    )


def _curve(one: OneNode, volts: float) -> float:
    return float(one.qubit.transmon.frequency(one.flux.flux(volts, np.zeros(1)))[0])
