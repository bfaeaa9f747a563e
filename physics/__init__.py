"""Physics: the link's Hamiltonian, couplers, line and baths, and how qubits and line evolve; no truth, no devices."""

from .bath import occupation, relax, relax_through, steady_state, temperature
from .controls import Controls, Rates
from .coupler import InductiveCoupler, LoadCoupler
from .crosstalk import Crosstalk
from .device import CoupledQubit, Device, Qubit
from .flux_filter import FluxFilter, Tail
from .hot_window import HotWindow, Outcome, Resolution
from .idle import idle_map
from .line import Line
from .lines import DriveLine, FluxLine, Resonator
from .network import Network
from .planning import (
    BellPair,
    Cost,
    FluxPulses,
    Handshake,
    Imperfection,
    LinkPulses,
    Misreading,
    Passage,
    PhotonPair,
    PitchCatch,
    Pulses,
    Shared,
    Swap,
    Transferred,
    budget,
    costs,
    predicted,
    variations,
)
from .process_map import ProcessMap
from .segment import NEGLIGIBLE_COUPLING
from .single_excitation import amplitudes
from .sweeping import sweep
from .thermal_loss import ThermalLoss
from .transmon import Transmon
from .vacuum_rabi import Contact, Surroundings, excited_population

__all__ = [
    "NEGLIGIBLE_COUPLING",
    "BellPair",
    "Contact",
    "Controls",
    "Cost",
    "CoupledQubit",
    "Crosstalk",
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
    "Network",
    "Outcome",
    "Passage",
    "PhotonPair",
    "PitchCatch",
    "ProcessMap",
    "Pulses",
    "Qubit",
    "Rates",
    "Resolution",
    "Resonator",
    "Shared",
    "Surroundings",
    "Swap",
    "Tail",
    "ThermalLoss",
    "Transferred",
    "Transmon",
    "amplitudes",
    "budget",
    "costs",
    "excited_population",
    "idle_map",
    "occupation",
    "predicted",
    "relax",
    "relax_through",
    "steady_state",
    "sweep",
    "temperature",
    "variations",
]
