"""SimulatedGs200: its texts, ranges, trips and programs, alone and with the stock driver."""

import pytest
from qcodes.instrument_drivers.yokogawa import YokogawaGS200

from coldlink.instruments.simulated.clock import SimulatedClock
from coldlink.instruments.simulated.fridge.gs200 import SimulatedGs200

from .rack import told


@pytest.fixture
def clock():
    return SimulatedClock(1.7e9)


@pytest.fixture
def terminals():
    return []


@pytest.fixture
def unit(clock, terminals):
    return SimulatedGs200("91T0001", clock, terminals.append)


def test_it_tells_the_plant_at_once_that_it_is_off(unit, terminals):
    assert terminals == [0.0]
    assert unit.answer("*IDN?") == "YOKOGAWA,GS210,91T0001,2.02"


def test_a_level_reaches_the_terminals_only_while_the_output_is_on(unit, terminals):
    told(unit, ":SOUR:LEV 0.5", ":OUTP 1", ":SOUR:LEV 0.6", ":OUTP 0", ":OUTP 1")
    assert terminals == [0.0, 0.5, 0.6, 0.0, 0.6]


@pytest.mark.parametrize("text", [":SOUR:LEV 0.5", "SOURCE:LEVEL 0.5", ":source:lev 5E-1", "SOUR:LEVEL +.5"])
def test_short_and_long_headers_in_any_case_mean_the_same(unit, text):
    unit.answer(text)
    assert float(unit.answer("sour:level?")) == 0.5


def test_a_level_is_rounded_to_the_resolution_of_its_range(unit):
    told(unit, ":SOUR:LEV 0.1234567")
    assert unit.answer(":SOUR:LEV?") == "+1.23460E-01"
    told(unit, ":SOUR:RANG 30", ":SOUR:LEV 1.2345")
    assert float(unit.answer(":SOUR:LEV?")) == pytest.approx(1.234, abs=6e-4)


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (":SOUR:LEV 1.3", '-222,"Data out of range"'),
        (":SOUR:LEV nan", '-222,"Data out of range"'),
        (":SOUR:RANG 100", '-222,"Data out of range"'),
        (":SOUR:LEV high", '-224,"Illegal parameter value"'),
        (":OUTP maybe", '-224,"Illegal parameter value"'),
        (":SOUR:FLUX 1", '-113,"Undefined header"'),
        (":SOUR:FLUX?", '-113,"Undefined header"'),
        (":PROG:RUN", '-221,"Settings conflict"'),
    ],
)
def test_a_wrong_command_changes_nothing_and_is_in_the_error_queue(unit, command, error):
    before = unit.save()
    assert unit.answer(command) is None
    assert unit.answer("*STB?") == "4"
    assert told(unit, ":SYST:ERR?", ":SYSTem:ERRor?") == [error, '0,"No error"']
    assert unit.save() == before


def test_a_range_too_small_for_the_level_is_refused(unit):
    told(unit, ":SOUR:LEV 0.5", ":SOUR:RANG 0.1")
    assert unit.answer(":SYST:ERR?") == '-222,"Data out of range"'
    assert float(unit.answer(":SOUR:RANG?")) == 1.0


def test_the_function_cannot_change_under_an_output_that_is_on(unit, terminals):
    told(unit, ":OUTP 1", ":SOUR:FUNC CURR")
    assert unit.answer(":SYST:ERR?") == '-221,"Settings conflict"'
    told(unit, ":OUTP 0", ":SOUR:FUNC CURR", ":SOUR:LEV 0.1", ":OUTP 1")
    assert told(unit, ":SOUR:FUNC?", ":SOUR:LEV?") == ["CURR", "+1.00000E-01"]
    assert terminals == [0.0]


def test_a_trip_puts_the_terminals_to_zero_and_is_an_event_once(unit, terminals):
    told(unit, ":SOUR:LEV 0.5", ":OUTP 1")
    unit.trip()
    assert terminals[-1] == 0.0
    assert told(unit, ":OUTP?", ":STAT:EVEN?", ":STAT:EVEN?") == ["0", str(1 << 12), "0"]


def test_a_program_slopes_to_its_level_on_the_clock(unit, clock):
    told(unit, ":OUTP 1", ":PROG:SLOP 10", ":PROG:INT 10", ":PROG:EDIT:STAR", ":SOUR:LEV 1", ":PROG:EDIT:END")
    assert float(unit.answer(":SOUR:LEV?")) == 0.0
    unit.answer(":PROG:RUN")
    clock.sleep(4)
    assert float(unit.answer(":SOUR:LEV?")) == pytest.approx(0.4)
    assert unit.answer(":STAT:EVEN?") == "0"
    clock.sleep(7)
    assert float(unit.answer(":SOUR:LEV?")) == 1.0
    assert unit.answer(":STAT:EVEN?") == str(1 << 7)


def test_reset_and_clear(unit, terminals):
    told(unit, ":SOUR:LEV 0.5", ":OUTP 1", ":SOUR:LEV 5", "*CLS")
    assert unit.answer(":SYST:ERR?") == '0,"No error"'
    told(unit, "*RST")
    assert told(unit, ":OUTP?", ":SOUR:LEV?") == ["0", "+0.00000E+00"]
    assert terminals[-1] == 0.0


def test_it_comes_back_as_it_was_saved(unit, clock):
    told(unit, ":SOUR:RANG 10", ":SOUR:LEV 2.5", ":OUTP 1", ":SENS:REM 1")
    terminals = []
    other = SimulatedGs200("91T0001", clock, terminals.append)
    other.restore(unit.save())
    assert other.save() == unit.save()
    assert terminals == [0.0, 2.5]


def test_the_stock_driver_ramps_by_a_program(rack):
    stock = YokogawaGS200("stock", rack.fridge.addresses["yoko"], visalib="@py", timeout=5)
    try:
        stock.on()
        stock.ramp_mode("HARDWARE")
        stock.ramp_blocking(False)
        stock.ramp_rate(0.1)
        stock.voltage(0.5)
        stock.voltage()
        rack.clock.sleep(2.5)
        assert stock.voltage() == pytest.approx(0.25, abs=1e-4)
        rack.clock.sleep(3)
        assert stock.voltage() == 0.5
        assert stock.system_errors() == '0,"No error"'
    finally:
        stock.close()


def test_the_stock_driver_finds_every_parameter(rack):
    stock = YokogawaGS200("stock", rack.fridge.addresses["yoko"], visalib="@py", timeout=5)
    try:
        stock.snapshot(update=True)
        assert stock.system_errors() == '0,"No error"'
        assert stock.IDN()["serial"] == "91T0001"
        stock.voltage_range(10)
        stock.on()
        stock.voltage(2.5)
        assert (stock.voltage(), stock.voltage_range(), stock.output()) == (2.5, 10.0, "on")
        assert rack.biases.told[-1] == ("a.coupler.bias", 2.5)
    finally:
        stock.close()
