"""The flux-tunable transmon: frequency against reduced flux, its inverse and its slope."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..sequences.errors import ModelError
from .check import numbers, one, positive
from .scale import FREQUENCY, Scale

ANHARMONICITY = Scale(1e6, 1e10, "Hz")
"""Its size."""


@dataclass(frozen=True, kw_only=True)
class Transmon:
    """Two junctions in a loop, shunted by a capacitor (Koch et al., PRA 76, 042319, 2007).

    h f01 = sqrt(8 EJ EC) - EC with EJ(Phi) = EJmax |cos(pi Phi)| sqrt(1 + d^2 tan^2(pi Phi)), Phi in flux quanta.
    Since EJ(0) = EJmax, this is f01 + EC/h = (fmax + EC/h) (cos^2(pi Phi) + d^2 sin^2(pi Phi))^(1/4).

    maximum_frequency: f01 at zero flux (Hz).
    asymmetry: d = |EJ1 - EJ2| / (EJ1 + EJ2), 0 <= d < 1.
    anharmonicity: f12 - f01 = -EC/h, negative (Hz).
    """

    maximum_frequency: float
    asymmetry: float
    anharmonicity: float

    def __post_init__(self) -> None:
        positive("transmon maximum_frequency (Hz)", self.maximum_frequency)
        FREQUENCY.one("transmon maximum_frequency (Hz)", self.maximum_frequency)
        if not one("anharmonicity", self.anharmonicity) < 0:
            raise ModelError("anharmonicity", self.anharmonicity, "a transmon's is negative; give -EC/h in Hz")
        ANHARMONICITY.one("size of the anharmonicity (Hz)", -self.anharmonicity)
        if not 0 <= one("asymmetry", self.asymmetry) < 1:
            raise ModelError("asymmetry", self.asymmetry, "a tunable transmon has 0 <= d < 1; exchange the junctions")

    @property
    def minimum_frequency(self) -> float:
        """f01 at half a flux quantum (Hz): (fmax + EC/h) sqrt(d) - EC/h."""
        return self._plasma_frequency * math.sqrt(self.asymmetry) + self.anharmonicity

    def frequency(self, flux: ArrayLike) -> NDArray[np.float64]:
        """f01 (Hz) at reduced flux Phi/Phi0, same shape as `flux`."""
        return self._plasma_frequency * self._junction_ratio(flux) ** 0.5 + self.anharmonicity

    def slope(self, flux: ArrayLike) -> NDArray[np.float64]:
        """d f01 / d Phi (Hz per flux quantum): -(pi/4) (fmax + EC/h) (1 - d^2) sin(2 pi Phi) (EJ/EJmax)^(-3/2)."""
        turn = (1 - self.asymmetry**2) * np.sin(2 * np.pi * np.asarray(flux, dtype=np.float64))
        return -np.pi / 4 * self._plasma_frequency * turn * self._junction_ratio(flux) ** -1.5

    def flux(self, frequency: ArrayLike) -> NDArray[np.float64]:
        """Reduced flux on the branch 0 <= Phi <= 0.5 that gives f01 = `frequency` (Hz); ModelError out of reach."""
        asked = numbers("transmon frequency (Hz)", frequency)
        self._check_reach(asked)
        ratio = ((asked - self.anharmonicity) / self._plasma_frequency) ** 4
        sine_squared = (1 - ratio) / (1 - self.asymmetry**2)
        # Rounding puts the two ends of the branch up to 1e-15 outside [0, 1], where arcsin has no value.
        return np.arcsin(np.sqrt(np.clip(sine_squared, 0, 1))) / np.pi

    @property
    def _plasma_frequency(self) -> float:
        """sqrt(8 EJmax EC)/h (Hz)."""
        return self.maximum_frequency - self.anharmonicity

    def _junction_ratio(self, flux: ArrayLike) -> NDArray[np.float64]:
        """EJ/EJmax at reduced flux."""
        angle = np.pi * np.asarray(flux, dtype=np.float64)
        return np.hypot(np.cos(angle), self.asymmetry * np.sin(angle))

    def _check_reach(self, asked: NDArray[np.float64]) -> None:
        low, high = self.minimum_frequency, self.maximum_frequency
        outside = asked[~((asked >= low) & (asked <= high))]
        if outside.size:
            why = f"this transmon reaches {low:.9g} to {high:.9g} Hz; ask for a frequency between"
            raise ModelError("transmon frequency (Hz)", float(outside.flat[0]), why)
