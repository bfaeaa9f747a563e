"""A refrigerator with a thermometer and a source, for the tests of the drivers and of what is behind the sockets."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from coldlink.instruments.simulated.clock import SimulatedClock
from coldlink.instruments.simulated.fridge import Fridge, Heater, SourceUnit, ThermometerUnit, dilution_refrigerator

EPOCH = 1.7e9
TIMEOUT, SHORT = 5.0, 0.1
"""Of a VISA line (s), and where replies get lost: what each of them costs a test."""

INPUTS = {1: "line", 5: "load", 6: "mixing chamber"}
PLACES = {stage: place for place, stage in INPUTS.items()}
LIMITS = {"limits": (-0.95, 1.05), "max_step": 0.01, "max_rate": 0.1, "safe_level": 0.0}
UNITS = {
    "lakeshore": ThermometerUnit(serial="LSA0372", inputs=INPUTS, heaters={0: Heater(stage="line", resistance=120.0)}),
    "yoko": SourceUnit(serial="91T0001", source="a.coupler.bias"),
}


@dataclass
class Biases:
    """A plant that remembers what its sources told it."""

    told: list[tuple[str, float]] = field(default_factory=list)

    def set_bias(self, source: str, volts: float) -> None:
        self.told.append((source, volts))

    @property
    def volts(self) -> list[float]:
        return [volts for _, volts in self.told]

    @property
    def largest_jump(self) -> float:
        """Between any two levels that were told after each other (V)."""
        return float(np.abs(np.diff(self.volts)).max())


@dataclass
class Rack:
    clock: SimulatedClock
    biases: Biases
    fridge: Fridge

    def heard(self, name: str) -> list[str]:
        return list(self.fridge.server.heard[name])

    def written(self, name: str) -> list[str]:
        """What was sent to an instrument that was no question."""
        return [line for line in self.heard(name) if "?" not in line]


def fridge(clock: SimulatedClock, biases: Biases, seed: int = 1) -> Fridge:
    return Fridge(UNITS, dilution_refrigerator(4.0, clock), biases, np.random.default_rng(seed))


@contextmanager
def racked() -> Iterator[Rack]:
    clock, biases = SimulatedClock(EPOCH), Biases()
    with fridge(clock, biases) as opened:
        yield Rack(clock, biases, opened)
