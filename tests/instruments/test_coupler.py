"""Couplers: calibrated numbers beside a bias, and the way to rest."""

import pytest

from coldlink.instruments.coupler import LoadCoupler, TunableCoupler
from coldlink.sequences import Channel, Kind
from coldlink.sequences.errors import InstrumentError, LimitError

CHANNEL = Channel("a.coupler", Kind.COUPLER)


@pytest.fixture
def coupler(source):
    made = TunableCoupler("a_coupler", source.voltage, CHANNEL)
    yield made
    made.close()


@pytest.fixture
def load(source):
    made = LoadCoupler("line_load", source.voltage, Channel("line.load", Kind.LOAD))
    yield made
    made.close()


def test_the_bias_is_the_sources_voltage(source, coupler):
    source.on()
    coupler.bias(0.12)
    assert source.voltage() == coupler.bias() == 0.12
    assert coupler.channel is CHANNEL
    assert coupler.bias.unit == "V"


def test_calibrated_numbers_move_nothing(rack, coupler, load):
    coupler.zero_bias(0.78)
    load.open_bias(-0.4)
    load.closed_amplitude(0.6)
    assert (coupler.zero_bias(), load.open_bias(), load.closed_amplitude()) == (0.78, -0.4, 0.6)
    assert rack.written("yoko") == []
    with pytest.raises(ValueError, match="invalid"):
        load.closed_amplitude(1.2)


def test_an_idle_coupler_is_at_zero_coupling_and_an_idle_load_is_open(rack, source, coupler, load):
    source.on()
    coupler.zero_bias(0.78)
    coupler.idle()
    assert rack.biases.volts[-1] == pytest.approx(0.78)
    load.open_bias(-0.4)
    load.idle()
    assert rack.biases.volts[-1] == pytest.approx(-0.4)
    assert rack.biases.largest_jump == pytest.approx(0.01, abs=2e-5)


def test_a_coupler_that_was_never_calibrated_refuses_to_idle(rack, coupler, load):
    with pytest.raises(InstrumentError, match="a_coupler: zero_bias is not known; calibrate it"):
        coupler.idle()
    with pytest.raises(InstrumentError, match="line_load: open_bias is not known"):
        load.idle()
    assert rack.written("yoko") == []


def test_the_limits_of_the_source_hold_for_its_coupler(source, coupler):
    source.on()
    with pytest.raises(LimitError, match=r"yoko: voltage 1.5 V"):
        coupler.bias(1.5)
    coupler.zero_bias(1.5)
    with pytest.raises(LimitError):
        coupler.idle()


def test_a_snapshot_tells_who_the_coupler_is(coupler):
    coupler.zero_bias(0.78)
    snapshot = coupler.snapshot()
    assert snapshot["parameters"]["zero_bias"]["value"] == 0.78
    assert coupler.IDN()["model"] == "TunableCoupler"
