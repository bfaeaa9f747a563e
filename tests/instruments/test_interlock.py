"""Interlock: closed only while every temperature is known to be good."""

import math

import pytest

from coldlink.instruments.interlock import Interlock, Window
from coldlink.instruments.reading import Reading
from coldlink.instruments.simulated.clock import SimulatedClock
from coldlink.instruments.simulated.fridge import Fault, SensorFault
from coldlink.sequences.errors import InterlockOpen

from .fridge_rack import SHORT

WINDOWS = {
    "line": Window(minimum=3.5, maximum=4.5, max_age=30.0),
    "load": Window(minimum=0.005, maximum=0.05, max_age=30.0),
}


@pytest.fixture
def interlock(rack, thermometer):
    return Interlock(windows=WINDOWS, read=thermometer.reading, clock=rack.clock)


def test_good_temperatures_close_it(rack, interlock):
    for _ in range(10):
        interlock.check()
        rack.clock.sleep(20)


@pytest.mark.parametrize(("kelvin", "limit"), [(5.2, 4.5), (3.2, 3.5)])
def test_a_temperature_outside_its_window_opens_it_with_value_limit_and_age(kelvin, limit):
    clock = SimulatedClock(100.8)
    interlock = Interlock(windows=WINDOWS, read=lambda stage: Reading(kelvin, 100.0), clock=clock)
    with pytest.raises(InterlockOpen) as opened:
        interlock.check()
    error = opened.value
    assert (error.what, error.value, error.limit, error.unit) == ("line", kelvin, limit, "K")
    assert error.age == pytest.approx(0.8)
    assert str(error).startswith(f"interlock: line is {kelvin} K, limit {limit} K (0.8 s old); wait")


def test_the_edges_belong_to_the_window():
    for kelvin in (3.5, 4.5):
        Interlock(
            windows={"line": WINDOWS["line"]},
            read=lambda _, kelvin=kelvin: Reading(kelvin, 0.0),
            clock=SimulatedClock(),
        ).check()


def test_a_temperature_that_is_no_number_opens_it():
    interlock = Interlock(windows=WINDOWS, read=lambda stage: Reading(math.nan, 0.0), clock=SimulatedClock())
    with pytest.raises(InterlockOpen, match="line is unknown"):
        interlock.check()


@pytest.mark.parametrize("taken", [-31.0, 1.0])
def test_a_reading_that_is_too_old_or_from_the_future_opens_it(taken):
    interlock = Interlock(windows=WINDOWS, read=lambda stage: Reading(4.0, taken), clock=SimulatedClock())
    with pytest.raises(InterlockOpen, match="may be 30 s old"):
        interlock.check()


@pytest.mark.parametrize("error", [ValueError("odd"), RuntimeError("lost"), KeyError("line")])
def test_whatever_keeps_a_temperature_from_being_read_opens_it(error):
    def read(stage):
        raise error

    with pytest.raises(InterlockOpen, match=r"line is unknown, limit 4.5 K; it cannot be read") as opened:
        Interlock(windows=WINDOWS, read=read, clock=SimulatedClock()).check()
    assert opened.value.__cause__ is error


@pytest.mark.parametrize("fault", [SensorFault.OPEN, SensorFault.NAN])
def test_a_sensor_fault_opens_it_within_one_poll(rack, interlock, fault):
    interlock.check()
    rack.fridge.thermometers["lakeshore"].fault(1, fault)
    with pytest.raises(InterlockOpen, match="line"):
        interlock.check()
    rack.fridge.thermometers["lakeshore"].fault(1, None)
    interlock.check()


def test_a_frozen_sensor_opens_it_when_it_has_been_still_for_too_long(rack, interlock):
    rack.fridge.thermometers["lakeshore"].fault(1, SensorFault.FROZEN)
    for _ in range(3):
        interlock.check()
        rack.clock.sleep(9)
    with pytest.raises(InterlockOpen, match="silent or frozen") as opened:
        rack.clock.sleep(3)
        interlock.check()
    assert opened.value.age == pytest.approx(32.0, abs=3)


def test_an_excursion_of_the_line_opens_it(rack, thermometer, interlock):
    thermometer.write("OUTMODE 0,2,1,0,0,0,1")
    thermometer.write("MOUT 0,80")
    thermometer.sample_heater.output_range("100mA")
    interlock.check()
    rack.clock.sleep(120)
    with pytest.raises(InterlockOpen, match=r"line is 5\.\d+ K, limit 4.5 K"):
        interlock.check()


def test_a_dead_controller_opens_it_and_garbage_that_stays_does(rack, thermometer, interlock):
    thermometer.timeout(SHORT)
    rack.fridge.server.inject("lakeshore", Fault.GARBAGE, None, Fault.GARBAGE)
    with pytest.raises(InterlockOpen, match="no measurement"):
        interlock.check()
    rack.fridge.server.faults["lakeshore"].clear()
    interlock.check()
    rack.fridge.server.cut("lakeshore")
    with pytest.raises(InterlockOpen, match="no answer from lakeshore"):
        interlock.check()
