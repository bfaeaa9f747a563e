"""Travelling photons: a one-way line between two nodes with transfer resonators, driven on f0-g1, as a cascade.

    transfer = Transfer(a=node_a, b=node_b, waveguide=waveguide, emit=emit, catch=catch)
    transfer.process.process_fidelity, transfer.pair.fidelity, budget(transfer)

`PhotonDevice` is what a network has in the place of a line with standing modes, `PhotonWindow` the map of any tones.
The other line model, standing modes, is in `coldlink.physics`.
"""

from .budget import Budget, bell_fidelity, budget, process_fidelity
from .cascade import Cascade
from .device import End, PhotonDevice
from .drive import Drive
from .history import History
from .node import Node, TransferResonator
from .pair import Pair
from .photon import Photon
from .process_map import ProcessMap
from .propagation import Piece, Propagation
from .qutrit import Qutrit
from .transfer import Transfer
from .waveguide import Waveguide
from .window import PhotonWindow, Tones

__all__ = [
    "Budget",
    "Cascade",
    "Drive",
    "End",
    "History",
    "Node",
    "Pair",
    "Photon",
    "PhotonDevice",
    "PhotonWindow",
    "Piece",
    "ProcessMap",
    "Propagation",
    "Qutrit",
    "Tones",
    "Transfer",
    "TransferResonator",
    "Waveguide",
    "bell_fidelity",
    "budget",
    "process_fidelity",
]
