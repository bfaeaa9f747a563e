"""The numbers quoted for the supplement's device need its 0.78 m of 402 nH/m and its frequencies.

g/2pi of -2.9, 4.9, 10.3 and 46.9 MHz: Ln = 402 nH/m * 0.78 m / 2, qubit 5.809 GHz, mode 70 of 79 MHz = 5.53 GHz; the
points called .455 and .474 are the phases 2pi/3 and 3pi/4. Shift ratios of -4.3 and -0.23 are those at equal
frequencies. The load's pull of -13 MHz holds for the same line, at any frequency; a line of 0.75 m gives -13.3 MHz and
one of 238 nH/m and 0.75 m -17 MHz.
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldlink.physics.coupler import InductiveCoupler, LoadCoupler
from coldlink.sequences.errors import ModelError
from coldlink.sequences.units import GHz, MHz, kHz, nH

QUBIT, MODE = 5.809 * GHz, 70 * 79 * MHz
LINE = 402 * nH * 0.78 / 2
coupler = InductiveCoupler(ground=0.2 * nH, wire=0.1 * nH, junction=0.566 * nH, qubit=8.34 * nH, line=LINE)
load = LoadCoupler(ground=0.3 * nH, wire=0.1 * nH, junction=0.8 * nH, line_inductance=LINE)


def flux_of(phase):
    return (phase + coupler.beta * np.sin(phase)) / (2 * np.pi)


def slope(function, at, h=1e-6):
    return (function(at + h) - function(at - h)) / (2 * h)


def test_beta_is_the_loop_over_the_junction():
    assert coupler.beta == pytest.approx(0.883, abs=5e-4)


def test_zero_coupling_is_not_at_zero_flux():
    assert coupler.zero_flux == pytest.approx(0.391, abs=5e-4)
    assert coupler.g(coupler.zero_flux, QUBIT, MODE) == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize(
    ("phase", "flux", "g"),
    [(0, 0, -2.9), (2 * np.pi / 3, 0.455, 4.9), (np.pi, 0.5, 46.9)],
)
def test_g_at_the_quoted_fluxes_of_the_supplement(phase, flux, g):
    assert flux_of(phase) == pytest.approx(flux, abs=5e-4)
    assert coupler.g(flux_of(phase), QUBIT, MODE) / MHz == pytest.approx(g, abs=0.05)


def test_g_at_three_quarters_of_pi():
    assert flux_of(3 * np.pi / 4) == pytest.approx(0.474, abs=5e-4)
    assert coupler.g(flux_of(3 * np.pi / 4), QUBIT, MODE) / MHz == pytest.approx(10.3, abs=0.05)


def test_the_phase_is_the_root_of_its_equation_everywhere():
    flux = np.linspace(-2.3, 2.3, 4001)
    delta = coupler.phase(flux)
    np.testing.assert_allclose(delta + coupler.beta * np.sin(delta), 2 * np.pi * flux, atol=1e-13)


def test_the_phase_is_found_close_to_beta_one():
    steep = InductiveCoupler(ground=0.3 * nH, wire=0.1 * nH, junction=0.7001 * nH, qubit=8 * nH, line=LINE)
    delta = steep.phase(np.linspace(0, 0.5, 1001))
    np.testing.assert_allclose(delta + steep.beta * np.sin(delta), np.linspace(0, np.pi, 1001), atol=1e-13)


def test_the_mutual_inductance_is_that_of_the_circuit():
    delta = np.array([0.3, 1.0, 2.0, 3.0])
    circuit = 0.2**2 / (2 * 0.2 + 0.1 + 0.566 / np.cos(delta))
    np.testing.assert_allclose(coupler.mutual(flux_of(delta)) / nH, circuit, rtol=1e-12)


def test_the_shifts_at_equal_frequencies_are_minus_4_3_and_minus_0_23_times_g():
    assert coupler.qubit_shift(1.0, MODE, MODE) == pytest.approx(-4.3, abs=0.05)
    assert coupler.mode_shift(1.0, MODE, MODE) == pytest.approx(-0.23, abs=0.005)


def test_the_two_shifts_multiply_to_g_squared():
    both = coupler.qubit_shift(6 * MHz, QUBIT, MODE) * coupler.mode_shift(6 * MHz, QUBIT, MODE)
    assert both == pytest.approx((6 * MHz) ** 2)


def test_the_mode_shift_is_half_the_share_of_the_mutual_in_the_line():
    flux = 0.45
    share = MODE * coupler.mutual(flux) / (2 * (coupler.ground + coupler.line))
    assert coupler.mode_shift(coupler.g(flux, QUBIT, MODE), QUBIT, MODE) == pytest.approx(share)


def test_the_slopes_at_zero_coupling_and_at_the_swap_are_the_quoted_ones():
    swap = coupler.flux_for(6.5 * MHz, QUBIT, MODE)
    assert slope(lambda x: coupler.g(x, QUBIT, MODE), coupler.zero_flux) / MHz == pytest.approx(34, abs=0.5)
    assert slope(lambda x: coupler.g(x, QUBIT, MODE), swap) / MHz == pytest.approx(240, abs=3)
    qubit_slope = slope(lambda x: coupler.qubit_shift(coupler.g(x, QUBIT, MODE), QUBIT, MODE), swap)
    assert qubit_slope / GHz == pytest.approx(-1.06, abs=0.02)


@given(g=st.floats(-2.9 * MHz, 46.9 * MHz))
def test_flux_for_inverts_g(g):
    flux = coupler.flux_for(g, QUBIT, MODE)
    assert 0 <= flux <= 0.5
    assert coupler.g(flux, QUBIT, MODE) == pytest.approx(g, abs=1)


def test_flux_for_takes_arrays_and_reaches_both_ends():
    ends = coupler.g([0, 0.5], QUBIT, MODE)
    np.testing.assert_allclose(coupler.flux_for(ends, QUBIT, MODE), [0, 0.5], atol=1e-7)


@pytest.mark.parametrize("asked", [47 * MHz, -3 * MHz])
def test_a_coupling_out_of_reach_is_refused_with_both_ends(asked):
    with pytest.raises(ModelError, match=r"reaches -2\.90426e\+06 to 4\.69081e\+07 Hz"):
        coupler.flux_for([5 * MHz, asked], QUBIT, MODE)


def test_a_loop_of_beta_one_is_refused():
    with pytest.raises(ModelError, match="coupler beta = 1:"):
        LoadCoupler(ground=1 * nH, wire=0.5 * nH, junction=2.5 * nH, line_inductance=LINE)


def test_the_load_is_closed_where_the_mutual_vanishes():
    assert load.closed_flux == pytest.approx((np.pi / 2 + 0.875) / (2 * np.pi))
    assert load.kappa(load.closed_flux, 5 * GHz) < 1e-12 * kHz


def test_a_load_that_leaks_has_a_finite_on_off_ratio():
    leaking, opened = replace(load, leak=13 * kHz), load.flux_for(2 * np.pi * 13 * MHz, 5 * GHz)
    assert leaking.kappa(leaking.closed_flux, 5 * GHz) == pytest.approx(2 * np.pi * 13 * kHz)
    assert leaking.kappa(opened, 5 * GHz) == pytest.approx(2 * np.pi * 13.013 * MHz)
    assert leaking.flux_for(2 * np.pi * 13.013 * MHz, 5 * GHz) == pytest.approx(opened, abs=1e-9)
    with pytest.raises(ModelError, match=r"load rate above its leak .* = -6283.19: ask for 81681.4 rad/s or more"):
        leaking.flux_for(2 * np.pi * 12 * kHz, 5 * GHz)


@pytest.mark.parametrize(("line_length", "mode_frequency", "most"), [(0.78, 5.0, 16.2), (0.75, 5.53, 20.6)])
def test_the_load_coupler_opens_to_16_to_21_megahertz(line_length, mode_frequency, most):
    wide = LoadCoupler(ground=0.3 * nH, wire=0.1 * nH, junction=0.8 * nH, line_inductance=402 * nH * line_length / 2)
    assert wide.kappa(0.5, mode_frequency * GHz) / (2 * np.pi * MHz) == pytest.approx(most, abs=0.1)


@pytest.mark.parametrize(("mode_frequency", "most"), [(5.0, 7.4), (5.809, 9.9)])
def test_the_qubit_couplers_values_stop_at_7_to_10_megahertz(mode_frequency, most):
    narrow = LoadCoupler(ground=0.2 * nH, wire=0.1 * nH, junction=0.566 * nH, line_inductance=LINE)
    assert narrow.kappa(0.5, mode_frequency * GHz) / (2 * np.pi * MHz) == pytest.approx(most, abs=0.1)


def test_the_open_load_pulls_the_mode_down_by_13_megahertz():
    flux = load.flux_for(2 * np.pi * 13.4 * MHz, 5 * GHz)
    assert load.pull(flux, 5 * GHz) / MHz == pytest.approx(-13.0, abs=0.1)


@given(kappa=st.floats(0, 2 * np.pi * 16.2 * MHz))
def test_flux_for_inverts_kappa_on_the_side_that_opens_widest(kappa):
    flux = load.flux_for(kappa, 5 * GHz)
    assert load.closed_flux - 1e-12 <= flux <= 0.5
    assert load.kappa(flux, 5 * GHz) == pytest.approx(kappa, rel=1e-6, abs=1)


def test_a_load_rate_out_of_reach_is_refused_with_the_limit():
    with pytest.raises(ModelError, match=r"reaches 0 to 1\.01982e\+08 rad/s"):
        load.flux_for(2 * np.pi * 17 * MHz, 5 * GHz)


def test_a_negative_load_rate_is_refused():
    with pytest.raises(ModelError, match="not negative"):
        load.flux_for(-1.0, 5 * GHz)
