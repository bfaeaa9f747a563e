"""Truth file: what truth.yaml says a simulated cryostat really holds; read by the plant alone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from ..instruments.simulated.draw import Spread, draw
from ..instruments.simulated.truth import Truth, flux_names
from ..physics.apparatus import NetworkApparatus
from ..physics.device import Device
from ..physics.lines import FluxLine
from ..physics.network import NetworkLink
from ..physics.travelling import PhotonDevice
from ..sequences.errors import ModelError
from .declaration import physical
from .drift_section import DriftsSection
from .line_sections import DriveLineSection, FluxLineSection, LineLossSection, Part, crosstalk
from .nearest import suggestion
from .network_sections import Flux, NotNegative
from .photon_sections import PhotonSpreadSection
from .simulated_rack import RackSection
from .yaml_file import Angle, Count, Duration, Frequency, Section, YamlFile, load, read

FILE: Final = "truth.yaml"
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
        lines = [*flux_names(apparatus.network), *drives, "tones"]
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
    tail: Share
    line_delay: Annotated[Duration, NotNegative]
    crosstalk: Share
    quality: QualitySection
    photons: PhotonSpreadSection | None = None

    def drawn(self, designed: Truth, seed: int | None) -> Truth:
        """The cryostat's own device, of the design's quality, or with a `seed` another one, whose quality varies."""
        position = Spread(**self.model_dump(exclude={"entropy", "quality", "photons"}), **self._of_photons())
        if seed is None:
            return draw(designed, position, (self.entropy,))
        other = replace(position, t1=self.quality.t1, line_quality=self.quality.line)
        return draw(designed, other, (self.entropy, seed))

    def _of_photons(self) -> dict[str, float]:
        if self.photons is None:
            return {}
        return {
            "transfer_resonator": self.photons.frequency,
            "transfer_linewidth": self.photons.linewidth,
            "photon_rate": self.photons.rate,
            "stark": self.photons.stark,
            "photon_loss": self.photons.loss,
        }


class TruthFile(Section):
    """truth.yaml."""

    cables: CablesSection
    flux_lines: Mapping[str, FluxLineSection]
    drives: Mapping[str, DriveLineSection]
    crosstalk: Mapping[str, Mapping[str, Part]]
    line_loss: LineLossSection | None = None
    drifts: DriftsSection
    spread: SpreadSection
    rack: RackSection

    def truth(self, design: NetworkApparatus) -> Truth:
        """A network built exactly as `design`, behind the lines of this file; ModelError for lines that cannot be."""
        self._check_delays()
        return Truth(
            network=replace(design.network, links=tuple(map(self._lossy, design.network.links))),
            qubit_flux=self._behind("flux", design.qubit_flux),
            coupler_flux=self._behind("coupler", design.coupler_flux),
            load_flux=self._behind("load", design.load_flux),
            drives=tuple(
                replace(drive, delay=self.drives[f"drive {number}"].delay) for number, drive in enumerate(design.drives)
            ),
            resonators=design.resonators,
            generators=dict(self.cables.generators),
            readouts=dict(self.cables.readouts),
            sources=dict(self.cables.sources),
            crosstalk=crosstalk({name: self.crosstalk[name] for name in flux_names(design.network)}),
            drifts=self.drifts.drifts(self.spread.entropy),
        )

    def drawn(self, design: NetworkApparatus, seed: int | None) -> Truth:
        """The cryostat's own network; with a `seed`, another one."""
        return self.spread.drawn(self.truth(design), seed)

    def _lossy(self, link: NetworkLink) -> NetworkLink:
        if self.line_loss is None or not isinstance(link, Device):
            return link
        line = replace(link.line, thermal=self.line_loss.law(link.line_temperature))
        return replace(link, line=line, load=replace(link.load, leak=self.line_loss.load_leak))

    def _behind(self, kind: str, lines: Sequence[FluxLine]) -> tuple[FluxLine, ...]:
        return tuple(
            replace(line, filter=self.flux_lines[f"{kind} {number}"].filter()) for number, line in enumerate(lines)
        )

    def _check_delays(self) -> None:
        shortest = min(
            *(line.delay for line in self.flux_lines.values()), *(line.delay for line in self.drives.values())
        )
        if self.spread.line_delay > shortest:
            why = f"a line of {shortest:g} s would be drawn with a negative delay; give less, or longer lines"
            raise ModelError("spread of line_delay (s)", self.spread.line_delay, why, key="spread.line_delay")


def truth(folder: Path, design: NetworkApparatus) -> Truth:
    """A network built exactly as `design`, on the cables and behind the lines of truth.yaml in `folder`."""
    file = truth_file(folder, design)
    return physical(folder / FILE, lambda: file.truth(design))


def drawn_truth(folder: Path, design: NetworkApparatus, seed: int | None) -> Truth:
    """The network that truth.yaml in `folder` draws after `design`; with a `seed`, another one."""
    file = truth_file(folder, design)
    return physical(folder / FILE, lambda: file.drawn(design, seed))


def truth_file(folder: Path, design: NetworkApparatus) -> TruthFile:
    """truth.yaml in `folder`; StationError unless it names every line of `design` and no other."""
    names = flux_names(design.network)
    standing, travelling = (
        any(isinstance(link, kind) for link in design.network.links) for kind in (Device, PhotonDevice)
    )

    def check(file: YamlFile) -> None:
        file.check_keys(("flux_lines",), names)
        file.check_keys(("drives",), tuple(f"drive {number}" for number in range(len(design.drives))))
        file.check_keys(("crosstalk",), names)
        file.check_keys((), [name for name in TruthFile.model_fields if name != "line_loss" or standing])
        spread = [name for name in SpreadSection.model_fields if name != "photons" or travelling]
        file.check_keys(("spread",), spread)
        for name in names:
            file.check_keys(("crosstalk", name), tuple(other for other in names if other != name))

    found = load(folder / FILE, TruthFile, check)
    found.cables.check(read(folder / FILE), design)
    return found
