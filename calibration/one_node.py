"""OneNode: what is known of one node, taken out of what is known of all."""

from dataclasses import dataclass, replace

from ..analysis.heated_echo import HeatedEcho
from ..physics.device import Qubit
from ..physics.lines import DriveLine, FluxLine, Resonator
from ..sequences.link import Node
from ..sequences.setting import Setting
from .belief import NODES
from .design import Design
from .knowledge import Knowledge
from .nodes import node_of


@dataclass(frozen=True)
class OneNode:
    """The node `name`, "a" or "b", as it is believed to be."""

    known: Knowledge
    name: str

    @property
    def pulses(self) -> Node:
        """Its pulses and lines for protocols."""
        return node_of(self.known.link, self.name)

    @property
    def qubit(self) -> Qubit:
        """Its qubit behind its coupler."""
        return self._design.device.qubits[self._index]

    @property
    def flux(self) -> FluxLine:
        """The qubit's flux line."""
        return self._design.qubit_flux[self._index]

    @property
    def coupler(self) -> FluxLine:
        """The coupler's flux line."""
        return self._design.coupler_flux[self._index]

    @property
    def drive(self) -> DriveLine:
        """The qubit's microwave line."""
        return self._design.drives[self._index]

    @property
    def resonator(self) -> Resonator:
        """Its readout resonator, as it was designed."""
        return self._design.resonators[self._index]

    @property
    def heated(self) -> HeatedEcho:
        """Of its tone, while the line may heat the qubit."""
        return HeatedEcho(
            resonator=replace(self.resonator, linewidth=self.value("readout.linewidth", self.resonator.linewidth)),
            anharmonicity=self.qubit.transmon.anharmonicity,
            modes=self._design.device.line.mode_frequencies,
            residual=self.qubit.residual_population,
        )

    @property
    def designed_idle(self) -> float:
        """Where the designer wants the qubit to rest (Hz)."""
        return self.known.prior.operation.idle_frequencies[self._index]

    @property
    def flux_bias(self) -> Setting:
        """Source of the qubit's static flux."""
        return Setting(f"{self.name}.flux.bias", "V")

    @property
    def coupler_bias(self) -> Setting:
        """Source of the coupler's static flux."""
        return Setting(f"{self.name}.coupler.bias", "V")

    def value(self, name: str, otherwise: float) -> float:
        """The calibrated value `name` of this node, or what else to take for it."""
        return self.known.values.get(f"{self.name}.{name}", otherwise)

    @property
    def _index(self) -> int:
        return NODES.index(self.name)

    @property
    def _design(self) -> Design:
        return self.known.design
