import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldlink.physics.bath import occupation, relax, relax_through, steady_state, temperature
from coldlink.sequences.errors import ModelError
from coldlink.sequences.units import GHz, K, MHz, kHz, mK, us


@pytest.mark.parametrize(
    ("kelvin", "n", "tolerance"),
    [(4 * K, 16.2, 0.05), (1 * K, 3.69, 0.005), (100 * mK, 0.100, 5e-4), (10 * mK, 4e-11, 5e-12)],
)
def test_the_occupation_at_5_gigahertz(kelvin, n, tolerance):
    assert occupation(5 * GHz, kelvin) == pytest.approx(n, abs=tolerance)


def test_a_cold_bath_neither_overflows_nor_fails_at_zero():
    np.testing.assert_array_equal(occupation(5 * GHz, [0, 1e-6, 1e-300]), [0, 0, 0])


def test_a_hot_bath_is_classical():
    assert occupation(5 * GHz, 1e9) == pytest.approx(1e9 * 1.380649e-23 / (6.62607015e-34 * 5e9), rel=1e-9)


def test_six_hundredths_of_a_photon_are_84_millikelvin():
    assert temperature(5 * GHz, 0.06) / mK == pytest.approx(84, abs=0.5)
    assert temperature(5 * GHz, 0) == 0


@given(kelvin=st.floats(2 * mK, 400 * K))
def test_temperature_inverts_occupation(kelvin):
    assert temperature(5 * GHz, occupation(5 * GHz, kelvin)) == pytest.approx(kelvin, rel=1e-9)


def test_a_load_269_times_the_loss_leaves_six_hundredths():
    assert steady_state(1.0, occupation(5 * GHz, 4 * K), 269, 0) == pytest.approx(0.06, abs=1e-4)


def test_the_decoupled_line_gains_five_photons_a_microsecond_at_first():
    kappa, n_h = 2 * np.pi * 50 * kHz, occupation(5 * GHz, 4 * K)
    assert relax(0.0, n_h, kappa, 1e-4 * us) / 1e-4 == pytest.approx(5.1, abs=0.05)


def test_relaxation_starts_at_the_start_and_ends_at_the_end():
    np.testing.assert_allclose(relax(3.0, 0.5, 1 * MHz, np.array([0, np.log(2) * us, 1.0])), [3.0, 1.75, 0.5])


@given(times=st.tuples(st.floats(0, 5), st.floats(0, 5)))
def test_two_relaxations_in_a_row_are_one(times):
    first, second = times
    twice = relax(relax(0.06, 16.0, 0.7, first), 16.0, 0.7, second)
    assert twice == pytest.approx(relax(0.06, 16.0, 0.7, first + second), rel=1e-12)


def test_steps_in_a_row_are_gone_through_at_once():
    rng = np.random.default_rng(3)
    targets, rates, durations = rng.uniform(0, 16, (5, 2)), rng.uniform(0.01, 3, (5, 2)), rng.uniform(0, 1, 5)
    one_by_one = start = np.array([0.06, 4.0])
    for target, rate, duration in zip(targets, rates, durations, strict=True):
        one_by_one = relax(one_by_one, target, rate, duration)
    np.testing.assert_allclose(relax_through(start, targets, rates, durations), one_by_one, rtol=1e-12)
    assert relax_through(start, targets[:0], rates[:0], durations[:0]) is start


@pytest.mark.parametrize(("frequency", "kelvin", "name"), [(0, 1, "frequency"), (5 * GHz, -1, "temperature")])
def test_values_without_a_meaning_are_refused(frequency, kelvin, name):
    with pytest.raises(ModelError, match=name):
        occupation(frequency, kelvin)


def test_a_negative_occupation_is_refused():
    with pytest.raises(ModelError, match=r"occupation = -0\.1"):
        temperature(5 * GHz, [0.1, -0.1])
