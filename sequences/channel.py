"""Channel: one logical line into the cryostat."""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a line does; flux-like kinds share one waveform window per shot."""

    DRIVE = "drive"
    FLUX = "flux"
    COUPLER = "coupler"
    LOAD = "load"
    READOUT = "readout"


@dataclass(frozen=True)
class Channel:
    """A line into the cryostat, named `node.kind` by convention (`a.drive`, `line.load`)."""

    name: str
    kind: Kind

    @property
    def is_flux(self) -> bool:
        """Whether the line carries baseband flux: its pulses are merged into one waveform per window."""
        return self.kind in (Kind.FLUX, Kind.COUPLER, Kind.LOAD)
