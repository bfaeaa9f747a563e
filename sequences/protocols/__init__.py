"""Protocols: sequences that use a link for something, one a file."""

from .contact import closing, exchange, vacuum_rabi
from .load_map import Opening, load_map
from .photon_spectroscopy import photon_spectroscopy
from .pitch_catch import half_photon, pitch_catch
from .pulse_train import pulse_train
from .rabi import rabi
from .radiometry import radiometry
from .ramsey import ramsey
from .readout import measure, readout_calibration
from .relaxation import relaxation
from .resting import resting
from .rotations import bases, preparations, rotation
from .second_excitation import second_pulse, second_rabi, second_spectroscopy
from .spectroscopy import spectroscopy, spectroscopy_around, spectroscopy_during
from .time_of_flight import time_of_flight
from .tomography import CHSH_SETTINGS, CHSH_SIGNS, INPUTS, READ_BASES, bell_tomography, chsh, process_tomography
from .transfer import half_handshake, half_transfer, handshake, transfer
from .transfer_phase import bell_phase, transfer_phase

__all__ = [
    "CHSH_SETTINGS",
    "CHSH_SIGNS",
    "INPUTS",
    "READ_BASES",
    "Opening",
    "bases",
    "bell_phase",
    "bell_tomography",
    "chsh",
    "closing",
    "exchange",
    "half_handshake",
    "half_photon",
    "half_transfer",
    "handshake",
    "load_map",
    "measure",
    "photon_spectroscopy",
    "pitch_catch",
    "preparations",
    "process_tomography",
    "pulse_train",
    "rabi",
    "radiometry",
    "ramsey",
    "readout_calibration",
    "relaxation",
    "resting",
    "rotation",
    "second_pulse",
    "second_rabi",
    "second_spectroscopy",
    "spectroscopy",
    "spectroscopy_around",
    "spectroscopy_during",
    "time_of_flight",
    "transfer",
    "transfer_phase",
    "vacuum_rabi",
]
