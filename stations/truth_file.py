"""Truth file: what truth.yaml says a simulated cryostat really holds; read by the plant alone."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ..calibration.design import Design
from ..instruments.simulated.draw import Spread, draw
from ..instruments.simulated.truth import Truth, flux_names
from ..physics.lines import FluxLine
from ..sequences.errors import ModelError
from .declaration import Flux, NotNegative, physical
from .drift_section import DriftsSection
from .line_sections import DriveLineSection, FluxLineSection, LineLossSection, Part, crosstalk
from .simulated_rack import RackSection
from .yaml_file import Angle, Count, Duration, Frequency, Section, YamlFile, load

FILE: Final = "truth.yaml"
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
    tail: Share
    line_delay: Annotated[Duration, NotNegative]
    crosstalk: Share
    quality: QualitySection

    def drawn(self, designed: Truth, seed: int | None) -> Truth:
        """The cryostat's own device, of the design's quality, or with a `seed` another one, whose quality varies."""
        position = Spread(**self.model_dump(exclude={"entropy", "quality"}))
        if seed is None:
            return draw(designed, position, (self.entropy,))
        other = replace(position, t1=self.quality.t1, line_quality=self.quality.line)
        return draw(designed, other, (self.entropy, seed))


class TruthFile(Section):
    """truth.yaml."""

    cables: CablesSection
    flux_lines: Mapping[str, FluxLineSection]
    drives: Mapping[str, DriveLineSection]
    crosstalk: Mapping[str, Mapping[str, Part]]
    line_loss: LineLossSection
    drifts: DriftsSection
    spread: SpreadSection
    rack: RackSection

    def truth(self, design: Design) -> Truth:
        """A device built exactly as `design`, behind the lines of this file; ModelError for lines that cannot be."""
        self._check_delays()
        line = replace(design.device.line, thermal=self.line_loss.law(design.device.line_temperature))
        count = len(design.device.qubits)
        return Truth(
            device=replace(design.device, line=line),
            qubit_flux=tuple(self._behind(f"flux {q}", design.qubit_flux[q]) for q in range(count)),
            coupler_flux=tuple(self._behind(f"coupler {q}", design.coupler_flux[q]) for q in range(count)),
            load_flux=self._behind("load", design.load_flux),
            drives=tuple(replace(design.drives[q], delay=self.drives[f"drive {q}"].delay) for q in range(count)),
            resonators=design.resonators,
            generators=dict(self.cables.generators),
            readouts=dict(self.cables.readouts),
            sources=dict(self.cables.sources),
            crosstalk=crosstalk({name: self.crosstalk[name] for name in flux_names(count)}),
            drifts=self.drifts.drifts(self.spread.entropy),
        )

    def drawn(self, design: Design, seed: int | None) -> Truth:
        """The cryostat's own device; with a `seed`, another one."""
        return self.spread.drawn(self.truth(design), seed)

    def _behind(self, name: str, line: FluxLine) -> FluxLine:
        return replace(line, filter=self.flux_lines[name].filter())

    def _check_delays(self) -> None:
        shortest = min(
            *(line.delay for line in self.flux_lines.values()), *(line.delay for line in self.drives.values())
        )
        if self.spread.line_delay > shortest:
            why = f"a line of {shortest:g} s would be drawn with a negative delay; give less, or longer lines"
            raise ModelError("spread of line_delay (s)", self.spread.line_delay, why, key="spread.line_delay")


def truth(folder: Path, design: Design) -> Truth:
    """A device built exactly as `design`, on the cables and behind the lines of truth.yaml in `folder`."""
    file = truth_file(folder, design)
    return physical(folder / FILE, lambda: file.truth(design))


def drawn_truth(folder: Path, design: Design, seed: int | None) -> Truth:
    """The device that truth.yaml in `folder` draws after `design`; with a `seed`, another one."""
    file = truth_file(folder, design)
    return physical(folder / FILE, lambda: file.drawn(design, seed))


def truth_file(folder: Path, design: Design) -> TruthFile:
    """truth.yaml in `folder`; StationError unless it names every line of `design` and no other."""
    count = len(design.device.qubits)
    names = flux_names(count)

    def check(file: YamlFile) -> None:
        file.check_keys(("flux_lines",), names)
        file.check_keys(("drives",), tuple(f"drive {q}" for q in range(count)))
        file.check_keys(("crosstalk",), names)
        for name in names:
            file.check_keys(("crosstalk", name), tuple(other for other in names if other != name))

    return load(folder / FILE, TruthFile, check)
