import math

import pytest

from coldlink.stations.written import age, concise, engineering, uncertain


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.58512, 0.0042, "0.585 ± 0.004"),
        (0.58512, 0.0012, "0.5851 ± 0.0012"),
        (2.31, 0.02, "2.310 ± 0.020"),
        (4.2, 30.0, "4 ± 30"),
        (0.5, 0.0, "0.5"),
        (0.5, None, "0.5"),
        (None, None, "not known"),
    ],
)
def test_a_number_has_as_many_digits_as_its_error_allows(value, error, text):
    assert uncertain(value, error) == text


def test_a_fraction_can_be_written_in_percent():
    assert uncertain(0.585, 0.004, percent=True) == "58.5 ± 0.4 %"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (5.04e9, "Hz", "5.04 GHz"),
        (-210e6, "Hz", "-210 MHz"),
        (37.6e-9, "s", "37.6 ns"),
        (999.9999999, "Hz", "1 kHz"),
        (0.0, "V", "0 V"),
        (12.5, "", "12.5"),
        (0.160853, "", "0.160853"),
        (293200.0, "1/s", "293.2 1/ms"),
        (0.0105, "K", "10.5 mK"),
        (math.inf, "s", "inf s"),
        (1e-20, "s", "1e-05 fs"),
    ],
)
def test_a_quantity_is_written_with_a_prefix(value, unit, text):
    assert engineering(value, unit) == text


@pytest.mark.parametrize(
    ("value", "error", "unit", "text"),
    [
        (5.10981234e9, 4e5, "Hz", "5.1098(4) GHz"),
        (5.10981234e9, 2.1e5, "Hz", "5.10981(21) GHz"),
        (-210.02e6, 3e4, "Hz", "-210.02(3) MHz"),
        (0.160853, 0.0028, "", "0.1609(28)"),
        (293_234.0, 412.0, "1/s", "293.2(4) 1/ms"),
        (12.34e-6, 0.46e-6, "s", "12.3(5) µs"),
        (0.02, 0.05, "", "0.02(5)"),
        (0.0, 1e-3, "V", "0.0(10) mV"),
        (1.2, 4.5, "rad", "1(4) rad"),
        (0.5, 0.0, "V", "500 mV"),
        (0.5, math.nan, "V", "500 mV"),
    ],
)
def test_an_error_stands_in_brackets_in_units_of_the_last_digit(value, error, unit, text):
    assert concise(value, error, unit) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0, "0 s"), (90.0, "90 s"), (600.0, "10 min"), (18_000.0, "5 h"), (300_000.0, "3 d")]
)
def test_an_age_is_written_in_the_unit_that_suits_it(seconds, text):
    assert age(seconds) == text
