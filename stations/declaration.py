"""Declaration: link.yaml, what a designer knew, and truth.yaml, what a twin holds, as models."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from ..calibration.design import Design, Operation
from ..instruments.qick.firmware import soccfg
from ..instruments.qick.wiring import Echo, Output, Wiring, target
from ..physics.apparatus import NetworkApparatus
from ..physics.coupler import InductiveCoupler, LoadCoupler
from ..physics.device import Device, Qubit
from ..physics.line import Line
from ..physics.lines import DriveLine, FluxLine, Resonator
from ..physics.transmon import Transmon
from ..sequences.errors import ModelError, StationError
from ..sequences.pulse import ReadoutPulse
from ..sequences.target import Target
from .yaml_file import (
    Angle,
    Count,
    Duration,
    Fraction,
    Frequency,
    Impedance,
    Inductance,
    InductancePerLength,
    Length,
    Number,
    Quantity,
    Section,
    Temperature,
    exactly,
    load,
    read,
)

OUTPUTS = ("a.coupler", "b.coupler", "a.flux", "b.flux", "line.load", "a.drive", "b.drive")
READOUTS = ("a.readout", "b.readout")
SOURCES = ("a.flux.bias", "b.flux.bias", "a.coupler.bias", "b.coupler.bias", "line.load.bias")
"""What a link with two nodes has: channels that play, channels that are read, static biases."""
FluxPerVolt = Annotated[float, Quantity("Phi0/V", "0.5 Phi0/V")]
Flux = Annotated[float, Quantity("Phi0", "50 mPhi0")]
Positive = Field(gt=0)
NotNegative = Field(ge=0)
Population = Annotated[float, Field(strict=True, ge=0, lt=0.5)]
_Built = TypeVar("_Built")


class LineSection(Section):
    """The hot line."""

    length: Annotated[Length, Positive]
    inductance_per_length: Annotated[InductancePerLength, Positive]
    free_spectral_range: Annotated[Frequency, Positive]
    communication_mode: Count
    offsets: Annotated[tuple[int, ...], Field(min_length=1, max_length=6)]
    quality: Annotated[Number, Positive]
    temperature: Annotated[Temperature, NotNegative]

    def line(self) -> Line:
        """As physics knows it."""
        return Line(
            length=self.length,
            inductance_per_length=self.inductance_per_length,
            free_spectral_range=self.free_spectral_range,
            communication_mode=self.communication_mode,
            offsets=self.offsets,
            quality=self.quality,
        )


class FluxSection(Section):
    """A flux line: DC source and generator."""

    bias: Annotated[FluxPerVolt, Positive]
    pulse: Annotated[Flux, Positive]
    offset: Flux

    def line(self) -> FluxLine:
        """As physics knows it."""
        return FluxLine(bias=self.bias, pulse=self.pulse, offset=self.offset)


class LoadSection(Section):
    """The coupler to the cold load."""

    ground: Annotated[Inductance, Positive]
    wire: Annotated[Inductance, NotNegative]
    junction: Annotated[Inductance, Positive]
    impedance: Annotated[Impedance, Positive]
    occupation: Annotated[Number, NotNegative]
    flux: FluxSection

    def coupler(self, mode_inductance: float) -> LoadCoupler:
        """As physics knows it."""
        return LoadCoupler(
            ground=self.ground,
            wire=self.wire,
            junction=self.junction,
            line_inductance=mode_inductance,
            impedance=self.impedance,
        )


class QubitSection(Section):
    """A transmon."""

    maximum_frequency: Annotated[Frequency, Positive]
    asymmetry: Fraction
    anharmonicity: Annotated[Frequency, Field(lt=0)]
    t1: Annotated[Duration, Positive]
    t_phi: Annotated[Duration, Positive]
    quasi_static: Annotated[Frequency, Field(ge=0, le=5e6)]
    residual_population: Population


class CouplerSection(Section):
    """The inductive coupler between a qubit and the line."""

    ground: Annotated[Inductance, Positive]
    wire: Annotated[Inductance, NotNegative]
    junction: Annotated[Inductance, Positive]
    qubit: Annotated[Inductance, Positive]
    flux: FluxSection


class ResonatorSection(Section):
    """A readout resonator with its amplifier chain."""

    bare_frequency: Annotated[Frequency, Positive]
    coupling: Annotated[Frequency, NotNegative]
    linewidth: Annotated[Frequency, Positive]
    gain: Annotated[Number, Positive]
    phase: Angle
    noise: Annotated[Number, NotNegative]
    delay: Annotated[Duration, NotNegative]


class NodeSection(Section):
    """One end of the link."""

    qubit: QubitSection
    flux: FluxSection
    coupler: CouplerSection
    rabi_rate: Annotated[Frequency, Positive]
    resonator: ResonatorSection

    def physics(self, key: str, mode_inductance: float) -> Qubit:
        """Qubit behind its coupler. key: Of this section in the file."""
        q, c = self.qubit, self.coupler
        with _told_by(f"{key}.coupler", c):
            coupler = InductiveCoupler(
                ground=c.ground, wire=c.wire, junction=c.junction, qubit=c.qubit, line=mode_inductance
            )
        with _told_by(f"{key}.qubit", q):
            return Qubit(
                transmon=Transmon(
                    maximum_frequency=q.maximum_frequency, asymmetry=q.asymmetry, anharmonicity=q.anharmonicity
                ),
                coupler=coupler,
                t1=q.t1,
                t_phi=q.t_phi,
                residual_population=q.residual_population,
                quasi_static=q.quasi_static,
            )


class NodesSection(Section):
    """Both ends."""

    a: NodeSection
    b: NodeSection


class ToneSection(Section):
    """How a node is read."""

    frequency: Annotated[Frequency, Positive]
    amplitude: Fraction
    duration: Annotated[Duration, Positive]
    delay: Annotated[Duration, NotNegative]
    window: Annotated[Duration, Positive]


class OperationSection(Section):
    """How the designer wants the device to be run."""

    idle_frequency_a: Frequency
    idle_frequency_b: Frequency
    coupling: Annotated[Frequency, Positive]
    load_rate: Annotated[Frequency, Positive]
    drive_duration: Annotated[Duration, Positive]
    rise: Annotated[Duration, Positive]
    ramp: Annotated[Duration, Positive]
    gap: Annotated[Duration, NotNegative]
    wait: Annotated[Duration, NotNegative]
    preparation_error: Population
    relaxation: Annotated[Duration, Positive]
    tone_a: ToneSection
    tone_b: ToneSection

    def operation(self) -> Operation:
        """As the designer of pulses knows it."""
        same = (
            "coupling",
            "load_rate",
            "drive_duration",
            "rise",
            "ramp",
            "gap",
            "wait",
            "relaxation",
        )
        return Operation(
            idle_frequencies=(self.idle_frequency_a, self.idle_frequency_b),
            tones=(ReadoutPulse(**self.tone_a.model_dump()), ReadoutPulse(**self.tone_b.model_dump())),
            preparation_errors=(self.preparation_error, self.preparation_error),
            **{name: getattr(self, name) for name in same},
        )


class OutputSection(Section):
    """A channel on a generator."""

    generator: Count
    zone: Literal[1, 2] = 1
    mixer: Frequency = 0.0


class EchoSection(Section):
    """A readout channel."""

    generator: Count
    tone: Count
    readout: Count


class WiringSection(Section):
    """The board and what is plugged in where."""

    firmware: Literal["zcu216"]
    outputs: Annotated[Mapping[str, OutputSection], exactly(*OUTPUTS)]
    readouts: Annotated[Mapping[str, EchoSection], exactly(*READOUTS)]
    tone_zone: Literal[1, 2]
    tone_mixer: Frequency
    sources: Annotated[Mapping[str, str], exactly(*SOURCES)]

    @field_validator("sources")
    @classmethod
    def _check_sources(cls, sources: Mapping[str, str]) -> Mapping[str, str]:
        for setting, source in sources.items():
            if list(sources.values()).count(source) > 1:
                raise PydanticCustomError("sources", f"{source} holds {setting} and another one; each needs its own")
        return sources

    def wiring(self) -> Wiring:
        """As the board's compiler knows it."""
        return Wiring(
            outputs={name: Output(**output.model_dump()) for name, output in self.outputs.items()},
            echoes={name: Echo(**echo.model_dump()) for name, echo in self.readouts.items()},
            mux_zone=self.tone_zone,
            mux_mixer=self.tone_mixer,
        )

    def target(self) -> Target:
        """Datasheet of the board with these cables."""
        return target(soccfg(), self.wiring(), name=self.firmware)


class Declaration(Section):
    """link.yaml."""

    title: str
    line: LineSection
    load: LoadSection
    nodes: NodesSection
    operation: OperationSection
    wiring: WiringSection

    @property
    def pair(self) -> tuple[NodeSection, NodeSection]:
        """Nodes A and B."""
        return (self.nodes.a, self.nodes.b)

    @property
    def named(self) -> tuple[tuple[str, NodeSection], ...]:
        """Nodes with their names."""
        return (("a", self.nodes.a), ("b", self.nodes.b))

    def device(self) -> Device:
        """As physics knows it."""
        with _told_by("line", self.line):
            line = self.line.line()
        with _told_by("load", self.load):
            load = self.load.coupler(line.mode_inductance)
        qubits = [node.physics(f"nodes.{name}", line.mode_inductance) for name, node in self.named]
        return Device(
            qubits=tuple(qubits),
            line=line,
            load=load,
            line_temperature=self.line.temperature,
            load_occupation=self.load.occupation,
        )

    def apparatus(self) -> NetworkApparatus:
        """All of it, with the lines that reach it."""
        return NetworkApparatus.of(self.design())

    def design(self) -> Design:
        """What follows from it for the pulses."""
        device = self.device()
        with _told_by("operation", self.operation):
            return self._design(device)

    def _design(self, device: Device) -> Design:
        return Design(
            device=device,
            qubit_flux=tuple(node.flux.line() for node in self.pair),
            coupler_flux=tuple(node.coupler.flux.line() for node in self.pair),
            load_flux=self.load.flux.line(),
            drives=tuple(DriveLine(rabi_rate=node.rabi_rate) for node in self.pair),
            resonators=tuple(Resonator(**node.resonator.model_dump()) for node in self.pair),
            operation=self.operation.operation(),
        )


def declaration(folder: Path) -> Declaration:
    """What link.yaml in `folder` says."""
    return load(folder / "link.yaml", Declaration)


def design_of(folder: Path, declared: Declaration) -> Design:
    """The design that `declared` makes; StationError if physics has no such device."""
    return physical(folder / "link.yaml", declared.design)


def physical(file: Path, build: Callable[[], _Built]) -> _Built:
    """What `build` gives; StationError, naming `file` and where it knows the key, if physics has no such device."""
    try:
        return build()
    except ModelError as error:
        if error.key is None:
            raise StationError(file, str(error)) from None
        raise read(file).error(tuple(error.key.split(".")), str(error), None) from None


@contextmanager
def _told_by(key: str, section: Section) -> Iterator[None]:
    """What physics refuses in here comes from `section`, which stands at `key`; from which of its keys, if one fits."""
    try:
        yield
    except ModelError as error:
        words = error.parameter.replace(" ", "_")
        own = max((name for name in type(section).model_fields if name in words), key=len, default="")
        raise replace(error, key=f"{key}.{own}".rstrip(".")) from None
