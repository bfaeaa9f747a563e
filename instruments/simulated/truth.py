"""Truth: what a simulated cryostat really holds; only the plant reads it."""

from collections.abc import Mapping
from dataclasses import dataclass

from ...physics.apparatus import Apparatus
from ...physics.crosstalk import Crosstalk
from ...physics.lines import FluxLine


@dataclass(frozen=True, kw_only=True)
class Truth(Apparatus):
    """The apparatus as it is, and which connector of the rack each of its lines is plugged into.

    generators: Generator index -> line ("flux 0", "coupler 1", "drive 0", "load", "tones"). readouts: Readout index ->
    qubit. sources: Name of a DC source's output -> line. crosstalk: Between the flux lines, in their order.
    """

    generators: Mapping[int, str]
    readouts: Mapping[int, int]
    sources: Mapping[str, str]
    crosstalk: Crosstalk

    @property
    def flux_lines(self) -> dict[str, FluxLine]:
        """By name, in the order of the crosstalk."""
        lines = (*self.qubit_flux, *self.coupler_flux, self.load_flux)
        return dict(zip(flux_names(len(self.qubit_flux)), lines, strict=True))


def flux_names(count: int) -> tuple[str, ...]:
    """Of the flux lines of a link with so many qubits, in the order in which a crosstalk matrix has them."""
    return (*(f"flux {q}" for q in range(count)), *(f"coupler {q}" for q in range(count)), "load")
