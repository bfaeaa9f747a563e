"""SimulatedLakeshore: its texts, loops, limits and broken sensors."""

import math

import pytest

from coldlink.instruments.simulated.fridge import Heater, SensorFault, dilution_refrigerator
from coldlink.instruments.simulated.fridge.lakeshore import SimulatedLakeshore
from coldlink.sequences.errors import ModelError

from .rack import FULL_SCALE, controlled, told

OPEN_LOOP = ("OUTMODE 0,2,1,0,0,0,1", "RANGE 0,8")
CLOSED_LOOP = ("OUTMODE 0,5,1,0,0,0,1", "PID 0,50,30,0", "RANGE 0,8")


def test_it_says_who_it_is():
    assert controlled()[1].answer("*IDN?") == "LSCI,MODEL372,LSA0372,1.8"


def test_a_temperature_has_noise_that_depends_on_the_time_and_not_on_how_often_one_asks():
    clock, unit = controlled()
    first, second = told(unit, "KRDG? 1", "KRDG? 1")
    clock.sleep(0.1)
    third = unit.answer("KRDG? 1")
    assert first == second != third
    readings = []
    for _ in range(400):
        clock.sleep(0.1)
        readings.append(float(unit.answer("KRDG? 1")))
    mean = sum(readings) / 400
    spread = math.sqrt(sum((x - mean) ** 2 for x in readings) / 399)
    assert mean == pytest.approx(4.0, abs=5 * 4e-4 / 20)
    assert spread == pytest.approx(4e-4, rel=0.2)


def test_two_seeds_have_different_noise():
    (_, first), (_, second) = controlled(key=1), controlled(key=2)
    assert first.answer("KRDG? 1") != second.answer("KRDG? 1")


def test_an_open_loop_step_follows_the_time_constant_of_its_stage():
    clock, unit = controlled()
    told(unit, *OPEN_LOOP, "MOUT 0,50")
    power = 0.25 * FULL_SCALE
    for seconds in (15, 15, 60):
        clock.sleep(seconds)
        passed = clock.now()
        expected = 4.0 + power / 0.5 * (1 - math.exp(-passed / 30))
        assert unit.refrigerator.temperature("line") == pytest.approx(expected, rel=1e-6)
    assert float(unit.answer("HTR? 0")) == 50.0


def test_a_closed_loop_reaches_its_set_point_and_stays_there():
    clock, unit = controlled()
    told(unit, *CLOSED_LOOP, "SETP 0,4.3")
    clock.sleep(300)
    assert unit.refrigerator.temperature("line") == pytest.approx(4.3, abs=1e-3)
    clock.sleep(30 * 86400)
    assert unit.refrigerator.temperature("line") == pytest.approx(4.3, abs=1e-5)
    assert float(unit.answer("HTR?")) == pytest.approx(100 * math.sqrt(0.15 / FULL_SCALE), rel=1e-3)


def test_a_ramped_set_point_goes_at_its_rate_and_says_when_it_is_there():
    clock, unit = controlled()
    told(unit, *CLOSED_LOOP, "PID 0,500,10,0", "SETP 0,4.0")
    clock.sleep(60)
    told(unit, "RAMP 0,1,0.1", "SETP 0,4.2")
    clock.sleep(60)
    assert unit.answer("RAMPST? 0") == "1"
    assert unit.refrigerator.temperature("line") == pytest.approx(4.1, abs=0.03)
    clock.sleep(120)
    assert unit.answer("RAMPST? 0") == "0"
    assert unit.refrigerator.temperature("line") == pytest.approx(4.2, abs=0.01)


def test_a_temperature_limit_switches_the_heater_off_and_it_stays_off():
    clock, unit = controlled()
    told(unit, *OPEN_LOOP, "MOUT 0,80", "TLIMIT 1,4.5")
    hottest = 0.0
    for _ in range(60):
        clock.sleep(1)
        hottest = max(hottest, unit.refrigerator.temperature("line"))
    assert unit.answer("RANGE? 0") == "0"
    assert 4.4 < hottest < 4.5 + 1.54 / 30 * 0.2
    clock.sleep(600)
    assert unit.refrigerator.temperature("line") == pytest.approx(4.0, abs=1e-4)
    assert unit.answer("RANGE? 0") == "0"


def test_a_limit_trips_in_one_long_sleep_too():
    clock, unit = controlled()
    told(unit, *OPEN_LOOP, "MOUT 0,80", "TLIMIT 1,4.5")
    clock.sleep(86400)
    assert unit.refrigerator.temperature("line") == pytest.approx(4.0)
    assert unit.answer("RANGE? 0") == "0"


@pytest.mark.parametrize("fault", [SensorFault.OPEN, SensorFault.NAN])
def test_a_loop_without_its_sensor_heats_no_more(fault):
    clock, unit = controlled()
    told(unit, *CLOSED_LOOP, "SETP 0,4.3")
    clock.sleep(300)
    unit.fault(1, fault)
    clock.sleep(300)
    assert unit.refrigerator.temperature("line") == pytest.approx(4.0, abs=1e-3)
    assert float(unit.answer("HTR? 0")) == 0.0


def test_a_loop_with_a_frozen_sensor_runs_away_until_a_limit_it_cannot_see():
    clock, unit = controlled()
    told(unit, *CLOSED_LOOP, "TLIMIT 1,4.5")
    unit.fault(1, SensorFault.FROZEN)
    frozen = unit.answer("KRDG? 1")
    unit.answer("SETP 0,4.3")
    clock.sleep(600)
    assert unit.refrigerator.temperature("line") > 5.0
    assert told(unit, "KRDG? 1", "RANGE? 0") == [frozen, "8"]


def test_an_open_sensor_says_so_and_an_unused_input_too():
    _, unit = controlled()
    unit.fault(1, SensorFault.OPEN)
    assert told(unit, "RDGST? 1", "RDGST? 2", "RDGST? 5") == ["016", "016", "000"]
    assert float(unit.answer("KRDG? 1")) == float(unit.answer("SRDG? 1")) == 0.0
    unit.fault(1, None)
    assert unit.answer("RDGST? 1") == "000"
    assert float(unit.answer("SRDG? 6")) > float(unit.answer("SRDG? 1")) > 1000


def test_the_warm_up_heater_has_the_current_of_its_setup():
    clock, unit = controlled()
    told(unit, "HTRSET 1,2,0,0.0001,1", "OUTMODE 1,2,5,0,0,0,1", "MOUT 1,100", "RANGE 1,1")
    clock.sleep(0.2)
    unit.answer("*IDN?")
    assert unit.refrigerator.heat["load"] == pytest.approx(1e-4**2 * 50)


@pytest.mark.parametrize(
    "command", ["HTRSET 0,0,120,0,0,1", "PID 0,1", "SETP 0,warm", "SETP 9,4", "FLY 1", "SETP", "???", "", "KRDG? 99"]
)
def test_what_a_372_does_not_understand_it_ignores(command):
    _, unit = controlled()
    before = unit.save()
    assert unit.answer(command) is None or command == "KRDG? 99"
    assert unit.save() == before


def test_it_goes_on_where_it_was_saved():
    clock, unit = controlled()
    told(unit, *CLOSED_LOOP, "PID 0,50,30,1", "SETP 0,4.3")
    clock.sleep(20)
    world, stages, time = unit.save(), unit.refrigerator.save(), unit.refrigerator.time
    clock.sleep(20)
    expected = unit.refrigerator.temperature("line")
    later, other = controlled()
    later.sleep(40)
    other.refrigerator.restore(stages, time)
    other.restore(world)
    assert other.refrigerator.temperature("line") == pytest.approx(expected, rel=1e-9)


def test_a_loop_holds_a_stage_that_wanders_at_its_set_point():
    wander = {"line": lambda time: 0.05 * math.sin(2 * math.pi * time / 3600)}
    clock, unit = controlled(wander=wander)
    told(unit, *CLOSED_LOOP, "SETP 0,4.3")
    clock.sleep(300)
    for _ in range(4):
        clock.sleep(400)
        assert unit.refrigerator.temperature("line") == pytest.approx(4.3, abs=5e-3)


def test_a_stage_or_an_output_that_does_not_exist_is_refused():
    clock, _ = controlled()
    fridge = dilution_refrigerator(4.0, clock)
    with pytest.raises(ModelError, match="stage still"):
        SimulatedLakeshore("1", fridge, {1: "still"}, {}, 0)
    with pytest.raises(ModelError, match="outputs that heat are 0 and 1"):
        SimulatedLakeshore("1", fridge, {}, {2: Heater(stage="line", resistance=1.0)}, 0)
