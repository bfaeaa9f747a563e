"""Protocols: sequences that use a link for something, one a file."""

from .radiometry import radiometry
from .readout import measure, readout_calibration
from .rotations import bases, preparations, rotation
from .tomography import CHSH_SETTINGS, CHSH_SIGNS, INPUTS, READ_BASES, bell_tomography, chsh, process_tomography
from .transfer import half_transfer, handshake

__all__ = [
    "CHSH_SETTINGS",
    "CHSH_SIGNS",
    "INPUTS",
    "READ_BASES",
    "bases",
    "bell_tomography",
    "chsh",
    "half_transfer",
    "handshake",
    "measure",
    "preparations",
    "process_tomography",
    "radiometry",
    "readout_calibration",
    "rotation",
]
