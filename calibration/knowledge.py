"""Knowledge: what is known about a link at one moment, from its design and from all that was calibrated since."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from ..sequences.errors import CalibrationError
from ..sequences.link import Link
from ..sequences.setting import Setting
from ..sequences.sweep import resolved
from ..sequences.target import Clock, Target
from .belief import believed
from .design import Design
from .readout import Readout

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

    prior: Design
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
    def design(self) -> Design:
        """The design with what was measured in the place of what was assumed."""
        return believed(self.prior, self.values, self.clock)

    @cached_property
    def link(self) -> Link:
        """Pulses and rates for protocols; ModelError where what is known contradicts itself."""
        link = self.design.link()
        line = replace(
            link.line,
            transfer_phase=self.values.get("line.transfer_phase", link.line.transfer_phase),
            bell_phase=self.values.get("line.bell_phase", link.line.bell_phase),
        )
        return replace(link, line=line, source="calibration" if self.values else "design")

    @cached_property
    def biases(self) -> dict[Setting, float]:
        """Static biases at rest (V): where a value was calibrated, that one."""
        return {
            setting: self.values.get(_MEASURED[setting.name], 0.0 if self.blind else volts)
            for setting, volts in self.design.biases().items()
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
        found = {}
        for node in (self.link.node_a, self.link.node_b):
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
