"""Photon chain: the calibrations of a link along which photons travel; its line is cold and needs none."""

from typing import Final

from .belief import NODES
from .graph import Graph, Task
from .node_tasks import READOUT, qubit, seen, unseen
from .transfer_phase import BellPhase, TransferPhase

_TRANSFER: Final = (
    Task(
        name="transfer_phase",
        routine=lambda known: TransferPhase(),
        again=(lambda known: TransferPhase(shots=16_000),),
        gives=("line.transfer_phase",),
        needs=("readout",),
    ),
    Task(
        name="bell_phase",
        routine=lambda known: BellPhase(),
        again=(lambda known: BellPhase(shots=40_000),),
        gives=("line.bell_phase",),
        needs=("readout",),
    ),
)

PHOTON_CHAIN: Final = Graph(
    (
        *(task for name in NODES for task in (*unseen(name), *seen(name), *qubit(name))),
        READOUT,
        *_TRANSFER,
    )
)
"""Every calibration of such a link."""
