"""FluxSource: no jump, no silent range, no silent success."""

import pytest
from qcodes.instrument_drivers.yokogawa import YokogawaGS200

from coldlink.instruments.flux_source import FluxSource
from coldlink.instruments.simulated.fridge import Fault
from coldlink.sequences.errors import ConnectionFailed, InstrumentError, LimitError

from .fridge_rack import EPOCH, LIMITS, SHORT, TIMEOUT

STEP = pytest.approx(0.01, abs=2e-5)


def someone_else_sets(rack, volts):
    """From the front panel, or another program; what the source did before is forgotten."""
    rack.fridge.sources["yoko"].answer(f":SOUR:LEV {volts}")
    del rack.biases.told[:-1]


def test_the_stock_driver_jumps_when_its_cache_is_stale(rack):
    stock = YokogawaGS200("stock", rack.fridge.addresses["yoko"], visalib="@py", timeout=TIMEOUT)
    try:
        stock.voltage.step, stock.voltage.inter_delay = 0.01, 0
        stock.on()
        stock.voltage(0.0)
        stock.voltage()
        someone_else_sets(rack, 1.0)
        stock.voltage(0.05)
        stock.voltage()
        assert rack.biases.largest_jump == pytest.approx(0.99, abs=1e-4)
    finally:
        stock.close()


def test_a_ramp_starts_from_the_readback_and_so_never_jumps(rack, source):
    source.on()
    source.voltage(0.0)
    someone_else_sets(rack, 1.0)
    source.voltage(0.05)
    assert rack.biases.volts[:2] == pytest.approx([1.0, 0.99], abs=2e-5)
    assert rack.biases.largest_jump == STEP
    assert rack.biases.volts[-1] == source.voltage() == 0.05


def test_a_ramp_takes_the_time_that_its_rate_says(rack, source):
    source.on()
    source.voltage(0.5)
    assert rack.clock.now() - EPOCH == pytest.approx(5.0, rel=1e-6)
    source.ramp_rate(0.05)
    source.ramp_step(0.001)
    source.voltage(0.4)
    assert rack.clock.now() - EPOCH == pytest.approx(7.0, rel=1e-6)
    assert max(abs(b - a) for a, b in zip(rack.biases.volts[-100:], rack.biases.volts[-99:], strict=False)) < 0.00102


@pytest.mark.parametrize("way", ["voltage", "output_level", "ramp_voltage"])
def test_every_way_to_set_the_level_is_the_same_ramp(rack, source, way):
    source.on()
    getattr(source, way)(0.2)
    assert rack.biases.largest_jump == STEP
    assert rack.clock.now() - EPOCH == pytest.approx(2.0, rel=1e-6)


def test_the_limits_of_a_ramp_can_be_lowered_but_not_raised(source):
    with pytest.raises(ValueError, match="invalid"):
        source.ramp_step(0.02)
    with pytest.raises(ValueError, match="invalid"):
        source.ramp_rate(1.0)
    with pytest.raises(InstrumentError, match="ramp_step and ramp_rate"):
        source.ramp_voltage(0.1, 0.5, 0.1)


@pytest.mark.parametrize(("volts", "limit"), [(1.06, (-0.95, 1.05)), (-0.96, (-0.95, 1.05)), (1.02, (-1.0, 1.0))])
def test_a_voltage_outside_the_limits_or_the_range_is_refused_with_value_limit_and_next_step(
    rack, source, volts, limit
):
    source.on()
    before = rack.written("yoko")
    with pytest.raises(LimitError, match=rf"yoko: voltage {volts} V is outside .*; (stay|choose)") as refused:
        source.voltage(volts)
    assert (refused.value.value, refused.value.limit) == (volts, limit)
    assert rack.written("yoko") == before


def test_not_a_number_is_no_voltage(rack, source):
    source.on()
    with pytest.raises(LimitError, match="nan"):
        source.voltage(float("nan"))


def test_ranges_never_switch_by_themselves_nor_under_an_output_that_is_on(rack, source):
    with pytest.raises(InstrumentError, match="by hand"):
        source.auto_range(True)
    source.on()
    with pytest.raises(InstrumentError, match=r"call off\(\) first"):
        source.voltage_range(10.0)
    source.off()
    source.voltage_range(10.0)
    assert source.voltage_range() == 10.0
    assert not any("AUTO" in line for line in rack.heard("yoko"))


def test_an_output_that_is_switched_on_begins_at_zero_whatever_its_level_was(rack, source):
    someone_else_sets(rack, 0.8)
    source.on()
    assert set(rack.biases.volts) == {0.0}
    assert source.output() == "on"


def test_switching_off_ramps_down_first(rack, source):
    source.on()
    source.voltage(0.3)
    source.off()
    assert rack.biases.largest_jump == STEP
    assert source.output() == "off"


def test_a_source_that_has_tripped_stays_off_until_someone_switches_it_on(rack, source):
    source.on()
    source.voltage(0.3)
    rack.fridge.sources["yoko"].trip()
    before = rack.written("yoko")
    for attempt in (lambda: source.voltage(0.2), source.safe):
        with pytest.raises(InstrumentError, match=r"output is off: never switched on, or tripped; .*on\(\)"):
            attempt()
    assert rack.written("yoko") == before
    source.on()
    assert rack.biases.volts[-1] == 0.0
    source.voltage(0.3)
    assert rack.biases.volts[-1] == pytest.approx(0.3)


def test_a_trip_in_the_middle_of_a_ramp_ends_it_there(rack, source):
    source.on()
    unit, tell = rack.fridge.sources["yoko"], rack.fridge.sources["yoko"].on_output

    def trip_above(volts):
        tell(volts)
        if volts > 0.1:
            unit.trip()

    unit.on_output = trip_above
    with pytest.raises(InstrumentError, match="tripped"):
        source.voltage(0.3)
    assert unit.level == pytest.approx(0.11)
    assert rack.biases.volts[-2:] == [pytest.approx(0.11), 0.0]


def test_a_level_that_did_not_arrive_is_an_error(rack, source):
    source.on()
    unit = rack.fridge.sources["yoko"]
    unit._commands = {key: command for key, command in unit._commands.items() if "LEV" not in key}
    with pytest.raises(InstrumentError, match=r"was set to 0.1 V and reads 0 V"):
        source.voltage(0.1)


def test_safe_ramps_to_the_safe_level(rack, source):
    source.on()
    source.voltage(0.4)
    source.safe()
    assert rack.biases.volts[-1] == source.voltage() == 0.0
    assert rack.biases.largest_jump == STEP


def test_a_safe_level_outside_the_limits_is_refused_before_anyone_is_called(rack):
    with pytest.raises(LimitError, match="safe level 2 V"):
        FluxSource("yoko", rack.fridge.addresses["yoko"], serial="91T0001", **LIMITS | {"safe_level": 2.0})
    assert rack.heard("yoko") == []


def test_a_dropped_line_in_a_ramp_is_not_taken_for_success(rack, source):
    source.on()
    source.timeout(SHORT)
    rack.fridge.server.cut("yoko")
    with pytest.raises(ConnectionFailed, match="yoko"):
        source.voltage(0.1)


def test_a_late_reply_does_not_become_the_level_that_a_ramp_starts_from(rack, source):
    source.on()
    source.voltage(0.3)
    source.timeout(SHORT)
    rack.fridge.server.inject("yoko", None, None, None, Fault.LATE)
    del rack.biases.told[:-1]
    source.voltage(0.2)
    assert rack.biases.largest_jump == STEP
    assert rack.biases.volts[-1] == pytest.approx(0.2)
