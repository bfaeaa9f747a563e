"""Refrigerator: heat that goes where it should, as fast as it should, however the clock is asked."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from coldlink.instruments.simulated.clock import SimulatedClock
from coldlink.instruments.simulated.fridge import Link, Refrigerator, Stage, dilution_refrigerator
from coldlink.sequences.errors import ModelError


@pytest.fixture
def clock():
    return SimulatedClock(1.7e9)


def test_without_heat_every_stage_stays_where_it_settled(clock):
    fridge = dilution_refrigerator(4.0, clock)
    before = fridge.save()
    clock.sleep(1e6)
    assert fridge.save() == pytest.approx(before, rel=1e-9)
    assert before["line"] == pytest.approx(4.0)
    assert before["mixing chamber"] == pytest.approx(0.01, rel=0.02)
    assert before["mixing chamber"] < before["load"] < 0.011


@pytest.mark.parametrize("seconds", [1.0, 30.0, 75.0])
def test_the_line_follows_a_heater_with_its_time_constant(clock, seconds):
    fridge = dilution_refrigerator(4.0, clock)
    fridge.heat["line"] = 0.2
    clock.sleep(seconds)
    assert fridge.temperature("line") == pytest.approx(4.0 + 0.4 * (1 - math.exp(-seconds / 30)), abs=1e-9)


def test_the_mixing_chamber_has_twenty_microwatts_at_a_hundred_millikelvin(clock):
    fridge = dilution_refrigerator(4.0, clock)
    fridge.heat["mixing chamber"] = 20e-6
    clock.sleep(3600)
    assert fridge.temperature("mixing chamber") == pytest.approx(0.1, rel=0.01)


def test_a_warm_mixing_chamber_warms_the_load_but_not_the_line(clock):
    fridge = dilution_refrigerator(4.0, clock)
    fridge.heat["mixing chamber"] = 20e-6
    clock.sleep(3600)
    assert fridge.temperature("load") == pytest.approx(0.1, rel=0.01)
    assert fridge.temperature("line") == pytest.approx(4.0)


def test_the_exact_step_agrees_with_the_equations_of_heat_integrated_numerically(clock):
    fridge = dilution_refrigerator(4.0, clock)
    start = [fridge.temperature("mixing chamber"), fridge.temperature("load")]
    fridge.heat.update({"mixing chamber": 5e-6, "load": 1e-6})
    chamber, load = fridge.stages["mixing chamber"], fridge.stages["load"]

    def warming(_, kelvin):
        """C(T) dT/dt = heat in - heat out, with C = capacity T."""
        flow = 1e-4 * (kelvin[1] ** 2 - kelvin[0] ** 2)
        cooled = chamber.cooling * (kelvin[0] ** 2 - chamber.base**2)
        return [
            (5e-6 - cooled + flow) / (chamber.capacity * kelvin[0]),
            (1e-6 + load.leak - flow) / (load.capacity * kelvin[1]),
        ]

    clock.sleep(50)
    expected = solve_ivp(warming, (0, 50), start, rtol=1e-10, atol=1e-14, method="LSODA").y[:, -1]
    assert [fridge.temperature("mixing chamber"), fridge.temperature("load")] == pytest.approx(expected, rel=1e-7)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(0.0, 40.0), min_size=1, max_size=12))
def test_how_often_one_looks_changes_nothing(waits):
    clocks = SimulatedClock(), SimulatedClock()
    watched, alone = (dilution_refrigerator(4.0, clock) for clock in clocks)
    for fridge in (watched, alone):
        fridge.heat["line"] = 0.3
    for wait in waits:
        clocks[0].sleep(wait)
        watched.temperature("line")
    clocks[1].sleep(clocks[0].now())
    assert watched.temperature("line") == pytest.approx(alone.temperature("line"), rel=1e-8)


def test_a_month_is_carried_in_one_step_once_it_has_settled(clock):
    fridge = dilution_refrigerator(4.0, clock)
    turns = []
    fridge.controllers.append(type("Counter", (), {"control": lambda self, period: bool(turns.append(period) or 1)})())
    fridge.heat["line"] = 0.2
    clock.sleep(30 * 86400)
    assert fridge.temperature("line") == pytest.approx(4.4)
    assert len(turns) < 10_000


def test_a_restored_refrigerator_goes_on_as_if_nothing_had_happened(clock):
    first = dilution_refrigerator(4.0, clock)
    first.heat["line"] = 0.2
    clock.sleep(20)
    world, time = first.save(), first.time
    clock.sleep(20)
    second = dilution_refrigerator(4.0, clock)
    second.heat["line"] = 0.2
    second.restore(world, time)
    assert second.save() == pytest.approx(first.save(), rel=1e-9)


def test_a_stage_that_nothing_cools_is_refused(clock):
    lonely = {"a": Stage(exponent=1, capacity=1.0)}
    with pytest.raises(ModelError, match="never settles"):
        Refrigerator(lonely, [], clock)


def test_a_strap_between_unlike_stages_is_refused(clock):
    stages = {name: Stage(exponent=n, capacity=1.0, cooling=1.0, base=1.0) for name, n in (("a", 1), ("b", 2))}
    with pytest.raises(ModelError, match="a link needs equal ones"):
        Refrigerator(stages, [Link(stages=("a", "b"), conductance=1.0)], clock)


def test_heat_never_flows_from_cold_to_warm(clock):
    fridge = dilution_refrigerator(4.0, clock)
    fridge.heat["load"] = 1e-6
    seen = []
    for _ in range(40):
        clock.sleep(5)
        seen.append(fridge.temperature("load"))
    assert np.all(np.diff(seen) >= 0)
    assert fridge.temperature("load") > fridge.temperature("mixing chamber") > 0.01


def swinging(amplitude: float, period: float = 4000.0):
    """A line whose stage swings with time, at 4 K in the mean."""
    clock = SimulatedClock(1.7e9)
    wander = {"line": lambda time: amplitude * math.sin(2 * math.pi * (time - 1.7e9) / period)}
    return clock, dilution_refrigerator(4.0, clock, wander)


def test_a_stage_that_wanders_is_where_its_wander_has_it_and_heat_comes_on_top():
    clock, fridge = swinging(0.1)
    clock.sleep(1000.0)
    assert fridge.temperature("line") == pytest.approx(4.1, abs=1e-6)
    assert fridge.temperature("load") == pytest.approx(0.0105, abs=5e-4)
    fridge.heat["line"] = 0.2
    clock.sleep(2000.0)
    assert fridge.temperature("line") == pytest.approx(4.4 - 0.1, abs=1e-6)


def test_what_is_kept_of_a_stage_that_wanders_goes_on_with_the_same_wander():
    clock, fridge = swinging(0.1)
    clock.sleep(1000.0)
    kept, (other_clock, other) = fridge.save(), swinging(0.1)
    other_clock.sleep(1000.0)
    other.restore(kept, fridge.time)
    for now in (clock, other_clock):
        now.sleep(500.0)
    assert other.temperature("line") == fridge.temperature("line") == pytest.approx(4 + 0.1 * math.sin(0.75 * math.pi))
