import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldlink.physics.transmon import Transmon
from coldlink.sequences.errors import ModelError
from coldlink.sequences.units import GHz, MHz

transmon = Transmon(maximum_frequency=5.4 * GHz, asymmetry=0.3, anharmonicity=-210 * MHz)


def test_the_frequency_is_that_of_two_josephson_energies_in_a_loop():
    EC = 210 * MHz
    EJ_max = (5.4 * GHz + EC) ** 2 / (8 * EC)
    flux = np.linspace(-0.45, 0.45, 19)
    EJ = EJ_max * np.abs(np.cos(np.pi * flux)) * np.sqrt(1 + 0.3**2 * np.tan(np.pi * flux) ** 2)
    np.testing.assert_allclose(transmon.frequency(flux), np.sqrt(8 * EJ * EC) - EC, rtol=1e-12)


def test_the_frequency_is_highest_at_zero_flux_and_lowest_at_half_a_quantum():
    assert transmon.frequency(0) == pytest.approx(5.4 * GHz, rel=1e-14)
    assert transmon.frequency(0.5) == pytest.approx(transmon.minimum_frequency, rel=1e-14)
    assert transmon.minimum_frequency == pytest.approx(5.61 * GHz * np.sqrt(0.3) - 210 * MHz)


@given(flux=st.floats(-2, 2))
def test_the_frequency_repeats_every_flux_quantum_and_is_even(flux):
    np.testing.assert_allclose(transmon.frequency([flux + 1, -flux]), transmon.frequency(flux), rtol=1e-12)


@given(flux=st.floats(0.001, 0.499), asymmetry=st.floats(0, 0.9))
def test_flux_inverts_frequency_on_the_first_branch(flux, asymmetry):
    split = Transmon(maximum_frequency=5.4 * GHz, asymmetry=asymmetry, anharmonicity=-210 * MHz)
    assert split.flux(split.frequency(flux)) == pytest.approx(flux, abs=1e-9)


def test_flux_reaches_both_ends_of_the_branch():
    ends = transmon.flux([transmon.maximum_frequency, transmon.minimum_frequency])
    np.testing.assert_allclose(ends, [0, 0.5], atol=1e-8)


@given(flux=st.floats(-0.49, 0.49))
def test_the_slope_is_the_derivative_of_the_frequency(flux):
    h = 1e-6
    difference = (transmon.frequency(flux + h) - transmon.frequency(flux - h)) / (2 * h)
    assert transmon.slope(flux) == pytest.approx(difference, rel=1e-6, abs=1 * MHz * 1e-3)


@pytest.mark.parametrize("asked", [5.41 * GHz, 2.0 * GHz, float("nan")])
def test_a_frequency_out_of_reach_is_refused_with_both_ends(asked):
    with pytest.raises(ModelError, match=r"reaches 2\.862\d+e\+09 to 5\.4e\+09 Hz"):
        transmon.flux([5.0 * GHz, asked])


def test_a_positive_anharmonicity_is_refused():
    with pytest.raises(ModelError, match=r"anharmonicity = 2\.1e"):
        Transmon(maximum_frequency=5 * GHz, asymmetry=0.1, anharmonicity=210 * MHz)


@pytest.mark.parametrize("asymmetry", [-0.1, 1.0])
def test_an_asymmetry_outside_zero_to_one_is_refused(asymmetry):
    with pytest.raises(ModelError, match="asymmetry"):
        Transmon(maximum_frequency=5 * GHz, asymmetry=asymmetry, anharmonicity=-210 * MHz)
