"""Truth: what a simulated cryostat really holds; only the plant reads it."""

from collections.abc import Mapping
from dataclasses import dataclass

from ...physics.apparatus import Apparatus
from ...physics.crosstalk import Crosstalk
from ...physics.lines import FluxLine
from .board.boards import BOARD
from .drift import Drift, Drifts


@dataclass(frozen=True, kw_only=True)
class Truth(Apparatus):
    """The apparatus as it is, and which connector of the rack each of its lines is plugged into.

    generators: Generator index -> line ("flux 0", "coupler 1", "drive 0", "load", "tones"). readouts: Readout index ->
    qubit. sources: Name of a DC source's output -> line. crosstalk: Between the flux lines, in their order. drifts:
    How all this wanders.
    """

    generators: Mapping[int, str]
    readouts: Mapping[int, int]
    sources: Mapping[str, str]
    crosstalk: Crosstalk
    drifts: Drifts

    @property
    def flux_lines(self) -> dict[str, FluxLine]:
        """By name, in the order of the crosstalk."""
        lines = (*self.qubit_flux, *self.coupler_flux, self.load_flux)
        return dict(zip(flux_names(len(self.qubit_flux)), lines, strict=True))

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


def flux_names(count: int) -> tuple[str, ...]:
    """Of the flux lines of a link with so many qubits, in the order in which a crosstalk matrix has them."""
    return (*(f"flux {q}" for q in range(count)), *(f"coupler {q}" for q in range(count)), "load")
