"""Lines into the cryostat: what a volt or a full-scale code at their warm end does at the chip."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class FluxLine:
    """A flux line with a DC source and a generator on it.

    bias: Reduced flux for a volt of the source (1/V). pulse: Reduced flux for the generator's full scale.
    offset: Reduced flux with both at zero.
    """

    bias: float
    pulse: float
    offset: float = 0.0

    def flux(self, volts: float, fraction: NDArray[np.float64]) -> NDArray[np.float64]:
        """Reduced flux at `volts` of the source and `fraction` of the generator's full scale."""
        return self.offset + self.bias * volts + self.pulse * fraction

    def volts(self, flux: float) -> float:
        """Of the source, for a static reduced flux."""
        return (flux - self.offset) / self.bias


@dataclass(frozen=True, kw_only=True)
class DriveLine:
    """A microwave line to a qubit. rabi_rate: Rabi frequency at the converter's full scale (Hz)."""

    rabi_rate: float


@dataclass(frozen=True, kw_only=True)
class Resonator:
    """A readout resonator with its amplifier chain.

    frequency: With the qubit in g (Hz). shift: Further down for every excitation (Hz, 2 chi). linewidth: kappa/2pi
    (Hz). gain: ADC units at the readout for a full-scale tone far from saturation. phase: Of the chain (rad).
    noise: Of one sample, each quadrature (ADC units, standard deviation). delay: From generator to readout (s).
    """

    frequency: float
    shift: float
    linewidth: float
    gain: float
    phase: float
    noise: float
    delay: float

    def transmission(self, frequency: float, levels: int) -> NDArray[np.complex128]:
        """Response to a tone at `frequency` (Hz) for each qubit level, 1/(1 + 2i (f - f_n)/kappa), shape (levels,)."""
        resonance = self.frequency - self.shift * np.arange(levels)
        return np.asarray(1 / (1 + 2j * (frequency - resonance) / self.linewidth))
