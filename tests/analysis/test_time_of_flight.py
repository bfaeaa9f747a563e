"""The time of flight's fit on made-up echoes."""

import numpy as np
import pytest

from coldlink.analysis.time_of_flight import fit_flight
from coldlink.sequences.errors import FitRejected
from coldlink.sequences.units import ns

OPENED = np.arange(56) * 9.3 * ns
TONE, WINDOW = 300 * ns, 104 * ns


def echoes(delay: float, height: float = 70.0, sigma: float = 5.0):
    """By counting: the part of 2000 instants of each window in which the echo is there."""
    instants = OPENED[:, None] + (np.arange(2000) + 0.5) / 2000 * WINDOW
    share = ((instants >= delay) & (instants < delay + TONE)).mean(axis=1)
    noise = np.random.default_rng(2).standard_normal((2, OPENED.size)) * sigma
    return height * np.exp(0.7j) * share + noise[0] + 1j * noise[1], np.full(OPENED.size, sigma)


@pytest.mark.parametrize("delay", [0.0, 41 * ns, 93 * ns, 200 * ns])
def test_the_fit_finds_the_delay_within_its_error_below_5_ns(delay):
    fit = fit_flight(OPENED, *echoes(delay), tone=TONE, window=WINDOW)
    assert abs(fit.delay.value - delay) < 3.5 * fit.delay.error
    assert fit.delay.error < 5 * ns


@pytest.mark.parametrize("delay", [93 * ns, 900 * ns])
def test_noise_is_refused(delay):
    with pytest.raises(FitRejected, match="standard errors"):
        fit_flight(OPENED, *echoes(delay, height=0.0 if delay < 500 * ns else 70.0), tone=TONE, window=WINDOW)


def test_echoes_that_are_not_finite_are_refused():
    echo, error = echoes(93 * ns)
    with pytest.raises(FitRejected, match="not finite"):
        fit_flight(OPENED, echo * np.nan, error, tone=TONE, window=WINDOW)
