"""Thermometer: temperatures with status and age, set-points within limits, and the four fields of HTRSET."""

import pytest

from coldlink.instruments.simulated.fridge import SensorFault
from coldlink.sequences.errors import InstrumentError, LimitError, ReadingError

from .fridge_rack import EPOCH


def arrived(thermometer):
    """Commands are not acknowledged: an answered question says that those before it have been obeyed."""
    thermometer.ask("*IDN?")
    return thermometer


@pytest.fixture
def loop(thermometer):
    """The line's loop, closed."""
    thermometer.ch01.t_limit(4.6)
    heater = thermometer.sample_heater
    heater.mode("closed_loop")
    heater.input_channel(1)
    heater.P(50.0)
    heater.I(30.0)
    heater.output_range("100mA")
    return arrived(thermometer)


def test_a_reading_has_a_temperature_and_a_time(rack, thermometer):
    rack.clock.sleep(10)
    reading = thermometer.reading("line")
    assert reading.kelvin == pytest.approx(4.0, rel=1e-3)
    assert reading.taken == EPOCH + 10
    assert rack.heard("lakeshore") == ["*IDN?", "KRDG? 1", "RDGST? 1"]


def test_the_heater_setup_has_the_four_fields_of_a_372(rack, thermometer):
    heater = thermometer.sample_heater
    assert heater.output_heater_resistance() == 120.0
    assert (heater.output_max_current(), heater.output_max_user_current()) == (8, 0.0)
    assert heater.output_display() == "current"
    heater.output_display("power")
    assert heater.output_display.get() == "power"
    (command,) = rack.written("lakeshore")
    assert [float(field) for field in command.removeprefix("HTRSET ").split(",")] == [0, 120, 8, 0, 2]
    assert heater.output_heater_resistance.get() == 120.0


@pytest.mark.parametrize("fault", [SensorFault.OPEN, SensorFault.NAN])
def test_a_broken_sensor_is_an_error_and_no_number(rack, thermometer, fault):
    rack.fridge.thermometers["lakeshore"].fault(1, fault)
    with pytest.raises(ReadingError, match=r"lakeshore: .*(R. OVER|NAN).*no measurement; look at"):
        thermometer.reading("line")
    assert thermometer.reading("load").kelvin > 0
    rack.fridge.thermometers["lakeshore"].fault(1, None)
    assert thermometer.reading("line").kelvin == pytest.approx(4.0, rel=1e-3)


def test_not_a_number_is_an_error_for_the_stock_parameter_too(rack, thermometer):
    rack.fridge.thermometers["lakeshore"].fault(1, SensorFault.NAN)
    with pytest.raises(ReadingError, match="NAN"):
        thermometer.ch01.temperature()


def test_a_frozen_sensor_grows_old_and_a_living_one_does_not(rack, thermometer):
    rack.fridge.thermometers["lakeshore"].fault(1, SensorFault.FROZEN)
    for _ in range(5):
        frozen, living = thermometer.reading("line"), thermometer.reading("load")
        rack.clock.sleep(10)
    assert frozen.taken == EPOCH
    assert living.taken == pytest.approx(EPOCH + 40, abs=3)


def test_a_stage_that_it_does_not_measure_is_refused_with_those_that_it_does(thermometer):
    with pytest.raises(InstrumentError, match="no sensor at still; there is one at line, load, mixing chamber"):
        thermometer.reading("still")
    with pytest.raises(InstrumentError, match="no heater at load; there is one at line"):
        thermometer.set_point("load", 0.1)


def test_the_line_goes_to_its_set_point(rack, loop):
    loop.set_point("line", 4.3)
    rack.clock.sleep(300)
    assert rack.fridge.temperature("line") == pytest.approx(4.3, abs=2e-3)
    assert loop.reading("line").kelvin == pytest.approx(4.3, rel=1e-3)


def test_a_set_point_above_the_controllers_own_limit_is_refused(rack, loop):
    before = rack.written("lakeshore")
    with pytest.raises(LimitError, match=r"set-point of line 4.7 K is outside 0 to 4.6 K; .*second barrier"):
        loop.set_point("line", 4.7)
    assert rack.written("lakeshore") == before


def test_a_controller_without_a_limit_of_its_own_heats_nothing(loop):
    arrived(loop).ch01.t_limit(0)
    with pytest.raises(LimitError, match="t_limit"):
        loop.set_point("line", 4.1)


def test_a_heater_that_has_tripped_is_not_switched_on_by_a_set_point(rack, loop):
    loop.ch01.t_limit(4.05)
    loop.sample_heater.mode("open_loop")
    loop.write("MOUT 0,60")
    arrived(loop)
    rack.clock.sleep(60)
    assert loop.sample_heater.output_range() == "off"
    loop.sample_heater.mode("closed_loop")
    arrived(loop)
    before = rack.written("lakeshore")
    with pytest.raises(InstrumentError, match="heater of line is off"):
        loop.set_point("line", 4.02)
    assert rack.written("lakeshore") == before


def test_a_set_point_that_did_not_arrive_is_an_error(rack, loop):
    unit = rack.fridge.thermometers["lakeshore"]
    unit._set = lambda header, arguments: None
    with pytest.raises(InstrumentError, match=r"was set to 4.2 K and reads 0 K"):
        loop.set_point("line", 4.2)
