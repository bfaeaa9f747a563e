"""Photon: the time-symmetric wave packet that travels, and the coupling that emits it."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from ...sequences.errors import ModelError

Real = NDArray[np.float64]


@dataclass(frozen=True)
class Photon:
    """One photon with the envelope phi(t) = (sqrt(Gamma)/2) sech(Gamma t/2), its middle at t = 0.

    Its square integrates to 1; being symmetric in time, the packet is caught by the time-reversed drive that emits it
    (Cirac et al., PRL 78, 3221, 1997; Kurpiers et al., Nature 558, 264, 2018).

    bandwidth: Gamma (rad/s): far from the middle phi^2 falls as exp(-Gamma |t|).
    """

    bandwidth: float

    def __post_init__(self) -> None:
        if not 0 < self.bandwidth < math.inf:
            raise ModelError("photon bandwidth", self.bandwidth, "must be positive and finite; give Gamma in rad/s")

    def envelope(self, time: ArrayLike) -> Real:
        """phi (sqrt(1/s)) at `time` (s), same shape: phi^2 = Gamma u (1 - u) with u of `emitted`."""
        part = self.emitted(time)
        return np.sqrt(self.bandwidth * part * self.emitted(-np.asarray(time)))

    def emitted(self, time: ArrayLike) -> Real:
        """u(t), the integral of phi^2 from -infinity: u = 1/(1 + exp(-Gamma t)), same shape as `time` (s)."""
        return np.asarray(expit(self.bandwidth * np.asarray(time, dtype=np.float64)))

    def outside(self, window: float) -> float:
        """Part of the packet outside a window of length `window` (s) around its middle: 2/(1 + exp(Gamma T/2))."""
        return float(2 * self.emitted(-window / 2))

    def coupling(self, time: ArrayLike, kappa: float) -> Real:
        """g~(t) (rad/s) that lets |f0> leave as this photon through a resonator of linewidth `kappa` (rad/s).

        With H = g~ (|f><g| a + h.c.) the amplitudes f of |f0> and c of |g1> (times i) follow f' = -g~ c and
        c' = g~ f - kappa c/2, and the field that leaves is sqrt(kappa) c. Asking for sqrt(kappa) c = phi gives
        f^2 = 1 - u - phi^2/kappa = (1 - u)(1 - Gamma u/kappa), since what is not out nor in the resonator is in f, and
            g~ = (c' + kappa c/2)/f = (kappa + Gamma - 2 Gamma u)/2 sqrt(Gamma u/(kappa - Gamma u)).
        It is (kappa/2) sech(kappa t/2) for Gamma = kappa and ends at sqrt(Gamma (kappa - Gamma))/2 else. The same as
        in Kurpiers 2018 (methods); for any envelope: Morin et al., PRL 123, 133602 (2019). Same shape as `time` (s).
        """
        self._check_kappa(kappa)
        gone, left = self.emitted(time), self.emitted(-np.asarray(time))
        rest = kappa - self.bandwidth
        return (rest + 2 * self.bandwidth * left) / 2 * np.sqrt(self.bandwidth * gone / (rest + self.bandwidth * left))

    def _check_kappa(self, kappa: float) -> None:
        if not self.bandwidth <= kappa:
            why = f"the resonator gives off photons no faster than its kappa = {kappa:g} rad/s; ask for Gamma <= kappa"
            raise ModelError("photon bandwidth (rad/s)", self.bandwidth, why)
