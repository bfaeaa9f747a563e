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
        """By name."""
        return flux_lines(self)


def flux_lines(apparatus: Apparatus) -> dict[str, FluxLine]:
    """Every flux line by its name, in the order in which a crosstalk matrix has them."""
    qubits = {f"flux {index}": line for index, line in enumerate(apparatus.qubit_flux)}
    couplers = {f"coupler {index}": line for index, line in enumerate(apparatus.coupler_flux)}
    return qubits | couplers | {"load": apparatus.load_flux}
