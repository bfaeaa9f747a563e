"""Physics: the link's Hamiltonian, couplers, line and baths, and how qubits and line evolve; no truth, no devices."""

from .bath import occupation, relax, steady_state, temperature
from .bell_pair import BellPair, Shared
from .budget import Cost, budget, costs, predicted, variations
from .controls import Controls, Rates
from .coupler import InductiveCoupler, LoadCoupler
from .crosstalk import Crosstalk
from .device import Device, Qubit
<<<<<<< HEAD
from .handshake import Handshake, Transferred
from .hot_window import HotWindow, Outcome
=======
from .flux_filter import FluxFilter, Tail
>>>>>>> fluxlines
from .idle import idle_map
from .imperfection import Imperfection
from .line import Line
from .lines import DriveLine, FluxLine, Resonator
from .misreading import Misreading
from .passage import Passage
from .process_map import ProcessMap
from .pulses import FluxPulses, LinkPulses, Pulses
from .segment import NEGLIGIBLE_COUPLING
from .single_excitation import amplitudes
<<<<<<< HEAD
from .swap import Swap
from .sweep import sweep
=======
from .space import ModeSpace
from .thermal_loss import ThermalLoss
>>>>>>> fluxlines
from .transmon import Transmon
from .vacuum_rabi import excited_population

__all__ = [
    "NEGLIGIBLE_COUPLING",
    "BellPair",
    "Controls",
<<<<<<< HEAD
    "Cost",
=======
    "Crosstalk",
>>>>>>> fluxlines
    "Device",
    "DriveLine",
    "FluxFilter",
    "FluxLine",
    "FluxPulses",
    "Handshake",
    "HotWindow",
    "Imperfection",
    "InductiveCoupler",
    "Line",
    "LinkPulses",
    "LoadCoupler",
    "Misreading",
    "Outcome",
    "Passage",
    "ProcessMap",
    "Pulses",
    "Qubit",
    "Rates",
    "Resonator",
<<<<<<< HEAD
    "Shared",
    "Swap",
    "Transferred",
=======
    "Tail",
    "ThermalLoss",
>>>>>>> fluxlines
    "Transmon",
    "amplitudes",
    "budget",
    "costs",
    "excited_population",
    "idle_map",
    "occupation",
    "predicted",
    "relax",
    "steady_state",
    "sweep",
    "temperature",
    "variations",
]
