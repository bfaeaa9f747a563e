"""Heated echo: what a readout tone hears of a qubit that a hot line heats through a coupler that is not at zero yet."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..physics.lines import Resonator
from ..sequences.units import MHz

Array = NDArray[np.float64]
Echo = NDArray[np.complex128]
_LEVELS: Final = 3
_NARROW: Final = 2.0
"""Distance from a mode within which its heat does not grow any more (MHz)."""


@dataclass(frozen=True, kw_only=True)
class HeatedEcho:
    """resonator: As believed. anharmonicity: Of the qubit (Hz). modes: Of the line (Hz). residual: Excited population
    of a qubit that nothing heats.
    """

    resonator: Resonator
    anharmonicity: float
    modes: Array
    residual: float

    def __call__(self, miss: float, qubit: Array, heat: Array | float) -> Echo:
        """Echo of a full-height tone while the qubit is at `qubit` (Hz), shape (N,).

        miss: Of the tone from the resonator's bare frequency (Hz). heat: See `excited`.
        """
        excited = self.excited(qubit, heat)
        ladder = (excited / (1 - excited))[:, None] ** np.arange(_LEVELS)
        answers = 1 / (1 + 2j * (miss - self._pulls(qubit)) / self.resonator.linewidth)
        return np.asarray((ladder * answers).sum(axis=1) / ladder.sum(axis=1))

    def excited(self, qubit: Array, heat: Array | float) -> Array:
        """Population by the golden rule: (p + x)/(1 + 2x) with x = heat sum_m 1/Delta_m^2.

        heat: 2 g^2 w n T1 (1000 MHz^2), with w the linewidth of the exchange and n the occupation of a mode.
        """
        distance = (qubit[:, None] - self.modes) / MHz
        ratio = 1000 * heat * (1 / (distance**2 + _NARROW**2)).sum(axis=1)
        return np.asarray((self.residual + ratio) / (1 + 2 * ratio))

    def pull(self, qubit: float) -> float:
        """Of the resonator by a qubit in g (Hz)."""
        return float(self._pulls(np.array([qubit]))[0, 0])

    def _pulls(self, qubit: Array) -> Array:
        """For each level, shape (N, levels) (Hz); equation in `Resonator.resonances`."""
        upper = np.arange(_LEVELS + 1)
        transition = qubit[:, None] + self.anharmonicity * (upper - 1)
        chi = upper * self.resonator.coupling**2 / (transition - self.resonator.bare_frequency)
        return np.asarray(chi[:, :-1] - chi[:, 1:])
