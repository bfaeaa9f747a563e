"""Truth: what a simulated cryostat really holds; only the plant reads it."""

from collections.abc import Mapping
from dataclasses import dataclass

from ...physics.device import Device
from ...physics.lines import DriveLine, FluxLine, Resonator


@dataclass(frozen=True, kw_only=True)
class Truth:
    """The device, its lines, and which connector of the rack each line is plugged into.

    qubit_flux, coupler_flux, drives, resonators: Of each qubit, in the order of `device.qubits`. load_flux: The load's.
    generators: Generator index -> line ("flux 0", "coupler 1", "drive 0", "load", "tones"). readouts: Readout index ->
    qubit. sources: Name of a DC source's output -> line.
    """

    device: Device
    qubit_flux: tuple[FluxLine, ...]
    coupler_flux: tuple[FluxLine, ...]
    load_flux: FluxLine
    drives: tuple[DriveLine, ...]
    resonators: tuple[Resonator, ...]
    generators: Mapping[int, str]
    readouts: Mapping[int, int]
    sources: Mapping[str, str]
