import numpy as np
import pytest

from coldlink.physics.line import Line
from coldlink.sequences.errors import ModelError
from coldlink.sequences.units import GHz, MHz, kHz, m, nH

values = {
    "length": 0.75 * m,
    "inductance_per_length": 402 * nH,
    "free_spectral_range": 140 * MHz,
    "communication_mode": 36,
    "quality": 1.08e5,
}
line = Line(**values)


def test_the_modes_are_multiples_of_the_free_spectral_range():
    np.testing.assert_allclose(line.mode_frequencies, np.array([5.04, 4.90, 5.18, 4.76]) * GHz)


def test_odd_neighbours_couple_to_node_b_with_the_opposite_sign():
    np.testing.assert_array_equal(line.parity, [1, -1, -1, 1])


def test_the_internal_rate_is_that_of_the_quality_factor():
    assert line.internal_rate(5.04 * GHz) / (2 * np.pi * kHz) == pytest.approx(46.7, abs=0.05)


def test_a_mode_carries_half_the_lines_inductance():
    assert line.mode_inductance == pytest.approx(150.75 * nH)


@pytest.mark.parametrize("name", ["length", "inductance_per_length", "free_spectral_range", "quality"])
def test_a_value_that_is_not_positive_is_refused_by_name(name):
    with pytest.raises(ModelError, match=f"line {name} = 0"):
        Line(**{**values, name: 0.0})


def test_modes_below_the_first_are_refused():
    with pytest.raises(ModelError, match="line mode = 0"):
        Line(**{**values, "communication_mode": 2})
