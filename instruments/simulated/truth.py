"""Truth: what a simulated cryostat really holds; only the plant reads it."""

from collections.abc import Mapping
from dataclasses import dataclass

from ...physics.apparatus import Apparatus


@dataclass(frozen=True, kw_only=True)
class Truth(Apparatus):
    """The apparatus as it is, and which connector of the rack each of its lines is plugged into.

    generators: Generator index -> line ("flux 0", "coupler 1", "drive 0", "load", "tones"). readouts: Readout index ->
    qubit. sources: Name of a DC source's output -> line.
    """

    generators: Mapping[int, str]
    readouts: Mapping[int, int]
    sources: Mapping[str, str]
