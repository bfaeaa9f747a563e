"""Truth: what a simulated cryostat really holds; only the plant reads it."""

from collections.abc import Mapping
from dataclasses import dataclass

from ...physics.apparatus import NetworkApparatus
from ...physics.crosstalk import Crosstalk
from ...physics.lines import FluxLine


@dataclass(frozen=True, kw_only=True)
class Truth(NetworkApparatus):
    """The apparatus as it is, and which connector of the rack each of its lines is plugged into.

    generators: Generator index -> line, by its kind and its number among those of its kind ("flux 0", "coupler 1",
    "load 0", "drive 0"), or "tones". readouts: Readout index -> node. sources: Name of a DC source's output -> line.
    crosstalk: Between the flux lines, in their order.
    """

    generators: Mapping[int, str]
    readouts: Mapping[int, int]
    sources: Mapping[str, str]
    crosstalk: Crosstalk

    @property
    def flux_lines(self) -> dict[str, FluxLine]:
        """By name."""
        return flux_lines(self)


def flux_lines(apparatus: NetworkApparatus) -> dict[str, FluxLine]:
    """Every flux line by its name, in the order in which a crosstalk matrix has them."""
    kinds = {"flux": apparatus.qubit_flux, "coupler": apparatus.coupler_flux, "load": apparatus.load_flux}
    return {f"{kind} {number}": line for kind, lines in kinds.items() for number, line in enumerate(lines)}
