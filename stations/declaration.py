"""Declaration: link.yaml, what a designer knew, and truth.yaml, what a twin holds, as models."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import Discriminator, Field, Tag, field_validator
from pydantic_core import PydanticCustomError

from ..calibration.belief import AnyDesign
from ..calibration.design import Design
from ..calibration.operation import Operation, PhotonOperation
from ..calibration.photon_design import PhotonDesign
from ..instruments.qick.firmware import FIRMWARES, soccfg
from ..instruments.qick.wiring import Echo, Output, Wiring, target
from ..physics.apparatus import Apparatus, NetworkApparatus, PhotonApparatus
from ..physics.device import Device
from ..physics.lines import DriveLine, Resonator
from ..physics.travelling import PhotonDevice
from ..sequences.errors import ModelError, StationError
from ..sequences.names import LinkNames
from ..sequences.pulse import ReadoutPulse
from ..sequences.target import Target
from .nearest import suggestion
from .network_sections import LinkSection, NodeSection, NotNegative, Population, Positive
from .photon_sections import PhotonLinkSection
from .yaml_file import TAG, Count, Duration, Fraction, Frequency, Section, YamlFile, load, read

_Built = TypeVar("_Built")
_NAME: Final = re.compile("[a-z][a-z0-9]*")
CALIBRATED: Final = ("line", ("a", "b"))
"""What calibrations call a link and its nodes."""


class ToneSection(Section):
    """How a node is read."""

    frequency: Annotated[Frequency, Positive]
    amplitude: Fraction
    duration: Annotated[Duration, Positive]
    delay: Annotated[Duration, NotNegative]
    window: Annotated[Duration, Positive]


class OperationSection(Section):
    """How the designer wants every link to be run. idle_frequencies, tones: Of each node.

    What stands for None here belongs to links of one kind, which need it.
    """

    idle_frequencies: Mapping[str, Frequency]
    drive_duration: Annotated[Duration, Positive]
    wait: Annotated[Duration, NotNegative]
    preparation_error: Population
    relaxation: Annotated[Duration, Positive]
    tones: Mapping[str, ToneSection]
    coupling: Annotated[Frequency, Positive] | None = None
    load_rate: Annotated[Frequency, Positive] | None = None
    rise: Annotated[Duration, Positive] | None = None
    ramp: Annotated[Duration, Positive] | None = None
    gap: Annotated[Duration, NotNegative] | None = None
    bandwidth: Annotated[Frequency, Positive] | None = None
    window: Annotated[Duration, Positive] | None = None
    delay: Annotated[Duration, NotNegative] | None = None
    second_duration: Annotated[Duration, Positive] | None = None

    def operation(self, a: str, b: str) -> Operation:
        """As the designer of pulses between the nodes `a` and `b` knows it."""
        return Operation(**self._nodes(a, b), **{name: getattr(self, name) for name in OF_MODES})

    def photon_operation(self, a: str, b: str) -> PhotonOperation:
        """The same where photons travel from `a` to `b`."""
        return PhotonOperation(**self._nodes(a, b), **{name: getattr(self, name) for name in OF_PHOTONS})

    def _nodes(self, a: str, b: str) -> dict[str, Any]:
        same = ("drive_duration", "wait", "relaxation")
        return {name: getattr(self, name) for name in same} | {
            "idle_frequencies": (self.idle_frequencies[a], self.idle_frequencies[b]),
            "tones": (ReadoutPulse(**self.tones[a].model_dump()), ReadoutPulse(**self.tones[b].model_dump())),
            "preparation_errors": (self.preparation_error, self.preparation_error),
        }


OF_MODES: Final = ("coupling", "load_rate", "rise", "ramp", "gap")
OF_PHOTONS: Final = ("bandwidth", "window", "delay", "second_duration")


class OutputSection(Section):
    """A channel on a generator."""

    generator: Count
    zone: Literal[1, 2] = 1
    mixer: Frequency = 0.0
    carrier: Annotated[bool, Field(strict=True)] = False


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


def _kind(written: object) -> str:
    """Of a link: what it says itself, or standing modes."""
    told = isinstance(written, Mapping) and "kind" in written
    return PHOTONS if told or isinstance(written, PhotonLinkSection) else MODES


MODES: Final = f"{TAG}modes"
PHOTONS: Final = f"{TAG}photons"
AnyLinkSection = Annotated[
    Annotated[LinkSection, Tag(MODES)] | Annotated[PhotonLinkSection, Tag(PHOTONS)], Discriminator(_kind)
]


class Declaration(Section):
    """link.yaml."""

    title: str
    nodes: Annotated[Mapping[str, NodeSection], Field(min_length=1)]
    links: Annotated[Mapping[str, AnyLinkSection], Field(min_length=1)]
    operation: OperationSection
    wiring: WiringSection

    @property
    def names(self) -> dict[str, LinkNames]:
        """Of each link and of what belongs to it."""
        coupled = {name: link for name, link in self.links.items() if isinstance(link, LinkSection)}
        found = LinkNames.of({name: tuple(link.ends) for name, link in coupled.items()})
        return {
            name: found.get(name, LinkNames(link=name, nodes=tuple(link.ends), couplers=()))
            for name, link in self.links.items()
        }

    @property
    def loads(self) -> list[str]:
        """Channels of the couplers of cold loads."""
        return [self.names[name].load for name, link in self.links.items() if isinstance(link, LinkSection)]

    def apparatus(self) -> NetworkApparatus:
        """All of it, with the lines that reach it; nodes and links are numbered as they stand here."""
        nodes = list(self.nodes)
        ends = tuple(tuple(nodes.index(node) for node in link.ends) for link in self.links.values())
        return NetworkApparatus.of(*map(self.link, self.links), ends=ends)

    def link(self, name: str) -> Apparatus | PhotonApparatus:
        """One link as physics knows it, with the lines that reach it."""
        link = self.links[name]
        return self._photons(name, link) if isinstance(link, PhotonLinkSection) else self._modes(name, link)

    def design(self, link: str | None = None) -> AnyDesign:
        """What follows from it for the pulses of a link, which a file with a single one need not name; ModelError if it
        has not two ends.
        """
        name = next(iter(self.links)) if link is None else link
        apparatus, ends = self.link(name), tuple(self.links[name].ends)
        if len(ends) != 2:
            why = "pulses are designed between two nodes"
            raise ModelError(f"number of ends of {name}", len(ends), why, key=f"links.{name}.ends")
        own = {field.name: getattr(apparatus, field.name) for field in fields(apparatus)}
        with _told_by("operation", self.operation):
            if isinstance(apparatus, PhotonApparatus):
                wanted = self.operation.photon_operation(*ends)
                return PhotonDesign(**own, operation=wanted, names=self.names[name])
            return Design(**own, operation=self.operation.operation(*ends), names=self.names[name])

    def _modes(self, name: str, link: LinkSection) -> Apparatus:
        return Apparatus(
            device=self._device(name, link),
            **self._lines(link.ends),
            coupler_flux=tuple(coupler.flux.line() for coupler in link.ends.values()),
            load_flux=link.load.flux.line(),
        )

    def _photons(self, name: str, link: PhotonLinkSection) -> PhotonApparatus:
        qubits = []
        for node in link.ends:
            with _told_by(f"nodes.{node}.qubit", self.nodes[node].qubit):
                qubits.append(self.nodes[node].alone())
        ends = [end.end() for end in link.ends.values()]
        lines = self._lines(link.ends)
        rates = [end.rate for end in link.ends.values()]
        drives = [replace(line, photon_rate=rate) for line, rate in zip(lines["drives"], rates, strict=True)]
        with _told_by(f"links.{name}", link):
            device = PhotonDevice(
                qubits=(qubits[0], qubits[1]),
                ends=(ends[0], ends[1]),
                waveguide=link.waveguide(),
                line_temperature=link.temperature,
            )
        return PhotonApparatus(**lines | {"drives": tuple(drives)}, device=device)

    def _lines(self, ends: Iterable[str]) -> dict[str, Any]:
        nodes = [self.nodes[node] for node in ends]
        return {
            "qubit_flux": tuple(node.flux.line() for node in nodes),
            "drives": tuple(DriveLine(rabi_rate=node.rabi_rate) for node in nodes),
            "resonators": tuple(Resonator(**node.resonator.model_dump()) for node in nodes),
        }

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
        for name, link in self.links.items():
            if isinstance(link, PhotonLinkSection) and len(self.links) > 1:
                hint = "a station of its own for it, or standing modes in all links"
                raise file.error(("links", name), "a line along which photons travel is the only link yet", hint)
        for path, names in self._keyed():
            file.check_keys(path, names)

    def _keyed(self) -> Iterator[tuple[tuple[str, ...], list[str]]]:
        """Where the mappings stand whose keys follow from the names, and the keys that they must have."""
        couplers = [coupler for names in self.names.values() for coupler in names.couplers]
        loads = self.loads
        fluxes, drives, readouts = ([f"{node}.{kind}" for node in self.nodes] for kind in ("flux", "drive", "readout"))
        sending = [link for link in self.links.values() if isinstance(link, PhotonLinkSection)]
        photons = [f"{node}.photon" for node in self.nodes if any(node in link.ends for link in sending)]
        kinds = [*(OF_MODES if loads else ()), *(OF_PHOTONS if sending else ())]
        always = [name for name in OperationSection.model_fields if name not in (*OF_MODES, *OF_PHOTONS)]
        yield ("operation",), [*always, *kinds]
        yield ("operation", "idle_frequencies"), list(self.nodes)
        yield ("operation", "tones"), list(self.nodes)
        yield ("wiring", "outputs"), [*couplers, *fluxes, *loads, *drives, *photons]
        yield ("wiring", "readouts"), readouts
        yield ("wiring", "sources"), [f"{line}.bias" for line in (*fluxes, *couplers, *loads)]


def declaration(folder: Path) -> Declaration:
    """What link.yaml in `folder` says."""
    declared = load(folder / "link.yaml", Declaration)
    declared.check(read(folder / "link.yaml"))
    return declared


def design_of(folder: Path, declared: Declaration) -> AnyDesign:
    """The design that calibrations follow; StationError if they cannot, or if physics has no such device."""
    file, (name, *others) = folder / "link.yaml", list(declared.links)
    if others:
        what = (
            f"calibrations and protocols follow a station with one link yet, and there are {', '.join(declared.links)}"
        )
        raise read(file).error(("links",), what, "drive them from Python: docs/networks.md says how")
    if (name, declared.names[name].nodes) != CALIBRATED:
        what = f"calibrations know a link {CALIBRATED[0]} between nodes {' and '.join(CALIBRATED[1])} yet"
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
