"""Swap: the pulse that exchanges a qubit with the line's mode, as the coupling that it makes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...sequences.envelope import FlatTop
from ...sequences.errors import ModelError
from ..check import finite, one, positive
from ..scale import COUPLING, DURATION, Scale

Trace = NDArray[np.float64]
AREA = Scale(1e-6, 20.0, "rad")


@dataclass(frozen=True, kw_only=True)
class Swap:
    """g(t) with a flat top and raised-cosine edges: area = 2 pi coupling (duration - edge).

    coupling: g/2pi of the flat top (Hz). area: Integral of g (rad); pi/2 moves an excitation, pi/4 half of it.
    edge: Length of either edge (s). detuning: Of the qubit from the mode during the pulse (Hz), both as the coupler
    shifts them: what the compensation on the qubit's flux line leaves.
    """

    coupling: float
    area: float = np.pi / 2
    edge: float = 2e-9
    detuning: float = 0.0

    def __post_init__(self) -> None:
        for name, scale in (("coupling", COUPLING), ("area", AREA)):
            positive(f"swap {name} ({scale.unit})", getattr(self, name))
            scale.one(f"swap {name} ({scale.unit})", getattr(self, name))
        DURATION.one("swap edge (s)", self.edge)
        finite("swap detuning (Hz)", one("swap detuning (Hz)", self.detuning))
        if self._flat < 0:
            least = 2 * np.pi * self.coupling * self.edge
            why = f"the two edges of {self.edge:g} s alone have {least:.4g} rad; shorten them or weaken the coupling"
            raise ModelError("swap area (rad)", self.area, why)

    @classmethod
    def lasting(cls, duration: float, *, coupling: float, edge: float = 2e-9, detuning: float = 0.0) -> "Swap":
        """The pulse of this whole `duration` (s), edges included."""
        return cls(coupling=coupling, area=2 * np.pi * coupling * (duration - edge), edge=edge, detuning=detuning)

    @property
    def duration(self) -> float:
        """From the first edge's begin to the second one's end (s)."""
        return self._flat + 2 * self.edge

    @property
    def corners(self) -> tuple[float, ...]:
        """Where edges begin and end (s)."""
        return (0.0, self.edge, self.edge + self._flat, self.duration)

    def moves(self, time: float) -> bool:
        """Whether the coupling changes at `time` (s) after the begin."""
        begin, risen, falling, end = self.corners
        return begin < time < risen or falling < time < end

    def shape(self, time: Trace) -> Trace:
        """Fraction of the coupling at `time` (s) after the begin."""
        return FlatTop(self.edge)(time, self.duration).real

    @property
    def _flat(self) -> float:
        """Length of the flat top (s); what rounding takes off a pulse of edges alone is none."""
        flat = self.area / (2 * np.pi * self.coupling) - self.edge
        return 0.0 if abs(flat) < 1e-15 else flat
