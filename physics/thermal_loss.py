"""Thermal loss: how the loss of a superconducting line grows with its temperature, by thermal quasiparticles."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import h, k
from scipy.special import i0e, k0e

from ..sequences.errors import ModelError

BCS_GAP = 1.764
"""Delta(0) / (k_B T_c)."""


@dataclass(frozen=True)
class ThermalLoss:
    """1/Q(T) = 1/Q(T0) [(1 - share) + share L(T)/L(T0)], L = sigma_1/sigma_2 of thermal quasiparticles.

    sigma_1/sigma_n = (4 Delta/hf) e^{-Delta/kT} sinh(x) K0(x), with x = hf/2kT, and
    sigma_2/sigma_n = (pi Delta/hf) [1 - 2 e^{-Delta/kT} e^{-x} I0(x)]
    (Mattis and Bardeen, Phys. Rev. 111, 412, 1958; Gao, PhD thesis, Caltech 2008, section 2.2), for hf, kT << Delta =
    1.764 k T_c, which the gap keeps below T_c/2. share: Of the loss at T0. critical_temperature: (K).
    """

    share: float
    critical_temperature: float

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ModelError("share of thermal loss", self.share, "must lie between 0 and 1")
        if not self.critical_temperature > 0:
            raise ModelError("critical temperature (K)", self.critical_temperature, "must be positive")

    def factor(self, frequency: ArrayLike, temperature: float, design: float) -> NDArray[np.float64]:
        """Loss at `temperature` over that at `design` (K) for modes at `frequency` (Hz)."""
        f = np.asarray(frequency, np.float64)
        if not self.share or temperature == design:
            return np.ones_like(f)
        return np.asarray(1 - self.share + self.share * self._ratio(f, temperature) / self._ratio(f, design))

    def _ratio(self, frequency: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
        highest = self.critical_temperature / 2
        if not 0 < temperature <= highest:
            why = f"must be positive and at most half of the critical temperature, {highest:.3g} K, where the law ends"
            raise ModelError("line temperature (K)", temperature, why)
        x = h * frequency / (2 * k * temperature)
        rarity = np.exp(-BCS_GAP * self.critical_temperature / temperature)
        # The scaled Bessel functions hold their exponentials: sinh(x) K0(x) = (1 - e^{-2x}) k0e(x) / 2.
        return np.asarray(2 / np.pi * rarity * -np.expm1(-2 * x) * k0e(x) / (1 - 2 * rarity * i0e(x)))
