"""Truth file: what truth.yaml says a simulated cryostat really holds; read by the plant alone."""

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ..calibration.design import Design
from ..instruments.simulated.draw import Spread, draw
from ..instruments.simulated.truth import Truth, flux_lines
from ..physics.apparatus import Apparatus
from ..physics.crosstalk import Crosstalk
from .declaration import Flux, NotNegative, physical
from .simulated_rack import RackSection
from .yaml_file import Angle, Count, Duration, Frequency, Section, load

LineName = Literal["flux 0", "flux 1", "coupler 0", "coupler 1", "drive 0", "drive 1", "load", "tones"]


class CablesSection(Section):
    """Connector -> line of the cryostat."""

    generators: Mapping[int, LineName]
    readouts: Mapping[int, Literal[0, 1]]
    sources: Mapping[str, LineName]

    @model_validator(mode="after")
    def _check_both_are_read(self) -> "CablesSection":
        if set(self.readouts.values()) != {0, 1}:
            raise PydanticCustomError("cables", "both qubits, 0 and 1, must hang on a readout")
        return self


Share = Annotated[float, Field(strict=True, ge=0, lt=1)]


class QualitySection(Section):
    """How far the quality of another device may lie from the design: relative half widths."""

    t1: Share
    line: Share


class SpreadSection(Section):
    """How far the device may lie from the design, see `Spread`. entropy: Which of those devices this cryostat holds."""

    entropy: Count
    maximum_frequency: Annotated[Frequency, NotNegative]
    flux_offset: Annotated[Flux, NotNegative]
    coupling: Share
    delay: Annotated[Duration, NotNegative]
    phase: Annotated[Angle, NotNegative]
    rabi_rate: Share
    amplifier: Share
    flux_gain: Share
    resonator: Annotated[Frequency, NotNegative]
    free_spectral_range: Share
    quality: QualitySection

    def drawn(self, apparatus: Apparatus, seed: int | None) -> Apparatus:
        """The cryostat's own device, of the design's quality, or with a `seed` another one, whose quality varies."""
        position = Spread(**self.model_dump(exclude={"entropy", "quality"}))
        if seed is None:
            return draw(apparatus, position, (self.entropy,))
        other = replace(position, t1=self.quality.t1, line_quality=self.quality.line)
        return draw(apparatus, other, (self.entropy, seed))


class TruthFile(Section):
    """truth.yaml."""

    cables: CablesSection
    spread: SpreadSection
    rack: RackSection

    def truth(self, apparatus: Apparatus) -> Truth:
        """What the plant holds."""
        return Truth(
            **{field.name: getattr(apparatus, field.name) for field in fields(Apparatus)},
            generators=dict(self.cables.generators),
            readouts=dict(self.cables.readouts),
            sources=dict(self.cables.sources),
            crosstalk=Crosstalk.none(tuple(flux_lines(apparatus))),
        )


def truth(folder: Path, design: Design) -> Truth:
    """A device built exactly as `design`, on the cables of truth.yaml in `folder`."""
    return load(folder / "truth.yaml", TruthFile).truth(design)


def drawn_truth(folder: Path, design: Design, seed: int | None) -> Truth:
    """The device that truth.yaml in `folder` draws after `design`; with a `seed`, another one."""
    file = load(folder / "truth.yaml", TruthFile)
    return file.truth(physical(folder / "truth.yaml", lambda: file.spread.drawn(design, seed)))
