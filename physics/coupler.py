"""Tunable inductive couplers: between a qubit and a mode, and between a mode and the cold load.

Both are a junction LT between two grounded inductors Lg, joined by wire of inductance Lw in total (Zhong et al.,
Nature Physics 15, 741, 2019, supplement). The junction's phase follows 2 pi Phi = delta + beta sin(delta) with
beta = (2 Lg + Lw)/LT, and the mutual inductance is M = Lg^2 / (2 Lg + Lw + LT/cos(delta)): positive at zero flux, zero
at delta = pi/2, negative beyond.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..sequences.errors import ModelError
from .check import finite, not_negative, numbers, positive
from .scale import FREQUENCY, INDUCTANCE, Scale

IMPEDANCE = Scale(1.0, 1e5, "Ohm")
LEAK = Scale(0.0, 1e7, "Hz")


@dataclass(frozen=True, kw_only=True)
class _Loop:
    """The junction between two grounded inductors, without what hangs on either side.

    ground: Lg (H). wire: Lw (H). junction: LT at zero phase (H).
    """

    ground: float
    wire: float
    junction: float

    def __post_init__(self) -> None:
        for name in ("ground", "junction"):
            positive(f"coupler {name} (H)", getattr(self, name))
            INDUCTANCE.one(f"coupler {name} (H)", getattr(self, name))
        not_negative("coupler wire (H)", self.wire)
        if not self.beta < 1:
            why = "the junction's phase has several values from beta = 1 on; take a smaller loop or a larger LT"
            raise ModelError("coupler beta", self.beta, why)

    @property
    def beta(self) -> float:
        """(2 Lg + Lw) / LT."""
        return (2 * self.ground + self.wire) / self.junction

    @property
    def zero_flux(self) -> float:
        """Reduced flux at which M, g and kappa vanish: delta = pi/2, so (pi/2 + beta) / 2 pi. Not zero."""
        return (np.pi / 2 + self.beta) / (2 * np.pi)

    def phase(self, flux: ArrayLike) -> NDArray[np.float64]:
        """Phase delta (rad) across the junction at reduced flux Phi/Phi0: 2 pi Phi = delta + beta sin(delta)."""
        reduced = np.asarray(flux, dtype=np.float64)
        quanta = np.round(reduced)
        external = 2 * np.pi * (reduced - quanta)
        return 2 * np.pi * quanta + np.copysign(self._newton(np.abs(external)), external)

    def mutual(self, flux: ArrayLike) -> NDArray[np.float64]:
        """M (H) at reduced flux, written as Lg^2 cos(delta) / (LT + (2 Lg + Lw) cos(delta)): no pole at M = 0."""
        cosine = np.cos(self.phase(flux))
        return self.ground**2 * cosine / (self.junction * (1 + self.beta * cosine))

    def _newton(self, external: NDArray[np.float64]) -> NDArray[np.float64]:
        """Root of delta + beta sin(delta) = external on 0..pi.

        The left side is increasing and concave there, so Newton's steps from below climb and never pass the root.
        """
        delta = external / (1 + self.beta)
        for _ in range(100):
            step = (external - delta - self.beta * np.sin(delta)) / (1 + self.beta * np.cos(delta))
            delta = delta + step
            if np.all(np.abs(step) <= 1e-14 / (1 - self.beta)):
                break
        return delta

    def _flux_of(self, mutual: NDArray[np.float64]) -> NDArray[np.float64]:
        """Reduced flux on 0..0.5 with this M (H), nan where there is none: M falls all the way along the branch."""
        cosine = mutual * self.junction / (self.ground**2 - mutual * self.beta * self.junction)
        # Rounding puts the two ends of the branch a few ulp outside [-1, 1].
        ends = np.clip(cosine, -1, 1)
        delta = np.arccos(np.where(np.abs(cosine - ends) <= 1e-12, ends, np.nan))
        return (delta + self.beta * np.sin(delta)) / (2 * np.pi)


@dataclass(frozen=True, kw_only=True)
class InductiveCoupler(_Loop):
    """Qubit to mode: g = -(M/2) sqrt(w_q w_n / ((Lg + LJ)(Lg + Ln))), with the shifts of both (Zhong et al., 2019).

    qubit: LJ, the qubit's junction inductance (H). line: Ln, the mode's effective inductance (H).
    """

    qubit: float
    line: float

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("qubit", "line"):
            positive(f"coupler {name} (H)", getattr(self, name))
            INDUCTANCE.one(f"coupler {name} (H)", getattr(self, name))

    def g(self, flux: ArrayLike, qubit_frequency: ArrayLike, mode_frequency: ArrayLike) -> NDArray[np.float64]:
        """Coupling g/2pi (Hz), signed: negative at zero flux, positive above `zero_flux`. Frequencies in Hz."""
        return self._g_per_mutual(qubit_frequency, mode_frequency) * self.mutual(flux)

    def qubit_shift(self, g: ArrayLike, qubit_frequency: ArrayLike, mode_frequency: ArrayLike) -> NDArray[np.float64]:
        """Shift of the qubit (Hz) that comes with g/2pi (Hz): -g sqrt(w_q/w_n) sqrt((Lg + Ln)/(Lg + LJ))."""
        return -np.asarray(g, dtype=np.float64) * self._shift_ratio(qubit_frequency, mode_frequency)

    def mode_shift(self, g: ArrayLike, qubit_frequency: ArrayLike, mode_frequency: ArrayLike) -> NDArray[np.float64]:
        """Shift of the mode (Hz) that comes with g/2pi (Hz): -g sqrt(w_n/w_q) sqrt((Lg + LJ)/(Lg + Ln))."""
        return -np.asarray(g, dtype=np.float64) / self._shift_ratio(qubit_frequency, mode_frequency)

    def flux_for(self, g: ArrayLike, qubit_frequency: ArrayLike, mode_frequency: ArrayLike) -> NDArray[np.float64]:
        """Reduced flux on the branch 0 <= Phi <= 0.5 that gives g/2pi (Hz); ModelError where none does."""
        asked = numbers("coupling g/2pi (Hz)", g)
        found = self._flux_of(asked / self._g_per_mutual(qubit_frequency, mode_frequency))
        if np.any(np.isnan(found)):
            low, high = (np.broadcast_to(self.g(end, qubit_frequency, mode_frequency), found.shape) for end in (0, 0.5))
            first = np.flatnonzero(np.isnan(found))[0]
            why = f"this coupler reaches {low.flat[first]:.6g} to {high.flat[first]:.6g} Hz; ask for a g between"
            raise ModelError("coupling g/2pi (Hz)", float(np.broadcast_to(asked, found.shape).flat[first]), why)
        return found

    def _g_per_mutual(self, qubit_frequency: ArrayLike, mode_frequency: ArrayLike) -> NDArray[np.float64]:
        """g/2pi over M (Hz per H)."""
        product = _qubits(qubit_frequency) * _modes(mode_frequency)
        return -0.5 * np.sqrt(product / ((self.ground + self.qubit) * (self.ground + self.line)))

    def _shift_ratio(self, qubit_frequency: ArrayLike, mode_frequency: ArrayLike) -> NDArray[np.float64]:
        ratio = _qubits(qubit_frequency) / _modes(mode_frequency)
        return np.sqrt(ratio * (self.ground + self.line) / (self.ground + self.qubit))


@dataclass(frozen=True, kw_only=True)
class LoadCoupler(_Loop):
    """Mode to a matched line that ends in the cold load: the mode decays at kappa = (w M)^2 / (Z0 Ln) + 2 pi leak.

    line_inductance: Ln, the mode's effective inductance (H). impedance: Z0 of the matched line (Ohm). leak: What stray
    coupling leaves of kappa/2pi at M = 0 (Hz), which makes the on/off ratio finite.
    """

    line_inductance: float
    impedance: float = 50.0
    leak: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        positive("load line_inductance (H)", self.line_inductance)
        INDUCTANCE.one("load line_inductance (H)", self.line_inductance)
        positive("load impedance (Ohm)", self.impedance)
        IMPEDANCE.one("load impedance (Ohm)", self.impedance)
        LEAK.one("load leak (Hz)", self.leak)

    @property
    def closed_flux(self) -> float:
        """Reduced flux at which the load is closed: M = 0."""
        return self.zero_flux

    def kappa(self, flux: ArrayLike, mode_frequency: ArrayLike) -> NDArray[np.float64]:
        """Energy decay rate of the mode into the load (rad/s), see the class; w = 2 pi mode_frequency (Hz)."""
        w = 2 * np.pi * _modes(mode_frequency)
        return (w * self.mutual(flux)) ** 2 / (self.impedance * self.line_inductance) + 2 * np.pi * self.leak

    def pull(self, flux: ArrayLike, mode_frequency: ArrayLike) -> NDArray[np.float64]:
        """Shift of the mode (Hz): f M / 2 (Lg + Ln), the sign of M: down where the load is open beyond closed_flux.

        The same term as InductiveCoupler.mode_shift, which is -g sqrt(w_n/w_q) ... = w_n M / 2 (Lg + Ln).
        """
        f = _modes(mode_frequency)
        return f * self.mutual(flux) / (2 * (self.ground + self.line_inductance))

    def flux_for(self, kappa: ArrayLike, mode_frequency: ArrayLike) -> NDArray[np.float64]:
        """Reduced flux from closed_flux to 0.5 (M <= 0) that gives kappa (rad/s); ModelError where none does."""
        asked = not_negative("load rate (rad/s)", finite("load rate (rad/s)", kappa), "a decay rate is not negative")
        least, w = 2 * np.pi * self.leak, 2 * np.pi * _modes(mode_frequency)
        coupled = not_negative("load rate above its leak (rad/s)", asked - least, f"ask for {least:g} rad/s or more")
        found = self._flux_of(-np.sqrt(coupled * self.impedance * self.line_inductance) / w)
        if np.any(np.isnan(found)):
            first = np.flatnonzero(np.isnan(found))[0]
            high = np.broadcast_to(self.kappa(0.5, mode_frequency), found.shape).flat[first]
            why = f"this coupler reaches {least:.6g} to {high:.6g} rad/s; take a smaller rate or one with larger Lg/LT"
            raise ModelError("load rate (rad/s)", float(np.broadcast_to(asked, found.shape).flat[first]), why)
        return found


def _qubits(frequency: ArrayLike) -> NDArray[np.float64]:
    return FREQUENCY.all("qubit frequency (Hz)", frequency)


def _modes(frequency: ArrayLike) -> NDArray[np.float64]:
    return FREQUENCY.all("mode frequency (Hz)", frequency)
