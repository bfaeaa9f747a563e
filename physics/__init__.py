"""Physics: the link's Hamiltonian, couplers, line and baths, and how qubits and line evolve; no truth, no devices."""

from .bath import occupation, relax, steady_state, temperature
from .controls import Controls, Rates
from .coupler import InductiveCoupler, LoadCoupler
from .device import Device, Qubit
from .hot_window import HotWindow, Outcome
from .idle import idle_map
from .line import Line
from .lines import DriveLine, FluxLine, Resonator
from .segment import NEGLIGIBLE_COUPLING
from .single_excitation import amplitudes
from .transmon import Transmon
from .vacuum_rabi import excited_population

__all__ = [
    "NEGLIGIBLE_COUPLING",
    "Controls",
    "Device",
    "DriveLine",
    "FluxLine",
    "HotWindow",
    "InductiveCoupler",
    "Line",
    "LoadCoupler",
    "Outcome",
    "Qubit",
    "Rates",
    "Resonator",
    "Transmon",
    "amplitudes",
    "excited_population",
    "idle_map",
    "occupation",
    "relax",
    "steady_state",
    "temperature",
]
