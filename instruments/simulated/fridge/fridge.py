"""Fridge: the refrigerator of a simulated station with its instruments, each behind a port of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np

from ...clock import Clock
from .gs200 import SimulatedGs200
from .lakeshore import Heater, SimulatedLakeshore
from .server import ScpiServer
from .thermal import Refrigerator


class Plant(Protocol):
    """What hangs on the sources."""

    def set_bias(self, source: str, volts: float) -> None:
        """Set the output of a DC source (V)."""
        ...


@dataclass(frozen=True, kw_only=True)
class SourceUnit:
    """A Yokogawa GS200. serial: As in `*IDN?`. source: The plant's name for its output. range: At delivery (V)."""

    serial: str
    source: str
    range: float = 1.0


@dataclass(frozen=True, kw_only=True)
class ThermometerUnit:
    """A Lake Shore 372. inputs: The stage at each. heaters: At outputs 0 and 1."""

    serial: str
    inputs: Mapping[int, str]
    heaters: Mapping[int, Heater]


class Fridge:
    """units: The instruments by name. refrigerator: Their stages. rng: Of all noise.

    Once it is open, each instrument answers at its place in `addresses`.
    """

    def __init__(
        self,
        units: Mapping[str, SourceUnit | ThermometerUnit],
        refrigerator: Refrigerator,
        plant: Plant,
        rng: np.random.Generator,
    ) -> None:
        self.refrigerator = refrigerator
        self.sources: dict[str, SimulatedGs200] = {}
        self.thermometers: dict[str, SimulatedLakeshore] = {}
        for name, unit in units.items():
            if isinstance(unit, SourceUnit):
                self.sources[name] = _source(unit, plant, refrigerator.clock)
            else:
                key = int(rng.integers(2**63))
                self.thermometers[name] = SimulatedLakeshore(unit.serial, refrigerator, unit.inputs, unit.heaters, key)
        self.server = ScpiServer(self._units())

    @property
    def addresses(self) -> dict[str, str]:
        """VISA resource of each instrument, once it is open."""
        return self.server.addresses

    def temperature(self, stage: str) -> float:
        """Of `stage` now (K)."""
        return self.refrigerator.temperature(stage)

    def save(self) -> dict[str, Any]:
        """The world that a next run meets, JSON-able."""
        with self.refrigerator.lock:
            stages = self.refrigerator.save()
            units = {name: unit.save() for name, unit in self._units().items()}
            return {"time": self.refrigerator.time, "stages": stages, "units": units}

    def restore(self, world: Mapping[str, Any]) -> None:
        """Go back to what `save` gave; what the clock counts since then has passed."""
        with self.refrigerator.lock:
            self.refrigerator.restore(world["stages"], world["time"])
            for name, unit in self._units().items():
                unit.restore(world["units"][name])

    def open(self) -> Self:
        """Start to answer."""
        self.server.open()
        return self

    def close(self) -> None:
        """Stop to answer."""
        self.server.close()

    def _units(self) -> dict[str, SimulatedGs200 | SimulatedLakeshore]:
        return {**self.sources, **self.thermometers}

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *exception: object) -> None:
        self.close()


def _source(unit: SourceUnit, plant: Plant, clock: Clock) -> SimulatedGs200:
    return SimulatedGs200(unit.serial, clock, lambda volts: plant.set_bias(unit.source, volts), unit.range)
