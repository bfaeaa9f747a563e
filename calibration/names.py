"""Names of what a cooldown calibrates, with unit and for how long a value may be trusted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_HOUR: Final = 3600.0


@dataclass(frozen=True)
class Kind:
    """unit: SI, or Phi0 for a reduced flux. lifetime: After which a value is stale (s); half of it is ageing."""

    unit: str
    lifetime: float


_NODE: Final = {
    "resonator.frequency": Kind("Hz", 48 * _HOUR),
    "readout.delay": Kind("s", 720 * _HOUR),
    "readout.frequency": Kind("Hz", 48 * _HOUR),
    "readout.linewidth": Kind("Hz", 720 * _HOUR),
    "readout.p10": Kind("", 4 * _HOUR),
    "readout.p01": Kind("", 4 * _HOUR),
    "flux.offset": Kind("Phi0", 48 * _HOUR),
    "flux.per_volt": Kind("Phi0/V", 720 * _HOUR),
    "flux.bias": Kind("V", 48 * _HOUR),
    "flux.pulse": Kind("Phi0", 48 * _HOUR),
    "maximum_frequency": Kind("Hz", 720 * _HOUR),
    "f01": Kind("Hz", 12 * _HOUR),
    "anharmonicity": Kind("Hz", 720 * _HOUR),
    "t1": Kind("s", 12 * _HOUR),
    "t_phi": Kind("s", 12 * _HOUR),
    "x180.amplitude": Kind("", 24 * _HOUR),
    "residual_population": Kind("", 24 * _HOUR),
    "preparation_error": Kind("", 24 * _HOUR),
    "coupler.zero_bias": Kind("V", 24 * _HOUR),
    "coupler.offset": Kind("Phi0", 48 * _HOUR),
    "coupler.per_volt": Kind("Phi0/V", 720 * _HOUR),
    "coupler.pulse": Kind("Phi0", 48 * _HOUR),
    "swap.coupling": Kind("Hz", 24 * _HOUR),
    "swap.frequency": Kind("Hz", 24 * _HOUR),
    "transfer.frequency": Kind("Hz", 48 * _HOUR),
    "transfer.linewidth": Kind("Hz", 720 * _HOUR),
    "transfer.rate": Kind("Hz", 24 * _HOUR),
    "transfer.stark": Kind("s", 48 * _HOUR),
}
_SHARED: Final = {
    "line.mode_frequency": Kind("Hz", 48 * _HOUR),
    "line.free_spectral_range": Kind("Hz", 720 * _HOUR),
    "line.kappa_i": Kind("1/s", 24 * _HOUR),
    "line.heating": Kind("1/s", 12 * _HOUR),
    "line.occupation": Kind("", 4 * _HOUR),
    "line.transfer_phase": Kind("rad", 4 * _HOUR),
    "line.bell_phase": Kind("rad", 4 * _HOUR),
    "load.open_bias": Kind("V", 48 * _HOUR),
    "load.per_volt": Kind("Phi0/V", 720 * _HOUR),
    "load.pulse": Kind("Phi0", 48 * _HOUR),
    "load.kappa": Kind("1/s", 48 * _HOUR),
}
KINDS: Final[Mapping[str, Kind]] = {f"{node}.{name}": kind for node in "ab" for name, kind in _NODE.items()} | _SHARED
"""All names that a store may hold."""
