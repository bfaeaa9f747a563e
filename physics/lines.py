"""Lines into the cryostat: what a volt or a full-scale code at their warm end does at the chip."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..sequences.errors import ModelError
from .check import finite, not_negative, positive
from .flux_filter import FluxFilter
from .scale import COUPLING, DURATION, FREQUENCY

UNFILTERED = FluxFilter()
"""A line on which everything arrives as it is played."""


@dataclass(frozen=True, kw_only=True)
class FluxLine:
    """A flux line with a DC source and a generator on it.

    bias: Reduced flux for a volt of the source (1/V). pulse: Reduced flux for the generator's full scale.
    offset: Reduced flux with both at zero. filter: What the generator's waveform passes.
    """

    bias: float
    pulse: float
    offset: float = 0.0
    filter: FluxFilter = UNFILTERED

    def __post_init__(self) -> None:
        for name in ("bias", "pulse"):
            if not abs(finite(f"flux line {name}", getattr(self, name))) > 0:
                raise ModelError(f"flux line {name}", 0.0, "a line that moves no flux is of no use; is it plugged in?")
        finite("flux line offset (Phi0)", self.offset)

    def flux(self, volts: float, fraction: NDArray[np.float64]) -> NDArray[np.float64]:
        """Reduced flux at `volts` of the source and `fraction` of the generator's full scale."""
        return self.offset + self.bias * volts + self.pulse * fraction

    def volts(self, flux: float) -> float:
        """Of the source, for a static reduced flux."""
        return (flux - self.offset) / self.bias


@dataclass(frozen=True, kw_only=True)
class DriveLine:
    """A microwave line to a qubit. rabi_rate: Rabi frequency at the converter's full scale (Hz). delay: (s).

    photon_rate: g~/2pi between |f0> and |g1> of its transfer resonator at full scale (Hz); 0 without such a resonator.
    """

    rabi_rate: float
    delay: float = 0.0
    photon_rate: float = 0.0

    def __post_init__(self) -> None:
        positive("drive rabi_rate (Hz)", self.rabi_rate)
        COUPLING.one("drive rabi_rate (Hz)", self.rabi_rate)
        not_negative("drive delay (s)", self.delay)
        DURATION.one("drive delay (s)", self.delay)
        not_negative("drive photon_rate (Hz)", self.photon_rate)


@dataclass(frozen=True, kw_only=True)
class Resonator:
    """A readout resonator, pulled by its qubit, with its amplifier chain.

    bare_frequency: Without the qubit (Hz). coupling: g_r/2pi to the qubit's 0-1 transition (Hz). linewidth: kappa/2pi
    (Hz). gain: ADC units at the readout for a full-scale tone far from saturation. phase: Of the chain (rad).
    noise: Of one sample, each quadrature (ADC units, standard deviation). delay: From generator to readout (s).
    photons: In the resonator for a full-scale tone on resonance.
    """

    bare_frequency: float
    coupling: float
    linewidth: float
    gain: float
    phase: float
    noise: float
    delay: float
    photons: float

    def __post_init__(self) -> None:
        for name in ("bare_frequency", "linewidth", "gain"):
            positive(f"resonator {name}", getattr(self, name))
        FREQUENCY.one("resonator bare_frequency (Hz)", self.bare_frequency)
        COUPLING.one("resonator linewidth (Hz)", self.linewidth)
        for name in ("coupling", "noise", "delay", "photons"):
            not_negative(f"resonator {name}", getattr(self, name))
        DURATION.one("resonator delay (s)", self.delay)
        finite("resonator phase (rad)", self.phase)

    def resonances(self, qubit_frequency: float, anharmonicity: float, levels: int) -> NDArray[np.float64]:
        """Resonance (Hz) for each level of a qubit at `qubit_frequency` with `anharmonicity` (Hz), shape (levels,).

        f_n = f_bare + chi_(n-1,n) - chi_(n,n+1) with chi_(n-1,n) = n g_r^2 / (f_(n-1,n) - f_bare), far from resonance
        (Koch et al., PRA 76, 042319, 2007, section IV).
        """
        upper = np.arange(levels + 1)
        transition = qubit_frequency + anharmonicity * (upper - 1)
        if np.any(transition == self.bare_frequency):
            why = "is that of the resonator, which is no longer a readout: detune one of them"
            raise ModelError("qubit transition (Hz)", self.bare_frequency, why)
        chi = upper * self.coupling**2 / (transition - self.bare_frequency)
        return np.asarray(self.bare_frequency + chi[:-1] - chi[1:])

    def transmission(self, frequency: float, resonances: NDArray[np.float64]) -> NDArray[np.complex128]:
        """Response to a tone at `frequency` (Hz) for each of `resonances` (Hz): 1/(1 + 2i (f - f_n)/kappa)."""
        return np.asarray(1 / (1 + 2j * (frequency - resonances) / self.linewidth))
