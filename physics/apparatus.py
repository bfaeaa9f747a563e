"""Apparatus: a device with the lines that reach it; a design holds one, and so does a twin's truth."""

from dataclasses import dataclass

from .device import Device
from .lines import DriveLine, FluxLine, Resonator


@dataclass(frozen=True, kw_only=True)
class Apparatus:
    """A device, its lines and its resonators.

    qubit_flux, coupler_flux, drives, resonators: Of each qubit, in the order of `device.qubits`. load_flux: The load's.
    """

    device: Device
    qubit_flux: tuple[FluxLine, ...]
    coupler_flux: tuple[FluxLine, ...]
    load_flux: FluxLine
    drives: tuple[DriveLine, ...]
    resonators: tuple[Resonator, ...]
