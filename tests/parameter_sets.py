"""Sets of numbers that the physics is held against: consistent with the published 4 K and 1 K links, no findings.

The oracle sets have two levels and one mode, the stations' sets three levels and four modes.
"""

from dataclasses import dataclass, replace

import numpy as np

from coldlink.physics import (
    BellPair,
    CoupledQubit,
    Device,
    Handshake,
    InductiveCoupler,
    Line,
    LinkPulses,
    LoadCoupler,
    Misreading,
    Swap,
    Transmon,
)
from coldlink.sequences.units import GHz, K, MHz, m, nH, ns, us


@dataclass(frozen=True, kw_only=True)
class ParameterSet:
    """wrong: P(read 1 given 0), P(read 0 given 1). load, coupling, detuning: Cyclic (Hz). carrier: f of the mode."""

    temperature: float
    quality: float
    load: float
    cold: float
    t1: float
    t_phi: float
    thermal: float
    preparation: float
    wrong: tuple[float, float]
    carrier: float = 5.04 * GHz
    spacing: float = 140 * MHz
    offsets: tuple[int, ...] = (0, -1, 1, -2)
    coupling: float = 6.65 * MHz
    detuning: float = -0.2 * MHz
    levels: int = 3

    @property
    def device(self) -> Device:
        line = Line(
            length=0.75 * m,
            inductance_per_length=238 * nH,
            free_spectral_range=self.spacing,
            communication_mode=round(self.carrier / self.spacing),
            offsets=self.offsets,
            quality=self.quality,
        )
        qubit = CoupledQubit(
            transmon=Transmon(maximum_frequency=5.25 * GHz, asymmetry=0.2, anharmonicity=-210 * MHz),
            coupler=InductiveCoupler(
                ground=0.2 * nH, wire=0.1 * nH, junction=0.566 * nH, qubit=11.1 * nH, line=line.mode_inductance
            ),
            t1=self.t1,
            t_phi=self.t_phi,
            residual_population=self.thermal,
        )
        load = LoadCoupler(ground=0.3 * nH, wire=0.1 * nH, junction=0.8 * nH, line_inductance=line.mode_inductance)
        return Device(
            qubits=(qubit, qubit),
            line=line,
            load=load,
            line_temperature=self.temperature,
            load_occupation=self.cold,
        )

    @property
    def pulses(self) -> LinkPulses:
        swap = Swap(coupling=self.coupling, edge=2 * ns, detuning=self.detuning)
        return LinkPulses(release=swap, catch=swap, load_rate=self.load, ramp=4 * ns, gap=4 * ns, wait=5 * ns)

    def pulses_with(self, **changed: object) -> LinkPulses:
        return replace(self.pulses, **changed)

    def handshake(self, **changed: object) -> Handshake:
        return Handshake(**self._experiment() | {"pulses": self.pulses} | changed)

    def bell_pair(self, **changed: object) -> BellPair:
        return BellPair(**self._experiment() | {"pulses": self.pulses.sharing()} | changed)

    def _experiment(self) -> dict[str, object]:
        return {
            "device": self.device,
            "preparation_errors": (self.preparation, self.preparation),
            "misreadings": (Misreading(*self.wrong), Misreading(*self.wrong)),
            "levels": self.levels,
        }


ORACLE = {"carrier": 5 * GHz, "spacing": 125 * MHz, "offsets": (0,), "levels": 2, "detuning": 0.0}
HOT = {
    "temperature": 4 * K,
    "cold": 0.0,
    "t1": 15 * us,
    "t_phi": 3 * us,
    "thermal": 0.02,
    "preparation": 0.005,
    "wrong": (0.055, 0.164),
}
WARM = {
    "temperature": 1 * K,
    "cold": 0.005,
    "t1": 30 * us,
    "t_phi": 15 * us,
    "thermal": 0.005,
    "preparation": 0.002,
    "wrong": (0.005, 0.012),
}
ORACLE_4K = ParameterSet(quality=1e5, load=13.4 * MHz, coupling=6.47 * MHz, **HOT, **ORACLE)
ORACLE_1K = ParameterSet(quality=3.3e5, load=13.43 * MHz, coupling=6.47 * MHz, **WARM, **ORACLE)
STATION_4K = ParameterSet(quality=1.08e5, load=12.43 * MHz, **HOT)
STATION_1K = ParameterSet(quality=4.8e5, load=13.43 * MHz, **WARM)


def cooled_to(n: float, parameters: ParameterSet) -> float:
    """kappa_L/2pi (Hz) with which the line, its load open, rests at `n` photons."""
    rates = parameters.device.rates()
    return float(rates.internal[0] * (rates.hot[0] - n) / (n - parameters.cold) / (2 * np.pi))
