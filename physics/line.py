"""The line between the nodes: its standing modes, their parity and their loss into the line's own bath."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import c

from ..sequences.errors import ModelError
from .check import one, positive, whole
from .scale import Scale
from .thermal_loss import ThermalLoss

LENGTH = Scale(1e-3, 1e5, "m")
PER_LENGTH = Scale(1e-9, 1e-2, "H/m")
QUALITY = Scale(1.0, 1e13, "1", ideal=np.inf)
SLOWEST = 1e-3
"""Of light's velocity: waves on a line of superconducting film with the largest kinetic inductance go faster."""
MARKOV = 0.25
"""Largest kappa_load/2pi in units of the free spectral range. A mode is damped on its own only while its neighbours are
far: a load that all share also damps them into each other (Viviescas and Hackenbroich, PRA 67, 013805, 2003), which
mixes an amplitude of (kappa/2)/(2 pi FSR) into a mode; here that is 1/8, and 1/64 of a population."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line closed at both ends: f_m = m FSR, FSR = v/2L, field at the two ends in phase or out of phase by turns.

    length: L (m). inductance_per_length: H/m. free_spectral_range: Hz.
    communication_mode: Number m of the mode that carries the state.
    offsets: Modes kept, as differences from the communication mode; M of them.
    quality: Internal quality factor Q_i of every mode at the design's temperature. thermal: Makes it depend on the
    temperature; None keeps it.
    """

    length: float
    inductance_per_length: float
    free_spectral_range: float
    communication_mode: int
    offsets: tuple[int, ...] = (0, -1, 1, -2)
    quality: float
    thermal: ThermalLoss | None = None

    def __post_init__(self) -> None:
        for name in ("length", "inductance_per_length", "free_spectral_range", "quality"):
            positive(f"line {name}", getattr(self, name))
        LENGTH.one("line length (m)", self.length)
        PER_LENGTH.one("line inductance_per_length (H/m)", self.inductance_per_length)
        QUALITY.one("line quality", self.quality)
        self._check_velocity()
        if not self.offsets or self.offsets[0] != 0 or len(set(self.offsets)) < len(self.offsets):
            why = "the communication mode, 0, comes first and each mode once"
            raise ModelError("first of the line offsets", self.offsets[0] if self.offsets else np.nan, why)
        for name, numbers in (("communication_mode", [self.communication_mode]), ("offsets", self.offsets)):
            for number in numbers:
                whole(f"line {name}", number)
        lowest = self.communication_mode + min(self.offsets, default=0)
        if lowest < 1:
            raise ModelError("line mode", lowest, "modes are numbered from 1; raise communication_mode or the offsets")

    def _check_velocity(self) -> None:
        spacing, fastest = one("line free_spectral_range (Hz)", self.free_spectral_range), c / (2 * self.length)
        if spacing > fastest:
            why = f"on {self.length:g} m, light in vacuum makes {fastest:.4g} Hz; one of the two is wrong"
            raise ModelError("line free_spectral_range (Hz)", spacing, why)
        if spacing < SLOWEST * fastest:
            why = f"on {self.length:g} m, a wave would need {0.5 / spacing:.3g} s from end to end; give it in Hz"
            raise ModelError("line free_spectral_range (Hz)", spacing, why)

    @property
    def mode_frequencies(self) -> NDArray[np.float64]:
        """f_m = m FSR (Hz) of the modes kept, shape [M], in the order of `offsets`."""
        return self.free_spectral_range * (self.communication_mode + np.asarray(self.offsets, dtype=np.float64))

    @property
    def parity(self) -> NDArray[np.float64]:
        """Sign of node B's coupling to each mode relative to the communication mode, shape [M]: (-1)^offset."""
        return np.array([1.0 - 2.0 * (offset % 2) for offset in self.offsets])

    @property
    def mode_inductance(self) -> float:
        """Ln = L_line/2, the effective inductance of one mode seen from an end (H)."""
        return self.inductance_per_length * self.length / 2

    def internal_rate(self, frequency: ArrayLike) -> NDArray[np.float64]:
        """kappa_i = 2 pi f / Q_i (rad/s) at `frequency` (Hz) and the design's temperature."""
        return 2 * np.pi * np.asarray(frequency, dtype=np.float64) / self.quality

    def check_load(self, rate: ArrayLike) -> None:
        """ModelError if a mode's decay into the load (rad/s) is so fast that modes are not damped one by one."""
        linewidth = float(np.max(rate)) / (2 * np.pi)
        if not linewidth <= MARKOV * self.free_spectral_range:
            limit = MARKOV * self.free_spectral_range
            why = f"beyond {limit:.4g} Hz, a quarter of the free spectral range, the load mixes the modes, and a rate "
            why += "of each is no model of it; open the load less, or shorten the line"
            raise ModelError("load rate kappa_L/2pi (Hz)", linewidth, why)

    def warmed_rate(self, frequency: ArrayLike, temperature: float, design: float) -> NDArray[np.float64]:
        """kappa_i (rad/s) at `frequency` (Hz) and `temperature`, of a line designed for `design` (K)."""
        rate = self.internal_rate(frequency)
        return rate if self.thermal is None else rate * self.thermal.factor(frequency, temperature, design)
