"""Planning: what an experiment will show, predicted from a device and its pulses."""

from .bell_pair import BellPair, Shared
from .budget import Cost, budget, costs, predicted, variations
from .handshake import Handshake, Transferred
from .imperfection import Imperfection
from .misreading import Misreading
from .passage import Passage
from .photons import PhotonPair, PitchCatch
from .pulses import FluxPulses, LinkPulses, Pulses
from .swap import Swap

__all__ = [
    "BellPair",
    "Cost",
    "FluxPulses",
    "Handshake",
    "Imperfection",
    "LinkPulses",
    "Misreading",
    "Passage",
    "PhotonPair",
    "PitchCatch",
    "Pulses",
    "Shared",
    "Swap",
    "Transferred",
    "budget",
    "costs",
    "predicted",
    "variations",
]
