import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldlink.sequences import Clock
from coldlink.sequences.errors import SequenceError, TargetError, TimingError
from coldlink.sequences.target import TOLERANCE
from coldlink.sequences.units import GHz, MHz, ns

from .small import TARGET, TICK

CLOCK = Clock(430.08 * MHz)


def test_a_time_off_the_clock_is_refused_with_the_nearest_legal_one() -> None:
    with pytest.raises(TimingError) as caught:
        CLOCK.ticks(41 * ns, "a.drive")
    assert str(caught.value) == ("41 ns on a.drive is not a multiple of the 2.325 ns clock; the nearest is 41.853 ns")
    assert caught.value.nearest == pytest.approx(18 * TICK)


@given(count=st.integers(0, 2**31), off=st.floats(-0.99, 0.99))
def test_a_time_within_the_tolerance_is_on_the_clock(count: int, off: float) -> None:
    time = count * TICK + off * TOLERANCE
    assert CLOCK.ticks(time, "x") == CLOCK.ceil(time) == CLOCK.floor(time) == count


@given(time=st.floats(0, 1e-3))
def test_floor_and_ceil_are_the_edges_around_a_time(time: float) -> None:
    low, high = CLOCK.floor(time), CLOCK.ceil(time)
    assert high - low in (0, 1)
    assert low * TICK <= time + TOLERANCE * 1.01
    assert high * TICK >= time - TOLERANCE * 1.01


@pytest.mark.parametrize("amplitude", [0.46, -0.46, math.nan])
def test_an_amplitude_beyond_the_full_scale_is_refused(amplitude: float) -> None:
    with pytest.raises(TargetError, match=rf"amplitude {amplitude} on a.drive is outside \[-0.45, 0.45\]"):
        TARGET.port("a.drive").check_amplitude(amplitude, "a.drive")


def test_a_channel_without_a_cable_is_named_with_those_that_have_one() -> None:
    with pytest.raises(SequenceError, match=r"c.drive is not cabled to small; cabled are a.coupler, a.drive"):
        TARGET.port("c.drive")
    with pytest.raises(SequenceError, match=r"a.drive is not cabled to small; cabled are a.readout, b.readout"):
        TARGET.readout("a.drive")


def test_a_carrier_outside_the_clean_band_is_refused() -> None:
    with pytest.raises(TargetError, match=r"carrier \(Hz\) 5.5e\+09 on a.drive is outside 4.8 to 5.4 GHz"):
        TARGET.port("a.drive").check_frequency(5.5 * GHz, "a.drive")


def test_blocks_are_a_multiple_of_the_ticks_on_which_all_clocks_meet() -> None:
    assert TARGET.block_length(0.0) == 0
    assert TARGET.block_length(1 * ns) == 56
    assert TARGET.block_length(56 * TICK) == 56
    assert TARGET.block_length(57 * TICK) == 112
    with pytest.raises(TargetError, match=r"block \(ticks\) 2.1504e\+09 on the processor"):
        TARGET.block_length(5.0)
