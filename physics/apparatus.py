"""Apparatus: a device with the lines that reach it, or a network with those that reach all of it."""

from dataclasses import dataclass

from .device import Device
from .lines import DriveLine, FluxLine, Resonator
from .network import Network


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


@dataclass(frozen=True, kw_only=True)
class NetworkApparatus:
    """A network, its lines and its resonators; a twin's truth is one.

    qubit_flux, drives, resonators: Of each node. coupler_flux: Of each coupler, link after link. load_flux: Of each
    link.
    """

    network: Network
    qubit_flux: tuple[FluxLine, ...]
    coupler_flux: tuple[FluxLine, ...]
    load_flux: tuple[FluxLine, ...]
    drives: tuple[DriveLine, ...]
    resonators: tuple[Resonator, ...]

    @classmethod
    def of(cls, *links: Apparatus, ends: tuple[tuple[int, ...], ...] = ((0, 1),)) -> "NetworkApparatus":
        """Links as one network. ends: See `Network`; what reaches a node is that of the first link that it is in."""
        network = Network(links=tuple(link.device for link in links), ends=ends)
        firsts = [(links[link], end) for (link, end), *_ in network.places]
        return cls(
            network=network,
            qubit_flux=tuple(link.qubit_flux[end] for link, end in firsts),
            coupler_flux=tuple(line for link in links for line in link.coupler_flux),
            load_flux=tuple(link.load_flux for link in links),
            drives=tuple(link.drives[end] for link, end in firsts),
            resonators=tuple(link.resonators[end] for link, end in firsts),
        )

    def link(self, number: int) -> Apparatus:
        """One link, with what reaches it and its nodes."""
        nodes = self.network.ends[number]
        return Apparatus(
            device=self.network.links[number],
            qubit_flux=tuple(self.qubit_flux[node] for node in nodes),
            coupler_flux=self.coupler_flux[self.network.couplers[number]],
            load_flux=self.load_flux[number],
            drives=tuple(self.drives[node] for node in nodes),
            resonators=tuple(self.resonators[node] for node in nodes),
        )
