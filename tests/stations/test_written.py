import math

import pytest

from coldlink.stations.written import engineering, uncertain


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
        (math.inf, "s", "inf s"),
        (1e-20, "s", "1e-05 fs"),
    ],
)
def test_a_quantity_is_written_with_a_prefix(value, unit, text):
    assert engineering(value, unit) == text
