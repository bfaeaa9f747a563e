import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp

from coldlink.physics.travelling import Photon
from coldlink.sequences.errors import ModelError

from .links import GAMMA, KAPPA

bandwidths = st.floats(1e6, 1e9)


@given(bandwidths)
def test_a_packet_holds_one_photon_and_is_alike_forwards_and_backwards(gamma):
    photon, times = Photon(gamma), np.linspace(-30, 30, 20_001) / gamma
    assert np.trapezoid(photon.envelope(times) ** 2, times) == pytest.approx(1, abs=1e-9)
    np.testing.assert_allclose(photon.envelope(times), photon.envelope(-times))
    np.testing.assert_allclose(photon.envelope(times), np.sqrt(gamma) / 2 / np.cosh(gamma * times / 2), rtol=1e-9)


@given(bandwidths, st.floats(-8, 8))
def test_what_was_emitted_is_the_integral_of_the_envelope_squared(gamma, turns):
    photon, scaled = Photon(gamma), lambda x: float(Photon(1.0).envelope(x)) ** 2
    assert photon.emitted(turns / gamma) == pytest.approx(quad(scaled, -40, turns)[0], abs=1e-9)
    assert photon.outside(8 / gamma) == pytest.approx(1 - quad(scaled, -4, 4)[0], abs=1e-9)


@given(bandwidths, st.floats(1, 20), st.floats(-12, 12))
def test_the_coupling_is_the_closed_form_of_kurpiers_2018(gamma, ratio, turns):
    kappa, x = gamma * ratio, np.exp(turns)
    published = gamma / (4 * np.cosh(turns / 2)) * (1 - x + (1 + x) * ratio) / np.sqrt((1 + x) * ratio - x)
    assert Photon(gamma).coupling(turns / gamma, kappa) == pytest.approx(published, rel=1e-6)


def test_the_coupling_of_the_shortest_photon_is_a_sech_itself():
    times = np.linspace(-5, 5, 101) / KAPPA
    np.testing.assert_allclose(Photon(KAPPA).coupling(times, KAPPA), KAPPA / 2 / np.cosh(KAPPA * times / 2), rtol=1e-12)


def test_the_amplitudes_that_follow_the_coupling_emit_the_envelope():
    photon, edge = Photon(GAMMA), 30 / GAMMA

    def slope(t, y):
        g = float(photon.coupling(t, KAPPA))
        return [-g * y[1], g * y[0] - KAPPA / 2 * y[1]]

    times = np.linspace(-edge / 2, edge / 2, 101)
    found = solve_ivp(slope, (-edge, edge), [1.0, 0.0], t_eval=times, rtol=1e-10, atol=1e-12, method="DOP853")
    np.testing.assert_allclose(np.sqrt(KAPPA) * found.y[1], photon.envelope(times), atol=1e-6 * np.sqrt(GAMMA))


def test_a_photon_that_is_shorter_than_the_resonator_allows_is_refused():
    with pytest.raises(ModelError, match=r"photon bandwidth \(rad/s\) = 2: .* kappa = 1 rad/s; ask for Gamma <= kappa"):
        Photon(2.0).coupling(0.0, 1.0)


@pytest.mark.parametrize("gamma", [0.0, -1.0, np.nan, np.inf])
def test_a_bandwidth_is_positive(gamma):
    with pytest.raises(ModelError, match="photon bandwidth"):
        Photon(gamma)
