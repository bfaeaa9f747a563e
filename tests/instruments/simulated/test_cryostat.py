"""The cryostat: shots take their time, the line is as warm as its stage, and a world can be kept and taken up again."""

import json
from contextlib import nullcontext
from dataclasses import dataclass, field
from math import nan
from typing import Any

import numpy as np
import pytest

from coldlink.instruments.simulated.clock import SimulatedClock
from coldlink.instruments.simulated.cryostat import Cryostat

from ..fridge_rack import EPOCH, fridge


@dataclass
class Plant:
    """A plant that answers with noise."""

    rng: np.random.Generator
    line_temperature: float = 0.0
    told: dict[str, float] = field(default_factory=dict)
    drifted: list[float] = field(default_factory=list)

    def set_bias(self, source: str, volts: float) -> None:
        self.told[source] = volts

    def drift(self, time: float) -> None:
        self.drifted.append(time)

    def measure(self, repetition: Any, shots: int):
        return self.rng.normal(size=(shots, 1)) + 0j

    def follow(self):
        return nullcontext(self)

    def answer(self, repetition: Any, window: int) -> complex:
        return 1000 * self.line_temperature + window

    def close(self, repetition: Any) -> None:
        self.told["period"] = repetition.period


@dataclass(frozen=True)
class Repetition:
    period: float


def cryostat(seed: int = 1) -> Cryostat:
    clock, plant = SimulatedClock(EPOCH), Plant(np.random.default_rng(seed))
    return Cryostat(plant, fridge(clock, plant), clock)


def test_shots_take_their_time():
    world = cryostat()
    world.measure(Repetition(200e-6), 1000)
    assert world.clock.now() == pytest.approx(EPOCH + 0.2)


def test_followed_repetitions_take_their_time_one_by_one():
    world = cryostat()
    with world.follow() as run:
        for _ in range(3):
            assert run.answer(Repetition(nan), 7) == pytest.approx(4007.0)
            run.close(Repetition(200e-6))
        assert world.clock.now() == pytest.approx(EPOCH + 0.6e-3, abs=1e-6)
    assert world.plant.told["period"] == 200e-6


def test_the_line_is_as_warm_as_its_stage():
    world = cryostat()
    world.measure(Repetition(1e-4), 1)
    assert world.plant.line_temperature == pytest.approx(4.0)
    for command in ("OUTMODE 0,2,1,0,0,0,1", "RANGE 0,8", "MOUT 0,45.643546"):
        world.fridge.thermometers["lakeshore"].answer(command)
    world.clock.sleep(600.0)
    world.measure(Repetition(1e-4), 1)
    assert world.plant.line_temperature == pytest.approx(4.5, abs=1e-3)


def test_all_drifts_to_where_the_clock_says_before_it_is_measured():
    world = cryostat()
    world.measure(Repetition(1e-3), 1000)
    world.measure(Repetition(1e-3), 1)
    assert world.plant.drifted == pytest.approx([EPOCH, EPOCH + 1.0], abs=1e-3)


def test_a_world_that_was_kept_goes_on_as_if_nothing_had_been():
    world = cryostat()
    world.fridge.sources["yoko"].answer(":OUTP 1")
    world.fridge.sources["yoko"].answer(":SOUR:LEV 0.25")
    world.fridge.refrigerator.heat["load"] = 1e-6
    world.clock.sleep(10.0)
    world.measure(Repetition(1e-3), 100)
    kept = json.loads(json.dumps(world.save()))
    other = cryostat(seed=2)
    other.restore(kept)
    assert other.clock.now() == world.clock.now()
    assert other.plant.told == {"a.coupler.bias": 0.25}
    assert other.fridge.temperature("load") == pytest.approx(world.fridge.temperature("load"), rel=1e-9)
    np.testing.assert_array_equal(other.measure(Repetition(1e-3), 5), world.measure(Repetition(1e-3), 5))
