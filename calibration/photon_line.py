"""Photon line: frequency and linewidth of a transfer resonator, strength and Stark shift of the drive on f0-g1."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from ..analysis.bootstrap import Measured
from ..analysis.contrast import contrast
from ..analysis.photon_line import Expected, PhotonLine, fit_photon_line
from ..analysis.trace import Trace
from ..physics.device import TWO_PI
from ..sequences.link import PhotonNode
from ..sequences.protocols import photon_spectroscopy
from ..sequences.scan import Scan
from ..sequences.units import MHz, ns
from .knowledge import Knowledge
from .one_node import OneNode


@dataclass(frozen=True, kw_only=True)
class PhotonLineRoutine:
    """A square tone on `node` in f at `points` frequencies on either side of what is expected.

    span: Searched on either side (Hz). strengths: g~ of the tones over kappa. length: Of each (s). wait: Until the
    readout, in which the resonator empties (s).
    """

    node: str
    shots: int = 4_000
    points: int = 25
    span: float = 16 * MHz
    strengths: tuple[float, ...] = (0.14, 0.34)
    length: float = 300 * ns
    wait: float = 60 * ns

    def scan(self, known: Knowledge) -> Scan:
        """One image."""
        expected, node = self._expected(known), self._node(known)
        largest = max(self._amplitudes(expected)) * expected.rate
        shifted = expected.resonance + expected.stark * TWO_PI * largest**2 / 2
        frequencies = np.linspace(shifted - self.span, shifted + self.span, self.points)
        duration, wait = self._duration(known), known.clock.ceil(self.wait) * known.clock.period
        return Scan.of(photon_spectroscopy(node, duration, wait, self._amplitudes(expected), frequencies.tolist()))

    def fit(self, data: xr.Dataset, known: Knowledge) -> "Found":
        """Both lines at once."""
        read, error = contrast(data.transpose("amplitude", "frequency", ...), self.node)
        line = fit_photon_line(
            data.amplitude.values,
            data.frequency.values,
            read,
            error,
            self._duration(known),
            self._expected(known),
        )
        node = self._node(known)
        # 2 f_ge + anharmonicity - f_tone: what is wrong with the anharmonicity is in the tones, too, and cancels.
        resonator = 2 * node.frequency + node.anharmonicity - line.resonance.value
        return Found(line=line, resonator=Measured(resonator, line.resonance.error))

    def found(self, fit: "Found") -> dict[str, Measured]:
        """Of the transfer resonator and its drive."""
        values = {
            "transfer.frequency": fit.resonator,
            "transfer.linewidth": fit.line.linewidth,
            "transfer.rate": fit.line.rate,
            "transfer.stark": fit.line.stark,
        }
        return {f"{self.node}.{name}": value for name, value in values.items()}

    def _node(self, known: Knowledge) -> PhotonNode:
        return OneNode(known, self.node).photons

    def _amplitudes(self, expected: Expected) -> tuple[float, ...]:
        return tuple(strength * expected.linewidth / expected.rate for strength in self.strengths)

    def _duration(self, known: Knowledge) -> float:
        return known.clock.ceil(self.length) * known.clock.period

    def _expected(self, known: Knowledge) -> Expected:
        one = OneNode(known, self.node)
        resonator = one.end.resonator
        return Expected(
            resonance=2 * one.pulses.frequency + one.pulses.anharmonicity - resonator.frequency,
            linewidth=resonator.kappa / TWO_PI,
            rate=one.drive.photon_rate,
            stark=one.end.stark,
            t1=one.qubit.t1,
        )


@dataclass(frozen=True, kw_only=True)
class Found:
    """line: As fitted. resonator: Frequency of the transfer resonator (Hz)."""

    line: PhotonLine
    resonator: Measured

    @property
    def traces(self) -> tuple[Trace, ...]:
        """For a figure."""
        return self.line.traces
