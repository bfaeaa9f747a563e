"""Physics: the link's Hamiltonian, couplers, line and baths, and how qubits and line evolve; no truth, no devices."""

from .bath import occupation, relax, steady_state, temperature
from .controls import Controls, Rates
from .coupler import InductiveCoupler, LoadCoupler
from .crosstalk import Crosstalk
from .device import Device, Qubit
from .flux_filter import FluxFilter, Tail
from .idle import idle_map
from .line import Line
from .lines import DriveLine, FluxLine, Resonator
from .segment import NEGLIGIBLE_COUPLING, Accuracy
from .single_excitation import amplitudes
from .space import ModeSpace
from .thermal_loss import ThermalLoss
from .transmon import Transmon
from .vacuum_rabi import excited_population
from .window import HotWindow, Outcome

__all__ = [
    "NEGLIGIBLE_COUPLING",
    "Accuracy",
    "Controls",
    "Crosstalk",
    "Device",
    "DriveLine",
    "FluxFilter",
    "FluxLine",
    "HotWindow",
    "InductiveCoupler",
    "Line",
    "LoadCoupler",
    "ModeSpace",
    "Outcome",
    "Qubit",
    "Rates",
    "Resonator",
    "Tail",
    "ThermalLoss",
    "Transmon",
    "amplitudes",
    "excited_population",
    "idle_map",
    "occupation",
    "relax",
    "steady_state",
    "temperature",
]
