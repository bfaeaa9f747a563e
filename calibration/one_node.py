"""OneNode: what is known of one node, taken out of what is known of all."""

from dataclasses import dataclass, replace

from ..analysis.heated_echo import HeatedEcho
from ..analysis.resting_qubit import RestingQubit
from ..physics.device import CoupledQubit, Qubit
from ..physics.lines import DriveLine, FluxLine, Resonator
from ..physics.travelling import End
from ..sequences.errors import CalibrationError
from ..sequences.link import CoupledNode, Node, PhotonNode
from ..sequences.setting import Setting
from .belief import NODES, AnyDesign
from .knowledge import Knowledge


@dataclass(frozen=True)
class OneNode:
    """The node `name`, "a" or "b", as it is believed to be."""

    known: Knowledge
    name: str

    @property
    def pulses(self) -> Node:
        """Its pulses and lines for protocols."""
        return (self.known.any_link.node_a, self.known.any_link.node_b)[self.index]

    @property
    def swaps(self) -> CoupledNode:
        """The same with its pulses on a coupler."""
        return (self.known.link.node_a, self.known.link.node_b)[self.index]

    @property
    def photons(self) -> PhotonNode:
        """The same with its tones on f0-g1."""
        link = self.known.photon_link
        return (link.node_a, link.node_b)[self.index]

    @property
    def end(self) -> End:
        """Its end of a line along which photons travel."""
        return self.known.photon_design.device.ends[self.index]

    @property
    def qubit(self) -> Qubit:
        """Its qubit."""
        return self._design.device.qubits[self.index]

    @property
    def coupled(self) -> CoupledQubit:
        """Its qubit behind its coupler."""
        return self.known.design.device.qubits[self.index]

    @property
    def flux(self) -> FluxLine:
        """The qubit's flux line."""
        return self._design.qubit_flux[self.index]

    @property
    def coupler(self) -> FluxLine:
        """The coupler's flux line."""
        return self.known.design.coupler_flux[self.index]

    @property
    def drive(self) -> DriveLine:
        """The qubit's microwave line."""
        return self._design.drives[self.index]

    @property
    def resonator(self) -> Resonator:
        """Its readout resonator, as it was designed."""
        return self._design.resonators[self.index]

    @property
    def heated(self) -> HeatedEcho:
        """Of its tone, while the line may heat the qubit."""
        return HeatedEcho(
            resonator=replace(self.resonator, linewidth=self.value("readout.linewidth", self.resonator.linewidth)),
            anharmonicity=self.qubit.transmon.anharmonicity,
            modes=self._design.device.near(self.index),
            residual=self.qubit.residual_population,
        )

    @property
    def designed_idle(self) -> float:
        """Where the designer wants the qubit to rest (Hz)."""
        return self.known.prior.operation.idle_frequencies[self.index]

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
    def index(self) -> int:
        """Among the device's qubits; CalibrationError if there is no such node."""
        if self.name not in NODES:
            raise CalibrationError(f"there is no node {self.name}; there are {', '.join(NODES)}")
        return NODES.index(self.name)

    @property
    def half_life(self) -> float:
        """Half of the qubit's T1, on the clock (s)."""
        return self.known.clock.ceil(self.qubit.t1 / 2) * self.known.clock.period

    def resting(self, wait: float) -> RestingQubit:
        """The qubit, left alone for `wait` (s) before it is read."""
        return RestingQubit(
            device=self.known.design.device, qubit=self.index, wait=wait, window=self.pulses.tone.window
        )

    def moved(self, frequency: float) -> Node:
        """Its pulses with the qubit at `frequency` (Hz): the drive follows, the tone moves by as much as the resonator
        does, as designed.
        """
        node, anharmonicity = self.pulses, self.pulses.anharmonicity
        here, there = (self.resonator.resonances(at, anharmonicity, 2).mean() for at in (node.frequency, frequency))
        return replace(
            node,
            frequency=frequency,
            x180=replace(node.x180, frequency=frequency),
            tone=replace(node.tone, frequency=node.tone.frequency + float(there - here)),
        )

    def flux_bias_at(self, frequency: float) -> float:
        """Static bias (V) at which the qubit rests at `frequency` (Hz) while its coupler is off.

        The flux map is good over a wide range, the idle frequency at its own bias: the map is moved to pass through it.
        """
        transmon, line = self.qubit.transmon, self.flux
        idle = line.offset + line.bias * self.known.biases[self.flux_bias]
        missed = self._design.operation.idle_frequencies[self.index] - float(transmon.frequency(idle))
        return line.volts(float(transmon.flux(frequency - missed)))

    def coupler_bias_at(self, flux: float) -> float:
        """Static bias (V) of the coupler, `flux` (Phi0) from its zero."""
        return self.known.biases[self.coupler_bias] + flux / self.coupler.bias

    @property
    def _design(self) -> AnyDesign:
        return self.known.believed
