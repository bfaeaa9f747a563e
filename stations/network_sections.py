"""Sections of link.yaml that say what a network is made of: nodes, and links with their loads and couplers."""

from collections.abc import Mapping
from math import inf
from typing import Annotated, Any

from pydantic import Field, ValidatorFunctionWrapHandler, WrapValidator

from ..physics.coupler import InductiveCoupler, LoadCoupler
from ..physics.device import CoupledQubit, Qubit
from ..physics.flux_filter import FluxFilter
from ..physics.line import Line
from ..physics.lines import FluxLine
from ..physics.transmon import Transmon
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
)

FluxPerVolt = Annotated[float, Quantity("Phi0/V", "0.5 Phi0/V")]
Flux = Annotated[float, Quantity("Phi0", "50 mPhi0")]
Positive = Field(gt=0)
NotNegative = Field(ge=0)
Population = Annotated[float, Field(strict=True, ge=0, lt=0.5)]


def _none(written: object, parse: ValidatorFunctionWrapHandler) -> float:
    return inf if written == "none" else float(parse(written))


LowPass = Annotated[Frequency, WrapValidator(_none), Positive]
"""-3 dB of a Gaussian filter, infinite for none (Hz)."""


class FluxSection(Section):
    """A flux line: DC source and generator. low_pass: Of the generator's filter by its data sheet, none if left out."""

    bias: Annotated[FluxPerVolt, Positive]
    pulse: Annotated[Flux, Positive]
    offset: Flux
    low_pass: LowPass = inf

    def line(self) -> FluxLine:
        """As physics knows it."""
        known = FluxFilter(bandwidth=self.low_pass)
        return FluxLine(bias=self.bias, pulse=self.pulse, offset=self.offset, filter=known)


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

    def coupler(self, mode_inductance: float) -> InductiveCoupler:
        """As physics knows it."""
        return InductiveCoupler(
            ground=self.ground, wire=self.wire, junction=self.junction, qubit=self.qubit, line=mode_inductance
        )


class ResonatorSection(Section):
    """A readout resonator with its amplifier chain."""

    bare_frequency: Annotated[Frequency, Positive]
    coupling: Annotated[Frequency, NotNegative]
    linewidth: Annotated[Frequency, Positive]
    gain: Annotated[Number, Positive]
    phase: Angle
    noise: Annotated[Number, NotNegative]
    delay: Annotated[Duration, NotNegative]
    photons: Annotated[Number, NotNegative]


class NodeSection(Section):
    """A qubit with its lines."""

    qubit: QubitSection
    flux: FluxSection
    rabi_rate: Annotated[Frequency, Positive]
    resonator: ResonatorSection

    def alone(self) -> Qubit:
        """As physics knows it."""
        return Qubit(**self._qubit())

    def behind(self, coupler: InductiveCoupler) -> CoupledQubit:
        """As physics knows it, seen through `coupler`."""
        return CoupledQubit(**self._qubit(), coupler=coupler)

    def _qubit(self) -> dict[str, Any]:
        q = self.qubit
        transmon = Transmon(maximum_frequency=q.maximum_frequency, asymmetry=q.asymmetry, anharmonicity=q.anharmonicity)
        own = ("t1", "t_phi", "residual_population", "quasi_static")
        return {"transmon": transmon} | {name: getattr(q, name) for name in own}


class LinkSection(Section):
    """A hot line with its load. ends: Node -> the coupler between it and the line."""

    length: Annotated[Length, Positive]
    inductance_per_length: Annotated[InductancePerLength, Positive]
    free_spectral_range: Annotated[Frequency, Positive]
    communication_mode: Count
    offsets: Annotated[tuple[int, ...], Field(min_length=1, max_length=6)]
    quality: Annotated[Number, Positive]
    temperature: Annotated[Temperature, NotNegative]
    load: LoadSection
    ends: Annotated[Mapping[str, CouplerSection], Field(min_length=1, max_length=2)]

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
