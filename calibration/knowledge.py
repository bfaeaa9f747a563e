"""Knowledge: what is known about a link at one moment, from its design and from all that was calibrated since."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from ..sequences.errors import CalibrationError
from ..sequences.link import AnyLink, Link, PhotonLink
from ..sequences.setting import Setting
from ..sequences.sweep import resolved
from ..sequences.target import Clock, Target
from .belief import AnyDesign, believed
from .design import Design
from .photon_design import PhotonDesign
from .readout import Readout

NO_MODES: Final = "this link has no couplers and no load: photons travel along it, see `coldlink run pitch_catch`"
NO_PHOTONS: Final = "no photons travel along this link, which has no transfer resonators; see `coldlink run handshake`"
NOTHING: Final[Mapping[str, float]] = {}
_MEASURED: Final = {
    "a.flux.bias": "a.flux.bias",
    "b.flux.bias": "b.flux.bias",
    "a.coupler.bias": "a.coupler.zero_bias",
    "b.coupler.bias": "b.coupler.zero_bias",
    "line.load.bias": "load.open_bias",
}
"""Setting -> name of the calibrated value that it holds at rest."""


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """prior: The design. target: Datasheet of what plays. values, errors: Calibrated numbers and their standard errors
    by their names in `names.KINDS`.

    readout: How single shots become states, once it was calibrated in this session. blind: Whether flux offsets are
    unknown: a source then rests at 0 V until its bias was calibrated.
    """

    prior: AnyDesign
    target: Target
    values: Mapping[str, float] = field(default_factory=dict)
    errors: Mapping[str, float] = field(default_factory=dict)
    readout: Readout | None = None
    blind: bool = False

    @property
    def clock(self) -> Clock:
        """Of all start times."""
        return self.target.clock

    @cached_property
    def believed(self) -> AnyDesign:
        """The design with what was measured in the place of what was assumed."""
        return believed(self.prior, self.values, self.clock)

    @property
    def design(self) -> Design:
        """The same of a line with standing modes; CalibrationError if it has none."""
        if not isinstance(self.believed, Design):
            raise CalibrationError(NO_MODES)
        return self.believed

    @property
    def photon_design(self) -> PhotonDesign:
        """The same of a line along which photons travel; CalibrationError if none do."""
        if not isinstance(self.believed, PhotonDesign):
            raise CalibrationError(NO_PHOTONS)
        return self.believed

    @cached_property
    def any_link(self) -> AnyLink:
        """Pulses and rates for protocols; ModelError where what is known contradicts itself."""
        return self.believed.link("calibration" if self.values else "design")

    @property
    def link(self) -> Link:
        """The same for a line with standing modes; CalibrationError if it has none."""
        if not isinstance(self.any_link, Link):
            raise CalibrationError(NO_MODES)
        return self.any_link

    @property
    def photon_link(self) -> PhotonLink:
        """The same for a line along which photons travel; CalibrationError if none do."""
        if not isinstance(self.any_link, PhotonLink):
            raise CalibrationError(NO_PHOTONS)
        return self.any_link

    @cached_property
    def biases(self) -> dict[Setting, float]:
        """Static biases at rest (V): where a value was calibrated, that one."""
        return {
            setting: self.values.get(_MEASURED[setting.name], 0.0 if self.blind else volts)
            for setting, volts in self.believed.biases().items()
        }

    @property
    def sure_readout(self) -> Readout:
        """The readout of this session; CalibrationError if it was not calibrated yet."""
        if self.readout is None:
            raise CalibrationError("single shots have no states before the readout was calibrated in this session")
        return self.readout

    @property
    def amplitudes(self) -> dict[str, float]:
        """Amplitudes of the swaps' pulses (fractions of the range), which say at which coupling a value holds."""
        found: dict[str, float] = {}
        if not isinstance(self.any_link, Link):
            return found
        for node in (self.any_link.node_a, self.any_link.node_b):
            found[f"{node.name}.swap.coupler"] = resolved(node.swap.coupler.amplitude)
            found[f"{node.name}.swap.compensation"] = resolved(node.swap.compensation.amplitude)
        return found

    def relative_error(self, name: str, otherwise: float) -> float:
        """Of a calibrated value, or what to take for it if there is none."""
        value = self.values.get(name)
        return self.errors[name] / abs(value) if value and name in self.errors else otherwise

    def learned(self, values: Mapping[str, float], errors: Mapping[str, float] = NOTHING) -> "Knowledge":
        """With these values, the newest ones, in the place of older ones."""
        return replace(self, values={**self.values, **values}, errors={**self.errors, **errors})

    def reading(self, readout: Readout) -> "Knowledge":
        """With a readout that was calibrated just now."""
        return replace(self, readout=readout)
