"""Wire: threads, late and lost replies, garbage, and who is at the other end."""

import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from qcodes.instrument_drivers.Lakeshore import LakeshoreModel372

from coldlink.instruments.flux_source import FluxSource
from coldlink.instruments.simulated.fridge import Fault
from coldlink.instruments.thermometry import Thermometer
from coldlink.sequences.errors import ConnectionFailed, IdentityError, InstrumentError, ReadingError

from .fridge_rack import LIMITS, PLACES, SHORT, TIMEOUT


@pytest.fixture
def hurried(thermometer):
    """A thermometer whose replies may get lost."""
    thermometer.timeout(SHORT)
    return thermometer


LINE, CHAMBER = pytest.approx(4.0, rel=1e-3), pytest.approx(0.010025, rel=1e-2)


def test_the_stock_driver_takes_a_late_reply_for_the_answer_to_its_next_question(rack):
    stock = LakeshoreModel372("stock", rack.fridge.addresses["lakeshore"], visalib="@py", timeout=SHORT)
    try:
        rack.fridge.server.inject("lakeshore", Fault.LATE)
        with pytest.raises(Exception, match="VI_ERROR_TMO"):
            stock.ch01.temperature()
        assert stock.ch06.temperature() == LINE
    finally:
        stock.close()


def test_a_late_reply_is_not_the_answer_to_another_question(rack, hurried):
    rack.fridge.server.inject("lakeshore", Fault.LATE)
    assert hurried.ch01.temperature() == LINE
    assert hurried.ch06.temperature() == CHAMBER


def test_the_place_is_found_by_identity_and_the_question_asked_once_more(rack, hurried):
    before = len(rack.heard("lakeshore"))
    rack.fridge.server.inject("lakeshore", Fault.LATE)
    hurried.ch01.temperature()
    assert rack.heard("lakeshore")[before:] == ["KRDG? 1", "*IDN?", "KRDG? 1"]


@pytest.mark.parametrize("second", [Fault.LATE, Fault.SILENCE, Fault.GARBAGE])
def test_an_identity_that_is_itself_late_lost_or_garbled_costs_a_new_connection_and_nothing_else(rack, hurried, second):
    rack.fridge.server.inject("lakeshore", Fault.LATE, second)
    assert hurried.ch01.temperature() == LINE
    assert hurried.ch06.temperature() == CHAMBER


def test_a_late_identity_is_not_taken_for_the_one_that_was_asked_for_after_it(rack, hurried):
    rack.fridge.server.inject("lakeshore", Fault.LATE)
    assert hurried.ask("*IDN?").startswith("LSCI")
    assert hurried.ch06.temperature() == CHAMBER


@pytest.mark.parametrize("fault", list(Fault))
def test_a_fault_of_the_very_first_reply_is_got_over(rack, fault):
    rack.fridge.server.inject("lakeshore", fault)
    address = rack.fridge.addresses["lakeshore"]
    driver = Thermometer("lakeshore", address, serial="LSA0372", stages=PLACES, heaters={}, timeout=SHORT)
    try:
        assert driver.ch06.temperature() == CHAMBER
        assert driver.ch01.temperature() == LINE
    finally:
        driver.close()


@pytest.mark.parametrize("fault", [Fault.SILENCE, Fault.GARBAGE, Fault.DROP])
def test_a_lost_reply_garbage_and_a_dropped_connection_are_asked_again(rack, hurried, fault):
    rack.fridge.server.inject("lakeshore", fault)
    assert hurried.reading("line").kelvin == LINE
    assert hurried.reading("mixing chamber").kelvin == CHAMBER


def test_two_threads_never_get_each_others_answers_even_when_some_come_late(rack, hurried):
    rack.fridge.server.inject("lakeshore", *([Fault.GARBAGE, *[None] * 40] * 10), *([Fault.LATE, *[None] * 300] * 3))

    def hammer(stage):
        return [hurried.reading(stage).kelvin for _ in range(400)]

    with ThreadPoolExecutor() as pool:
        line, chamber = pool.map(hammer, ("line", "mixing chamber"))
    assert line == [LINE] * 400
    assert chamber == [CHAMBER] * 400
    assert not rack.fridge.server.faults["lakeshore"]


def test_random_faults_give_the_right_number_or_an_error_but_never_a_wrong_number(rack, hurried):
    choice = random.Random(3)
    kinds = [None, *[Fault.GARBAGE] * 4, Fault.LATE, Fault.DROP]
    rack.fridge.server.inject("lakeshore", *(choice.choice(kinds) for _ in range(30)))
    right = refused = 0
    for turn in range(40):
        stage, expected = (("line", LINE), ("mixing chamber", CHAMBER))[turn % 2]
        try:
            assert hurried.reading(stage).kelvin == expected
            right += 1
        except (ReadingError, ConnectionFailed):
            refused += 1
    assert right > 20 and refused > 0


def test_garbage_that_stays_is_an_error_which_shows_it(rack, hurried):
    rack.fridge.server.inject("lakeshore", Fault.GARBAGE, None, Fault.GARBAGE)
    with pytest.raises(ReadingError, match=r"lakeshore: KRDG\? 1 was answered by .*x9d"):
        hurried.reading("line")


@pytest.mark.parametrize("reply", ["NaN", "+inf", "", "4.0;4.0", "1,2"])
def test_a_reply_that_is_no_finite_number_is_never_one(thermometer, reply):
    with pytest.raises(ReadingError, match="no measurement"):
        thermometer.number(reply)


def test_a_command_is_never_sent_twice(rack, source):
    source.on()
    source.timeout(SHORT)
    before = len(rack.written("yoko"))
    rack.fridge.server.inject("yoko", Fault.SILENCE)
    with pytest.raises(ConnectionFailed):
        source.ask(":SOUR:LEV 0.001;:SOUR:LEV?")
    assert rack.written("yoko")[before:] == []
    assert rack.heard("yoko").count(":SOUR:LEV 0.001;:SOUR:LEV?") == 1


def test_a_dead_instrument_is_one_error_with_its_name_and_address(rack, hurried):
    rack.fridge.server.cut("lakeshore")
    address = rack.fridge.addresses["lakeshore"]
    for _ in range(2):
        with pytest.raises(ConnectionFailed) as failure:
            hurried.reading("line")
        assert list(failure.value.causes) == ["lakeshore"]
        assert address in str(failure.value)
    with pytest.raises(ConnectionFailed, match="lakeshore"):
        hurried.write("SETP 0,4.1")


def test_an_address_that_is_none_fails_with_its_name_and_no_traceback(caplog):
    with pytest.raises(ConnectionFailed, match="yoko"):
        FluxSource("yoko", "NOWHERE::1", serial="91T0001", timeout=SHORT, **LIMITS)
    assert not any(record.exc_info for record in caplog.records)


def test_an_address_where_nobody_answers_fails_with_its_name(rack):
    address = rack.fridge.addresses["yoko"]
    rack.fridge.server.cut("yoko")
    with pytest.raises(ConnectionFailed, match="yoko"):
        FluxSource("yoko", address, serial="91T0001", timeout=SHORT, **LIMITS)


@pytest.mark.parametrize(("unit", "serial"), [("yoko", "91T9999"), ("lakeshore", "91T0001")])
def test_another_instrument_or_serial_number_is_refused_before_anything_but_its_identity_is_asked(rack, unit, serial):
    with pytest.raises(IdentityError, match=rf"not GS200 or GS210 or GS211 number {serial}"):
        FluxSource("yoko", rack.fridge.addresses[unit], serial=serial, timeout=TIMEOUT, **LIMITS)
    assert rack.heard(unit) == ["*IDN?"]


def test_connecting_writes_nothing_and_prints_nothing(rack, thermometer, source, capsys):
    assert rack.heard("lakeshore") == ["*IDN?"]
    assert rack.heard("yoko")[0] == "*IDN?"
    assert rack.written("yoko") == rack.written("lakeshore") == []
    assert capsys.readouterr().out == ""


def test_a_snapshot_of_everything_writes_nothing_and_asks_nothing_unknown(rack, thermometer, source, caplog):
    assert thermometer.snapshot(update=True)["submodules"]["ch01"]["parameters"]["temperature"]["value"] == LINE
    assert source.snapshot(update=True)["parameters"]["voltage"]["value"] == 0.0
    assert rack.written("yoko") == rack.written("lakeshore") == []
    assert source.system_errors().startswith("0")
    assert not caplog.records


def test_all_refusals_are_instrument_errors():
    assert issubclass(ReadingError, InstrumentError) and issubclass(IdentityError, InstrumentError)


def test_a_program_that_forgets_to_close_its_drivers_ends_cleanly(rack):
    script = (
        "import sys\nfrom coldlink.instruments.thermometry import Thermometer\n"
        "driver = Thermometer('t', sys.argv[1], serial='LSA0372', stages={'line': 1}, heaters={})\n"
        "print(driver.reading('line').kelvin)"
    )
    command = [sys.executable, "-W", "error", "-c", script, rack.fridge.addresses["lakeshore"]]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert float(answer.stdout) == LINE
    assert answer.stderr == ""


def test_two_thermometers_of_one_name_are_refused_by_qcodes_and_the_first_lives_on(rack, thermometer):
    with pytest.raises(KeyError, match="lakeshore"):
        Thermometer(
            "lakeshore",
            rack.fridge.addresses["lakeshore"],
            serial="LSA0372",
            stages=PLACES,
            heaters={},
            timeout=TIMEOUT,
        )
    assert thermometer.reading("line").kelvin == LINE
