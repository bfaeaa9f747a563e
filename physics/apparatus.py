"""Apparatus: a device with the lines that reach it, or a network with those that reach all of it."""

from dataclasses import dataclass
from typing import TypeVar

from ..sequences.errors import ModelError
from .device import Device
from .lines import DriveLine, FluxLine, Resonator
from .network import Network
from .travelling.device import PhotonDevice

_Part = TypeVar("_Part")


@dataclass(frozen=True, kw_only=True)
class Apparatus:
    """A device, its lines and its resonators; a design holds one.

    qubit_flux, coupler_flux, drives, resonators: Of each qubit, in the order of `device.qubits`. load_flux: The load's.
    """

    device: Device
    qubit_flux: tuple[FluxLine, ...]
    coupler_flux: tuple[FluxLine, ...]
    load_flux: FluxLine
    drives: tuple[DriveLine, ...]
    resonators: tuple[Resonator, ...]

    @property
    def load_lines(self) -> tuple[FluxLine, ...]:
        """That of each load."""
        return (self.load_flux,)


@dataclass(frozen=True, kw_only=True)
class PhotonApparatus:
    """A photon link, its lines and its resonators. qubit_flux, drives, resonators: Of each qubit."""

    device: PhotonDevice
    qubit_flux: tuple[FluxLine, ...]
    drives: tuple[DriveLine, ...]
    resonators: tuple[Resonator, ...]

    @property
    def coupler_flux(self) -> tuple[FluxLine, ...]:
        """None."""
        return ()

    @property
    def load_lines(self) -> tuple[FluxLine, ...]:
        """None."""
        return ()


@dataclass(frozen=True, kw_only=True)
class NetworkApparatus:
    """A network, its lines and its resonators; a twin's truth is one.

    qubit_flux, drives, resonators: Of each node. coupler_flux: Of each coupler, link after link. load_flux: Of each
    load.
    """

    network: Network
    qubit_flux: tuple[FluxLine, ...]
    coupler_flux: tuple[FluxLine, ...]
    load_flux: tuple[FluxLine, ...]
    drives: tuple[DriveLine, ...]
    resonators: tuple[Resonator, ...]

    @classmethod
    def of(
        cls, *links: Apparatus | PhotonApparatus, ends: tuple[tuple[int, ...], ...] = ((0, 1),)
    ) -> "NetworkApparatus":
        """Links as one network. ends: See `Network`; what reaches a node is that of the first link that it is in."""
        network = Network(links=tuple(link.device for link in links), ends=ends)
        firsts = [(links[link], end) for (link, end), *_ in network.places]
        return cls(
            network=network,
            qubit_flux=tuple(link.qubit_flux[end] for link, end in firsts),
            coupler_flux=tuple(line for link in links for line in link.coupler_flux),
            load_flux=tuple(line for link in links for line in link.load_lines),
            drives=tuple(link.drives[end] for link, end in firsts),
            resonators=tuple(link.resonators[end] for link, end in firsts),
        )

    def link(self, number: int) -> Apparatus:
        """One link with standing modes, with what reaches it and its nodes; ModelError if it has none."""
        device = self.network.links[number]
        if not isinstance(device, Device):
            raise ModelError("number of a link", number, "it has no standing modes, no couplers and no load")
        (load,) = self.load_flux[self.network.loads[number]]
        return Apparatus(
            device=device,
            qubit_flux=self._of(number, self.qubit_flux),
            coupler_flux=self.coupler_flux[self.network.couplers[number]],
            load_flux=load,
            drives=self._of(number, self.drives),
            resonators=self._of(number, self.resonators),
        )

    def photon_link(self, number: int) -> PhotonApparatus:
        """One link with travelling photons, with what reaches it and its nodes; ModelError if it has none."""
        device = self.network.links[number]
        if not isinstance(device, PhotonDevice):
            raise ModelError("number of a link", number, "it has no transfer resonators, no photon travels along it")
        return PhotonApparatus(
            device=device,
            qubit_flux=self._of(number, self.qubit_flux),
            drives=self._of(number, self.drives),
            resonators=self._of(number, self.resonators),
        )

    def _of(self, number: int, parts: tuple[_Part, ...]) -> tuple[_Part, ...]:
        return tuple(parts[node] for node in self.network.ends[number])
