"""Truth: what a simulated cryostat really holds; only the plant reads it."""

from collections.abc import Mapping
from dataclasses import dataclass

from ...physics.apparatus import NetworkApparatus
from ...physics.crosstalk import Crosstalk
from ...physics.lines import FluxLine
from ...physics.network import Network
from .board.output import BOARD
from .drift import Drift, Drifts


@dataclass(frozen=True, kw_only=True)
class Truth(NetworkApparatus):
    """The apparatus as it is, and which connector of the rack each of its lines is plugged into.

    generators: Generator index -> line, by its kind and its number among those of its kind ("flux 0", "coupler 1",
    "load 0", "drive 0"), or "tones". readouts: Readout index -> node. sources: Name of a DC source's output -> line.
    crosstalk: Between the flux lines, in their order. drifts: How all this wanders.
    """

    generators: Mapping[int, str]
    readouts: Mapping[int, int]
    sources: Mapping[str, str]
    crosstalk: Crosstalk
    drifts: Drifts

    @property
    def flux_lines(self) -> dict[str, FluxLine]:
        """By name, in the order of the crosstalk."""
        lines = (*self.qubit_flux, *self.coupler_flux, *self.load_flux)
        return dict(zip(flux_names(self.network), lines, strict=True))

    @property
    def undrifted(self) -> Drift:
        """As it was drawn."""
        return Drift.none(tuple(self.flux_lines), len(self.drives), self._boards)

    def drifted(self, time: float) -> Drift:
        """Where it has drifted to at `time` (s since 1970)."""
        return self.drifts.at(time, tuple(self.flux_lines), len(self.drives), self._boards)

    @property
    def _boards(self) -> int:
        return 1 + max((*self.generators, *self.readouts)) // BOARD


def flux_names(network: Network) -> tuple[str, ...]:
    """Of the flux lines of a network, in the order in which a crosstalk matrix has them."""
    counts = {"flux": len(network.qubits), "coupler": network.couplers[-1].stop, "load": network.loads[-1].stop}
    return tuple(f"{kind} {number}" for kind, count in counts.items() for number in range(count))
