"""Plan: what a twin's true device does with the pulses of a designer who knows it; nothing is played, no shots."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from ..calibration.design import Design
from ..instruments.simulated.contact import LEVELS
from ..instruments.simulated.truth import Truth
from ..physics import BellPair, Device, Handshake, Misreading, Shared, Transferred
from ..physics.apparatus import Apparatus
from ..physics.hot_window import ERROR
from ..sequences.errors import StationError
from ..sequences.target import Clock
from .declaration import Declaration, chosen, declaration, physical
from .true_preparation import preparation_error
from .true_readout import readout_errors
from .true_values import known_design
from .truth_file import drawn_truth
from .yaml_file import read

PARAMETERS_FROM: Final = "the truth: true device, pulses of a designer who knows it"
KINDS: Final[Mapping[str, type[Handshake] | type[BellPair]]] = {"handshake": Handshake, "bell": BellPair}


def told(folder: Path, seed: int | None) -> tuple[Declaration, Truth]:
    """What the files of a twin say, and what it holds; StationError if the station is none."""
    if not (folder / "truth.yaml").is_file():
        raise StationError(folder, "is no twin", hint="only a station with a truth.yaml has a truth to tell")
    declared = declaration(folder)
    return declared, drawn_truth(folder, declared.apparatus(), seed)


@dataclass(frozen=True)
class Seen:
    """Errors of the pi pulses and of the readouts of A and B."""

    preparation_errors: tuple[float, float]
    misreadings: tuple[Misreading, Misreading]


@dataclass(frozen=True)
class Plan:
    """truth: The link. wanted: What its designer meant it to be and to do. clocks: Of the readout of A and of B."""

    truth: Apparatus
    wanted: Design
    clocks: tuple[Clock, Clock]

    @classmethod
    def of(cls, folder: Path, seed: int | None, link: str | None = None) -> "Plan":
        """That of one link of a twin, the only one if none is named; StationError if there is none such."""
        declared, held = told(folder, seed)
        name = chosen(folder, declared, link)
        design = physical(folder / "link.yaml", lambda: declared.design(name))
        if not isinstance(design, Design):
            hint = "photons travel along it; predict pitch_catch or bell of it"
            raise read(folder / "link.yaml").error(("links", name, "kind"), "this line has no standing modes", hint)
        target = declared.wiring.target()
        clock_a, clock_b = (target.readout(f"{node}.readout").clock for node in design.names.nodes)
        return cls(held.link(list(declared.links).index(name)), design, (clock_a, clock_b))

    @property
    def design(self) -> Design:
        """Of somebody who knows the truth."""
        return known_design(self.truth, self.wanted)

    def with_(self, name: str, value: float) -> "Plan":
        """The plan with one of `SWEPT` at `value` (SI)."""
        return SWEPT[name].change(self, value)

    def experiment(self, protocol: str, error: float = ERROR, seen: "Seen | None" = None) -> Handshake | BellPair:
        """What can be predicted of `protocol`. error: Asked for, of a population. seen: If known already."""
        design = self.design
        seen = seen or self.seen()
        return KINDS[protocol](
            device=self.truth.device,
            pulses=design.handshake_pulses() if protocol == "handshake" else design.bell_pulses(),
            preparation_errors=seen.preparation_errors,
            misreadings=seen.misreadings,
            levels=LEVELS,
            error=error,
        )

    def seen(self) -> "Seen":
        """How well the qubits are prepared and read."""
        link, rates = self.design.link(), self.truth.device.rates()
        preparations, misreadings = [], []
        for index, node in enumerate((link.node_a, link.node_b)):
            preparations.append(preparation_error(self.truth.drives[index], rates, index, node.x180))
            resonator, tone = self.truth.resonators[index], self.wanted.operation.tones[index]
            resonances = resonator.resonances(node.frequency, node.anharmonicity, LEVELS)
            wrong = readout_errors(resonator, resonances, rates, index, tone, self.clocks[index])
            misreadings.append(Misreading(*wrong))
        return Seen((preparations[0], preparations[1]), (misreadings[0], misreadings[1]))


@dataclass(frozen=True)
class Knob:
    """A number of a plan that can be swept. unit: SI, or empty. seen: Whether preparation and readout hang on it."""

    unit: str
    change: Callable[[Plan, float], Plan]
    seen: bool = False


def _operated(name: str) -> Callable[[Plan, float], Plan]:
    def change(plan: Plan, value: float) -> Plan:
        changed: dict[str, Any] = {name: value}
        operation = replace(plan.wanted.operation, **changed)
        return replace(plan, wanted=replace(plan.wanted, operation=operation))

    return change


def _built(change: Callable[[Device, float], Device]) -> Callable[[Plan, float], Plan]:
    return lambda plan, value: replace(plan, truth=replace(plan.truth, device=change(plan.truth.device, value)))


def _of_qubits(name: str) -> Callable[[Plan, float], Plan]:
    def change(device: Device, value: float) -> Device:
        changed: dict[str, Any] = {name: value}
        return replace(device, qubits=tuple(replace(qubit, **changed) for qubit in device.qubits))

    return _built(change)


SWEPT: Final[Mapping[str, Knob]] = {
    **{name: Knob("s", _operated(name)) for name in ("gap", "wait", "ramp", "rise")},
    **{name: Knob("Hz", _operated(name)) for name in ("coupling", "load_rate")},
    **{name: Knob("s", _of_qubits(name), seen=True) for name in ("t1", "t_phi")},
    "residual_population": Knob("", _of_qubits("residual_population"), seen=True),
    "temperature": Knob("K", _built(lambda device, value: replace(device, line_temperature=value))),
    "quality": Knob("", _built(lambda device, value: replace(device, line=replace(device.line, quality=value)))),
    "load_leak": Knob("Hz", _built(lambda device, value: replace(device, load=replace(device.load, leak=value)))),
    "load_occupation": Knob("", _built(lambda device, value: replace(device, load_occupation=value))),
}
"""What can be swept: pulses as in link.yaml's `operation`, and the device's own numbers, those of both qubits alike."""


@dataclass(frozen=True)
class PlannedPoint:
    """One point of a sweep of `plan`. seen: Where it is the same at all points."""

    plan: Plan
    protocol: str
    error: float
    name: str
    value: float
    seen: Seen | None

    def predict(self) -> Transferred | Shared:
        """What the protocol does there."""
        return self.plan.with_(self.name, self.value).experiment(self.protocol, self.error, self.seen).predict()
