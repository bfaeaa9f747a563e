"""Spectroscopy: the frequency of a node's qubit at its bias."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr

from ..analysis.bootstrap import Measured
from ..analysis.contrast import contrast
from ..analysis.spectroscopy import Drive, Line, fit_line
from ..analysis.trace import Trace
from ..sequences.envelope import Square
from ..sequences.protocols import spectroscopy
from ..sequences.pulse import Pulse
from ..sequences.scan import Scan
from ..sequences.units import MHz
from .knowledge import Knowledge
from .one_node import OneNode

FLUX_DOUBT: Final = 5 * MHz
"""Error of the maximum frequency that comes from the believed flux (Hz)."""


@dataclass(frozen=True, kw_only=True)
class Spectroscopy:
    """`points` carriers from `span` below the believed frequency to `span` above it (Hz).

    The drive is half a turn whose Rabi frequency is one step: the line is as wide as the steps can follow, and has no
    fringes between them. This is a first look; with a smaller span it is a second one.
    """

    node: str
    span: float = 100 * MHz
    points: int = 81
    shots: int = 200

    def scan(self, known: Knowledge) -> Scan:
        """All carriers in one image."""
        pulse = weak_drive(known, self.node, self._step)
        return Scan.of(spectroscopy(OneNode(known, self.node).pulses, pulse, [float(f) for f in self._carriers(known)]))

    def fit(self, data: xr.Dataset, known: Knowledge) -> "Found":
        """The line, and what it says about the maximum."""
        drive = believed_drive(known, self.node, self._step)
        line = fit_line(data.frequency.values, *contrast(data, self.node), drive)
        one = OneNode(known, self.node)
        transmon = one.qubit.transmon
        flux = one.flux.flux(known.biases[one.flux_bias], np.zeros(1))
        # f01 + EC goes with the maximum, so the believed curve is scaled to pass through the line.
        scale = (line.frequency.value - transmon.anharmonicity) / (transmon.frequency(flux)[0] - transmon.anharmonicity)
        maximum = transmon.anharmonicity + scale * (transmon.maximum_frequency - transmon.anharmonicity)
        doubt = float(np.hypot(line.frequency.error, FLUX_DOUBT))
        return Found(line=line, maximum_frequency=Measured(float(maximum), doubt))

    def found(self, fit: "Found") -> dict[str, Measured]:
        """Frequency at this bias, and the maximum that goes with it."""
        return {
            f"{self.node}.f01": fit.line.frequency,
            f"{self.node}.maximum_frequency": fit.maximum_frequency,
        }

    @property
    def _step(self) -> float:
        return 2 * self.span / (self.points - 1)

    def _carriers(self, known: Knowledge) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        centre = OneNode(known, self.node).pulses.frequency
        return np.asarray(centre + np.linspace(-self.span, self.span, self.points))


@dataclass(frozen=True, kw_only=True)
class Found:
    """line: As fitted. maximum_frequency: Of the qubit, at the believed flux (Hz)."""

    line: Line
    maximum_frequency: Measured

    @property
    def traces(self) -> tuple[Trace, ...]:
        """For a figure."""
        return self.line.traces


def weak_drive(known: Knowledge, node: str, rabi: float) -> Pulse:
    """A square half turn with a Rabi frequency of `rabi` (Hz), as far as the drive line is known."""
    amplitude = rabi / OneNode(known, node).drive.rabi_rate
    return Pulse(duration=_half_turn(known, rabi), amplitude=amplitude, envelope=Square())


def believed_drive(known: Knowledge, node: str, rabi: float) -> Drive:
    """The same for a fit."""
    qubit = OneNode(known, node).qubit
    t2 = 1 / (1 / (2 * qubit.t1) + 1 / qubit.t_phi)
    return Drive(rabi=rabi, duration=_half_turn(known, rabi), t1=qubit.t1, t2=t2)


def _half_turn(known: Knowledge, rabi: float) -> float:
    return known.clock.ceil(1 / (2 * rabi)) * known.clock.period
