"""Truth file: what truth.yaml says a simulated cryostat really holds; read by the plant alone."""

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Annotated

from pydantic import Field

from ..instruments.simulated.draw import Spread, draw
from ..instruments.simulated.truth import Truth, flux_lines
from ..physics.apparatus import NetworkApparatus
from ..physics.crosstalk import Crosstalk
from .declaration import physical
from .nearest import suggestion
from .network_sections import Flux, NotNegative
from .simulated_rack import RackSection
from .yaml_file import Angle, Count, Duration, Frequency, Section, YamlFile, load, read

LineName = Annotated[str, Field(pattern=r"^((flux|coupler|load|drive) [0-9]+|tones)$")]
"""By its kind and its number among those of its kind; nodes, links and their ends count as in link.yaml."""


class CablesSection(Section):
    """Connector -> line of the cryostat. readouts: Node, counted from 0, that hangs on each."""

    generators: Mapping[int, LineName]
    readouts: Mapping[int, Count]
    sources: Mapping[str, LineName]

    def check(self, file: YamlFile, apparatus: NetworkApparatus) -> None:
        """StationError for a line that the cryostat has not got, or a node that nobody can read."""
        drives = [f"drive {number}" for number in range(len(apparatus.drives))]
        lines = [*flux_lines(apparatus), *drives, "tones"]
        for part in ("generators", "sources"):
            for connector, line in getattr(self, part).items():
                if line not in lines:
                    raise file.error(("cables", part, connector), f"there is no line {line}", suggestion(line, lines))
        nodes = range(len(apparatus.resonators))
        if set(self.readouts.values()) != set(nodes):
            why = f"the nodes {', '.join(map(str, nodes))}, and no other, must hang on a readout"
            raise file.error(("cables", "readouts"), why)


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

    def drawn(self, apparatus: NetworkApparatus, seed: int | None) -> NetworkApparatus:
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

    def truth(self, apparatus: NetworkApparatus) -> Truth:
        """What the plant holds."""
        return Truth(
            **{field.name: getattr(apparatus, field.name) for field in fields(NetworkApparatus)},
            generators=dict(self.cables.generators),
            readouts=dict(self.cables.readouts),
            sources=dict(self.cables.sources),
            crosstalk=Crosstalk.none(tuple(flux_lines(apparatus))),
        )


def truth(folder: Path, design: NetworkApparatus) -> Truth:
    """A network built exactly as `design`, on the cables of truth.yaml in `folder`."""
    return _file(folder, design).truth(design)


def drawn_truth(folder: Path, design: NetworkApparatus, seed: int | None) -> Truth:
    """The network that truth.yaml in `folder` draws after `design`; with a `seed`, another one."""
    file = _file(folder, design)
    return file.truth(physical(folder / "truth.yaml", lambda: file.spread.drawn(design, seed)))


def _file(folder: Path, design: NetworkApparatus) -> TruthFile:
    """truth.yaml; StationError if its cables are not those of `design`."""
    file = load(folder / "truth.yaml", TruthFile)
    file.cables.check(read(folder / "truth.yaml"), design)
    return file
