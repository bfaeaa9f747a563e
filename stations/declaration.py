"""Declaration: link.yaml, what a designer knew, and truth.yaml, what a twin holds, as models."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Annotated, Final, Literal, TypeVar

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from ..calibration.design import Design, Operation
from ..instruments.qick.firmware import FIRMWARES, soccfg
from ..instruments.qick.wiring import Echo, Output, Wiring, target
from ..physics.apparatus import Apparatus, NetworkApparatus
from ..physics.device import Device
from ..physics.lines import DriveLine, Resonator
from ..sequences.errors import ModelError, StationError
from ..sequences.names import LinkNames
from ..sequences.pulse import ReadoutPulse
from ..sequences.target import Target
from .nearest import suggestion
from .network_sections import LinkSection, NodeSection, NotNegative, Population, Positive
from .yaml_file import Count, Duration, Fraction, Frequency, Section, YamlFile, load, read

_Built = TypeVar("_Built")
_NAME: Final = re.compile("[a-z][a-z0-9]*")
CALIBRATED: Final = LinkNames(link="line", nodes=("a", "b"), couplers=("a.coupler", "b.coupler"))
"""What calibrations call a link and what belongs to it."""


class ToneSection(Section):
    """How a node is read."""

    frequency: Annotated[Frequency, Positive]
    amplitude: Fraction
    duration: Annotated[Duration, Positive]
    delay: Annotated[Duration, NotNegative]
    window: Annotated[Duration, Positive]


class OperationSection(Section):
    """How the designer wants every link to be run. idle_frequencies, tones: Of each node."""

    idle_frequencies: Mapping[str, Frequency]
    coupling: Annotated[Frequency, Positive]
    load_rate: Annotated[Frequency, Positive]
    drive_duration: Annotated[Duration, Positive]
    rise: Annotated[Duration, Positive]
    ramp: Annotated[Duration, Positive]
    gap: Annotated[Duration, NotNegative]
    wait: Annotated[Duration, NotNegative]
    preparation_error: Population
    relaxation: Annotated[Duration, Positive]
    tones: Mapping[str, ToneSection]

    def operation(self, a: str, b: str) -> Operation:
        """As the designer of pulses between the nodes `a` and `b` knows it."""
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
            idle_frequencies=(self.idle_frequencies[a], self.idle_frequencies[b]),
            tones=(ReadoutPulse(**self.tones[a].model_dump()), ReadoutPulse(**self.tones[b].model_dump())),
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

    firmware: Literal["zcu216", "zcu216_flux"]
    outputs: Mapping[str, OutputSection]
    readouts: Mapping[str, EchoSection]
    tone_zone: Literal[1, 2]
    tone_mixer: Frequency
    sources: Mapping[str, str]

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
        return target(soccfg(FIRMWARES[self.firmware]), self.wiring(), name=self.firmware)


class Declaration(Section):
    """link.yaml."""

    title: str
    nodes: Annotated[Mapping[str, NodeSection], Field(min_length=1)]
    links: Annotated[Mapping[str, LinkSection], Field(min_length=1)]
    operation: OperationSection
    wiring: WiringSection

    @property
    def names(self) -> dict[str, LinkNames]:
        """Of each link and of what belongs to it."""
        return LinkNames.of({name: tuple(link.ends) for name, link in self.links.items()})

    def apparatus(self) -> NetworkApparatus:
        """All of it, with the lines that reach it; nodes and links are numbered as they stand here."""
        nodes = list(self.nodes)
        ends = tuple(tuple(nodes.index(node) for node in link.ends) for link in self.links.values())
        return NetworkApparatus.of(*map(self.link, self.links), ends=ends)

    def link(self, name: str) -> Apparatus:
        """One link as physics knows it, with the lines that reach it."""
        link, nodes = self.links[name], [self.nodes[node] for node in self.links[name].ends]
        return Apparatus(
            device=self._device(name, link),
            qubit_flux=tuple(node.flux.line() for node in nodes),
            coupler_flux=tuple(coupler.flux.line() for coupler in link.ends.values()),
            load_flux=link.load.flux.line(),
            drives=tuple(DriveLine(rabi_rate=node.rabi_rate) for node in nodes),
            resonators=tuple(Resonator(**node.resonator.model_dump()) for node in nodes),
        )

    def design(self, link: str | None = None) -> Design:
        """What follows from it for the pulses of a link, which a file with a single one need not name; ModelError if it
        has not two ends.
        """
        name = next(iter(self.links)) if link is None else link
        apparatus, ends = self.link(name), tuple(self.links[name].ends)
        if len(ends) != 2:
            why = "pulses are designed between two nodes"
            raise ModelError(f"number of ends of {name}", len(ends), why, key=f"links.{name}.ends")
        with _told_by("operation", self.operation):
            return Design(
                **{field.name: getattr(apparatus, field.name) for field in fields(Apparatus)},
                operation=self.operation.operation(*ends),
                names=self.names[name],
            )

    def _device(self, name: str, link: LinkSection) -> Device:
        with _told_by(f"links.{name}", link):
            line = link.line()
        with _told_by(f"links.{name}.load", link.load):
            load = link.load.coupler(line.mode_inductance)
        qubits = []
        for node, section in link.ends.items():
            with _told_by(f"links.{name}.ends.{node}", section):
                coupler = section.coupler(line.mode_inductance)
            with _told_by(f"nodes.{node}.qubit", self.nodes[node].qubit):
                qubits.append(self.nodes[node].behind(coupler))
        return Device(
            qubits=tuple(qubits),
            line=line,
            load=load,
            line_temperature=link.temperature,
            load_occupation=link.load.occupation,
        )

    def check(self, file: YamlFile) -> None:
        """StationError where the names in `file` do not fit together."""
        for name in (*self.nodes, *self.links):
            part = "nodes" if name in self.nodes else "links"
            if not _NAME.fullmatch(name) or (part == "nodes" and name in self.links):
                hint = "letters and digits, as in `a` or `ab2`, and no link is called as a node"
                raise file.error((part, name), f"{name} is no name", hint)
        for name, link in self.links.items():
            for node in link.ends:
                if node not in self.nodes:
                    raise file.error(("links", name, "ends", node), f"there is no {node}", suggestion(node, self.nodes))
        for node in self.nodes:
            if not any(node in link.ends for link in self.links.values()):
                raise file.error(("nodes", node), f"{node} is at the end of no link", "name it there, or leave it out")
        for path, names in self._keyed():
            file.check_keys(path, names)

    def _keyed(self) -> Iterator[tuple[tuple[str, str], list[str]]]:
        """Where the mappings stand whose keys follow from the names, and the keys that they must have."""
        of_links = self.names.values()
        couplers = [coupler for names in of_links for coupler in names.couplers]
        loads, fluxes = [names.load for names in of_links], [f"{node}.flux" for node in self.nodes]
        drives, readouts = ([f"{node}.{kind}" for node in self.nodes] for kind in ("drive", "readout"))
        yield ("operation", "idle_frequencies"), list(self.nodes)
        yield ("operation", "tones"), list(self.nodes)
        yield ("wiring", "outputs"), [*couplers, *fluxes, *loads, *drives]
        yield ("wiring", "readouts"), readouts
        yield ("wiring", "sources"), [f"{line}.bias" for line in (*fluxes, *couplers, *loads)]


def declaration(folder: Path) -> Declaration:
    """What link.yaml in `folder` says."""
    declared = load(folder / "link.yaml", Declaration)
    declared.check(read(folder / "link.yaml"))
    return declared


def design_of(folder: Path, declared: Declaration) -> Design:
    """The design that calibrations follow; StationError if they cannot, or if physics has no such device."""
    file, (name, *others) = folder / "link.yaml", list(declared.links)
    if others:
        what = (
            f"calibrations and protocols follow a station with one link yet, and there are {', '.join(declared.links)}"
        )
        raise read(file).error(("links",), what, "drive them from Python: docs/networks.md says how")
    if declared.names[name] != CALIBRATED:
        what = f"calibrations know a link {CALIBRATED.link} between nodes {' and '.join(CALIBRATED.nodes)} yet"
        raise read(file).error(("links", name), what, "call them so, or drive them from Python: see docs/networks.md")
    return physical(file, declared.design)


def chosen(folder: Path, declared: Declaration, link: str | None) -> str:
    """The link that somebody asked for, or the only one; StationError otherwise."""
    names = list(declared.links)
    if link is None and len(names) > 1:
        hint = "choose one with --link"
        raise read(folder / "link.yaml").error(("links",), f"there are several: {', '.join(names)}", hint)
    if link is not None and link not in names:
        raise read(folder / "link.yaml").error(("links",), f"there is no link {link}", suggestion(link, names))
    return link or names[0]


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
