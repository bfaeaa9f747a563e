"""Photon chain: the calibrations of a link along which photons travel; its line is cold and needs none."""

from typing import Final

from ..sequences.units import MHz
from .belief import NODES
from .graph import Graph, Task
from .node_tasks import READOUT, of, qubit, seen, unseen
from .photon_line import PhotonLineRoutine
from .transfer_phase import BellPhase, TransferPhase


def _line(name: str) -> Task:
    return Task(
        name=f"{name}.photon_line",
        routine=lambda known: PhotonLineRoutine(node=name),
        again=(lambda known: PhotonLineRoutine(node=name, shots=12_000, span=24 * MHz, points=49),),
        gives=of(name, "transfer.frequency", "transfer.linewidth", "transfer.rate", "transfer.stark"),
        needs=of(name, "anharmonicity", "readout_frequency"),
    )


_SENT: Final = tuple(f"{name}.photon_line" for name in NODES)
_TRANSFER: Final = (
    Task(
        name="transfer_phase",
        routine=lambda known: TransferPhase(),
        again=(lambda known: TransferPhase(shots=16_000),),
        gives=("line.transfer_phase",),
        needs=(*_SENT, "readout"),
    ),
    Task(
        name="bell_phase",
        routine=lambda known: BellPhase(),
        again=(lambda known: BellPhase(shots=40_000),),
        gives=("line.bell_phase",),
        needs=(*_SENT, "readout"),
    ),
)

PHOTON_CHAIN: Final = Graph(
    (
        *(task for name in NODES for task in (*unseen(name), *seen(name), *qubit(name), _line(name))),
        READOUT,
        *_TRANSFER,
    )
)
"""Every calibration of such a link."""
