"""Flux filter: closed forms of its step, and an independent convolution of what it makes of a waveform."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.signal import fftconvolve

from coldlink.physics.flux_filter import FluxFilter, Tail
from coldlink.sequences.errors import ModelError

SPACING = 1 / 9.6e9
WIDTH = np.sqrt(np.log(2)) / (2 * np.pi * 250e6)
"""Standard deviation of a Gaussian low-pass of 250 MHz (s)."""


def padded(samples: np.ndarray, before: float = 4e-9, after: float = 4e-9) -> np.ndarray:
    return np.pad(samples, (round(before / SPACING), round(after / SPACING)))


def test_the_low_pass_takes_3_db_at_its_bandwidth():
    low = FluxFilter(bandwidth=250e6)
    time = np.linspace(-6e-9, 6e-9, 24001)
    impulse = np.gradient(low.step(time), time)
    power = [abs(np.trapezoid(impulse * np.exp(-2j * np.pi * f * time), time)) ** 2 for f in (1e3, 250e6)]
    assert power == pytest.approx([1.0, 0.5], rel=1e-5)


def test_long_after_a_step_its_tails_decay_as_the_cryoscope_has_them():
    late = np.array([5e-9, 20e-9, 100e-9, 1e-6])
    wanted = 1 - 0.02 * np.exp(-late / 30e-9) + 0.005 * np.exp(-late / 400e-9)
    tails = Tail(-0.02, 30e-9), Tail(0.005, 400e-9)
    assert FluxFilter(tails=tails).step(late) == pytest.approx(wanted, rel=1e-12)
    assert FluxFilter(bandwidth=250e6, tails=tails).step(late) == pytest.approx(wanted, rel=1e-5)


def test_a_bias_tee_lets_a_step_fall_at_its_corner():
    late = np.array([1e-6, 1e-5, 1e-4])
    assert FluxFilter(high_pass=10e3).step(late) == pytest.approx(np.exp(-2 * np.pi * 10e3 * late), rel=1e-12)


@pytest.mark.parametrize("time", [-1e-9, -0.2e-9, 0.0, 0.3e-9, 2e-9, 40e-9])
def test_a_step_is_the_gaussian_average_of_the_sharp_one(time):
    tails, corner = (Tail(0.02, 10e-9), Tail(-0.01, 300e-9)), 1e6
    sharp = FluxFilter(tails=tails, high_pass=corner)
    smooth = FluxFilter(tails=tails, high_pass=corner, bandwidth=250e6)

    def integrand(z):
        return float(sharp.step(time - z * WIDTH)) * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)

    (below, _), (above, _) = quad(integrand, -9, time / WIDTH), quad(integrand, time / WIDTH, 9)
    assert smooth.step(time) == pytest.approx(below + above if abs(time) < 9 * WIDTH else below, abs=1e-7)


@given(
    heights=st.lists(st.floats(-1, 1), min_size=3, max_size=12),
    amplitude=st.floats(-0.05, 0.05),
    tau=st.floats(5e-9, 1e-6),
    bandwidth=st.sampled_from([100e6, 250e6, 800e6]),
)
def test_a_waveform_arrives_as_an_oversampled_convolution_has_it(heights, amplitude, tau, bandwidth):
    fine, hold = 16, 20
    samples = padded(np.repeat(heights, hold), 10e-9, 20e-9)
    answer, _ = FluxFilter(bandwidth=bandwidth, tails=(Tail(amplitude, tau),)).follow(samples, SPACING)
    step = SPACING / fine
    count = round(8e-9 / step)
    width = np.sqrt(np.log(2)) / (2 * np.pi * bandwidth)
    edges = (np.arange(-count, count + 2) - 0.5) * step
    bell = np.exp(-(((edges[:-1] + edges[1:]) / 2 / width) ** 2) / 2)
    played = np.repeat(samples, fine)
    slow = np.concatenate([[1 + amplitude], amplitude * np.diff(np.exp(-np.arange(played.size) * step / tau))])
    low = fftconvolve(fftconvolve(played, slow)[: played.size], bell / bell.sum())[count : count + played.size]
    whole = slice(None, -round(8e-9 / SPACING) - 1)
    assert answer[whole] == pytest.approx(low.reshape(-1, fine).mean(axis=1)[whole], abs=2e-4)


def test_what_decays_after_a_pulse_goes_on_as_the_step_says():
    low = FluxFilter(bandwidth=250e6, tails=(Tail(0.01, 20e-9), Tail(-0.004, 500e-9)))
    samples = padded(np.full(400, 0.7))
    answer, after = low.follow(samples, SPACING)
    late = np.array([0.0, 10e-9, 300e-9])
    fallen = round(4e-9 / SPACING) * SPACING + late
    wanted = 0.7 * (low.step(fallen + 400 * SPACING) - low.step(fallen))
    assert sum(value * np.exp(-late / tau) for value, tau in after) == pytest.approx(wanted, abs=1e-8)
    area = np.sum(answer) * SPACING + sum(value * tau for value, tau in after)
    assert area == pytest.approx(0.7 * 400 * SPACING, rel=1e-9)


def test_the_tails_are_below_the_limit_when_they_are_called_over():
    low = FluxFilter(tails=(Tail(0.02, 50e-9), Tail(-0.001, 1e-6)))
    lasting = low.lasting(0.3, 1e-6)
    assert lasting == pytest.approx(1e-6 * np.log(0.3e-3 / 1e-6))
    assert FluxFilter().lasting(1.0, 1e-6) == 0.0


def test_what_is_ideal_changes_nothing():
    samples = padded(np.linspace(0, 1, 50))
    answer, after = FluxFilter(delay=3e-9).follow(samples, SPACING)
    assert FluxFilter(delay=3e-9).ideal
    assert answer == pytest.approx(samples, abs=1e-12)
    assert after == []


@pytest.mark.parametrize(
    ("build", "named"),
    [
        (lambda: Tail(1.0, 1e-8), "amplitude"),
        (lambda: Tail(0.1, 0.0), "time constant"),
        (lambda: FluxFilter(bandwidth=0.0), "bandwidth"),
        (lambda: FluxFilter(high_pass=-1.0), "high-pass"),
        (lambda: FluxFilter(bandwidth=250e6, tails=(Tail(0.1, 1e-10),)), "low-pass"),
    ],
)
def test_a_filter_that_cannot_be_is_refused_by_name(build, named):
    with pytest.raises(ModelError, match=named):
        build()
