"""Device: nodes, couplers, line and load as one model; what fluxes and rates make of the Hamiltonian."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..sequences.errors import ModelError
from .bath import occupation
from .check import finite, not_negative, one, population, positive, shaped
from .controls import BEYOND, Controls, Rates
from .coupler import InductiveCoupler, LoadCoupler
from .line import Line
from .resting_contact import RestingContact, resting_contact
from .scale import LIFETIME, TEMPERATURE
from .transmon import Transmon

Trace = NDArray[np.float64]
TWO_PI = 2 * np.pi


@dataclass(frozen=True, kw_only=True)
class Qubit:
    """A qubit by itself.

    t1, t_phi: Relaxation and white dephasing (s). residual_population: Of the excited state in equilibrium.
    quasi_static: Spread of the frequency from shot to shot (Hz, standard deviation).
    """

    transmon: Transmon
    t1: float
    t_phi: float
    residual_population: float
    quasi_static: float = 0.0

    def __post_init__(self) -> None:
        positive("qubit t1 (s)", self.t1, "a qubit relaxes in a positive time; give inf for one that does not")
        positive("qubit t_phi (s)", self.t_phi, BEYOND)
        for name in ("t1", "t_phi"):
            LIFETIME.one(f"qubit {name} (s)", getattr(self, name))
        for name in ("residual_population", "quasi_static"):
            one(f"qubit {name}", getattr(self, name))
        population("qubit residual_population", self.residual_population)
        not_negative("qubit quasi_static (Hz)", finite("qubit quasi_static (Hz)", self.quasi_static))


@dataclass(frozen=True, kw_only=True)
class CoupledQubit(Qubit):
    """A qubit behind its coupler."""

    coupler: InductiveCoupler


def own_rates(qubits: Sequence[Qubit]) -> dict[str, Trace]:
    """Of `Rates`, what qubits have by themselves."""
    return {
        "anharmonicity": TWO_PI * np.array([qubit.transmon.anharmonicity for qubit in qubits]),
        "relaxation": np.array([1 / qubit.t1 for qubit in qubits]),
        "excited": np.array([qubit.residual_population for qubit in qubits]),
        "dephasing": np.array([1 / qubit.t_phi for qubit in qubits]),
    }


@dataclass(frozen=True, kw_only=True)
class Device:
    """Two qubits on a hot line with a cold load.

    line_temperature: Of the line's bath (K). load_occupation: n_c of the load's bath.
    """

    qubits: tuple[CoupledQubit, ...]
    line: Line
    load: LoadCoupler
    line_temperature: float
    load_occupation: float

    def __post_init__(self) -> None:
        if not 1 <= len(self.qubits) <= 2:
            raise ModelError("number of qubits", len(self.qubits), "a line has a qubit at one end or at both")
        not_negative("line temperature (K)", self.line_temperature)
        TEMPERATURE.one("line temperature (K)", self.line_temperature)
        not_negative("load occupation", finite("load occupation", one("load occupation", self.load_occupation)))

    @property
    def couplers(self) -> int:
        """How many it has."""
        return len(self.qubits)

    @property
    def loads(self) -> int:
        """How many it has."""
        return 1

    @property
    def mode_frequency(self) -> float:
        """Mode that carries states, load closed and couplers off (Hz); the frame of all rates and controls."""
        return float(self.line.mode_frequencies[0])

    def near(self, end: int) -> Trace:
        """Modes that a qubit at an end may feel (Hz)."""
        return self.line.mode_frequencies

    def rates(self) -> Rates:
        """What does not change in time."""
        modes = self.line.mode_frequencies
        ones = np.ones(len(modes))
        return Rates(
            **own_rates(self.qubits),
            parity=np.array([ones, self.line.parity])[: len(self.qubits)],
            internal=self.line.internal_rate(modes),
            hot=occupation(modes, self.line_temperature),
            cold=self.load_occupation * ones,
            detuning=TWO_PI * (modes - self.mode_frequency),
        )

    def warmed(self, rates: Rates, temperature: float) -> Rates:
        """`rates` with the line's bath at `temperature` (K): its occupation, and its loss if that depends on it."""
        modes = self.line.mode_frequencies
        internal = self.line.warmed_rate(modes, temperature, self.line_temperature)
        return replace(rates, hot=occupation(modes, temperature), internal=internal)

    def resting(self, rates: Rates, rest: Controls) -> RestingContact:
        """What couplers that are on at `rest` do."""
        return resting_contact(rates, rest)

    def controls(self, duration: Trace, qubit_flux: Trace, coupler_flux: Trace, load_flux: Trace) -> Controls:
        """Controls that reduced fluxes make.

        duration: Of each step, shape (S,) (s). qubit_flux, coupler_flux: Shape (S, Q). load_flux: Shape (S,).
        """
        modes, carrier = self.line.mode_frequencies, self.mode_frequency
        steps = np.shape(duration)[:1] or (1,)
        shaped(steps, duration=duration, load_flux=load_flux)
        shaped((*steps, len(self.qubits)), qubit_flux=qubit_flux, coupler_flux=coupler_flux)
        frequency, coupling = np.empty_like(qubit_flux), np.empty_like(coupler_flux)
        shift = self.load.pull(load_flux[:, None], modes)
        for index, qubit in enumerate(self.qubits):
            bare = qubit.transmon.frequency(qubit_flux[:, index])
            g = qubit.coupler.g(coupler_flux[:, index], bare, carrier)
            coupling[:, index] = g
            frequency[:, index] = bare + qubit.coupler.qubit_shift(g, bare, carrier)
            shift = shift + qubit.coupler.mode_shift(g[:, None], bare[:, None], modes)
        load = self.load.kappa(load_flux[:, None], modes)
        self.line.check_load(load)
        return Controls(
            duration=duration,
            qubit=TWO_PI * (frequency - carrier),
            coupling=TWO_PI * coupling,
            mode=TWO_PI * shift,
            load=load,
        )
