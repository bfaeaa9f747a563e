"""Equipment: what instruments.yaml declares, checked against drivers, policy.yaml and link.yaml; touches nothing."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from inspect import Parameter, signature
from pathlib import Path
from typing import Any, Final, get_type_hints

from pydantic import TypeAdapter, ValidationError
from qcodes.instrument import Instrument

from ..instruments.coupler import Coupler, LoadCoupler, TunableCoupler
from ..instruments.flux_source import FluxSource
from ..instruments.rfsoc import Rfsoc
from ..instruments.thermometry import Thermometer
from .declaration import Declaration
from .nearest import suggestion
from .policy import FILE as POLICY
from .policy import Policy
from .yaml_file import Section, YamlFile, load, read

FILE: Final = "instruments.yaml"
BOARD: Final = "board"
"""The instrument that plays the pulses."""
LINE, LOAD, COLDEST = "line", "load", "mixing chamber"
"""Stages that must be in their windows before anything plays; the load's, where a link has one."""
_SHIPPED: Final = [
    f"{driver.__module__}.{driver.__name__}" for driver in (FluxSource, LoadCoupler, Rfsoc, Thermometer, TunableCoupler)
]
_GIVEN: Final = frozenset({"self", "name", "address", "clock", "wiring", "firmware"})
"""What the rack itself gives a driver."""
_REFERENCES: Final = ("source", "channel")
"""Arguments that name another instrument, and a channel of link.yaml."""
_FILES: Final = ("token_file",)
"""Arguments that name a file, seen from the station's folder."""


class InstrumentSection(Section):
    """One instrument. type: Its driver. address: Where it answers. init: The driver's own arguments, in SI."""

    type: str
    address: str | None = None
    init: Mapping[str, Any] = {}


class InstrumentsFile(Section):
    """instruments.yaml; QCoDeS reads it, too."""

    instruments: Mapping[str, InstrumentSection]


@dataclass(frozen=True)
class Device:
    """An instrument as declared. driver: Its class. address: None for what stands on another instrument."""

    driver: type[Instrument]
    address: str | None
    init: Mapping[str, Any]


@dataclass(frozen=True)
class Equipment:
    """folder: The station's."""

    folder: Path
    declared: Declaration
    policy: Policy

    def devices(self) -> dict[str, Device]:
        """In the order in which they are opened; StationError for the first thing that cannot be right."""
        sections = load(self.folder / FILE, InstrumentsFile).instruments
        file = read(self.folder / FILE)
        self._check_order(file, sections)
        self._check_windows()
        devices: dict[str, Device] = {}
        for name in self.policy.load_order:
            devices[name] = self._device(file, name, sections[name], devices)
        self._check_roles(devices)
        return devices

    def _check_order(self, file: YamlFile, sections: Mapping[str, InstrumentSection]) -> None:
        order = self.policy.load_order
        for index, name in enumerate(order):
            if name not in sections:
                raise self._policy.error(("load_order", index), f"{name} is not in {FILE}", suggestion(name, sections))
            if name in order[:index]:
                raise self._policy.error(("load_order", index), f"{name} stands here twice", "remove one")
        for name in sections:
            if name not in order:
                hint = "say there when it is opened"
                raise file.error(("instruments", name), f"it is not in load_order of {POLICY}", hint)

    def _check_windows(self) -> None:
        windows, stages = self.policy.interlocks, (LINE, *((LOAD,) if self.declared.loads else ()), COLDEST)
        for stage in stages:
            # A misspelt stage is told by its own name, where the thermometer's are known.
            if stage not in windows and len(windows) < len(stages):
                raise self._policy.error(("interlocks",), f"{stage} has no window; nothing plays without one")

    def _device(self, file: YamlFile, name: str, section: InstrumentSection, before: Mapping[str, Device]) -> Device:
        place = ("instruments", name)
        driver = _driver(file, place, section.type)
        _check_arguments(file, place, driver, section)
        if issubclass(driver, Coupler):
            self._check_references(file, (*place, "init"), section.init, before)
        files = {key: str(self.folder / path) for key, path in section.init.items() if key in _FILES}
        return Device(driver, section.address, {**section.init, **files})

    def _check_references(
        self, file: YamlFile, place: tuple[str, ...], init: Mapping[str, Any], before: Mapping[str, Device]
    ) -> None:
        sources = [name for name, device in before.items() if issubclass(device.driver, FluxSource)]
        known = dict(zip(_REFERENCES, (sources, self.declared.wiring.outputs), strict=True))
        for key, names in known.items():
            if init[key] not in names:
                raise file.error((*place, key), f"there is no {key} {init[key]!r}", suggestion(str(init[key]), names))

    def _check_roles(self, devices: Mapping[str, Device]) -> None:
        """The board, the thermometer and the sources are there and can do what they are for."""
        if not issubclass(_driver_of(devices, BOARD), Rfsoc):
            hint = f"the instrument that plays pulses is called {BOARD}, and its type is a Rfsoc"
            raise read(self.folder / FILE).error(("instruments",), f"there is no {BOARD}", hint)
        thermometer = self.policy.thermometer
        if not issubclass(_driver_of(devices, thermometer), Thermometer):
            names = [name for name, device in devices.items() if issubclass(device.driver, Thermometer)]
            hint = suggestion(thermometer, names)
            raise self._policy.error(("thermometer",), f"{thermometer} is no thermometer", hint)
        stages = devices[thermometer].init["stages"]
        for stage in self.policy.interlocks:
            if stage not in stages:
                hint = suggestion(stage, stages)
                raise self._policy.error(("interlocks", stage), f"{thermometer} has no sensor there", hint)
        sources = [name for name, device in devices.items() if issubclass(device.driver, FluxSource)]
        for setting, name in self.declared.wiring.sources.items():
            if name not in sources:
                link = read(self.folder / "link.yaml")
                raise link.error(("wiring", "sources", setting), f"{name} is no source", suggestion(name, sources))

    @property
    def _policy(self) -> YamlFile:
        return read(self.folder / POLICY)


def _driver_of(devices: Mapping[str, Device], name: str) -> type[Instrument]:
    return devices[name].driver if name in devices else Instrument


def _driver(file: YamlFile, place: tuple[str, ...], kind: str) -> type[Instrument]:
    module, _, name = kind.rpartition(".")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise file.error((*place, "type"), f"no driver {kind}: {error}", suggestion(kind, _SHIPPED)) from None
    if not (isinstance(found, type) and issubclass(found, Instrument)):
        raise file.error((*place, "type"), f"{kind} is no instrument", suggestion(kind, _SHIPPED))
    return found


def _check_arguments(
    file: YamlFile, place: tuple[str, ...], driver: type[Instrument], section: InstrumentSection
) -> None:
    """Whether the driver can be called with what is declared, as far as its signatures tell."""
    known = {parameter.name: (owner, parameter) for owner, parameter in _parameters(driver)}
    own = sorted(known.keys() - _GIVEN)
    for name, value in section.init.items():
        if name not in own:
            raise file.error((*place, "init", name), f"{driver.__name__} knows no such argument", suggestion(name, own))
        if name not in _REFERENCES:
            _check_value(file, (*place, "init", name), known[name][0], value)
    for name in own:
        if known[name][1].default is Parameter.empty and name not in section.init:
            raise file.error((*place, "init"), f"{name} is missing", f"{driver.__name__} needs it")
    if section.address is None and "address" in known:
        raise file.error(place, "address is missing", f"say where {driver.__name__} is reached")


def _parameters(driver: type[Instrument]) -> Iterator[tuple[type, Parameter]]:
    """Named arguments of a driver and of what it is made from, the driver's own last, with where they stand."""
    for owner in reversed(driver.__mro__[:-1]):
        if "__init__" in vars(owner):
            for parameter in signature(vars(owner)["__init__"]).parameters.values():
                if parameter.kind not in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD):
                    yield owner, parameter


def _check_value(file: YamlFile, place: tuple[str, ...], owner: type, value: Any) -> None:
    """Only what our own drivers say of their arguments can be trusted; the stock ones say too little or too much."""
    if owner.__module__.startswith("qcodes."):
        return
    try:
        # As JSON, a list is good enough for a tuple and a number with a unit is still none.
        kind = get_type_hints(vars(owner)["__init__"])[place[-1]]
        TypeAdapter(kind).validate_json(json.dumps(value, default=str), strict=True)
    except ValidationError as error:
        details = error.errors(include_url=False)[0]
        raise file.error((*place, *details["loc"]), details["msg"], "numbers are in SI, without a unit") from None
