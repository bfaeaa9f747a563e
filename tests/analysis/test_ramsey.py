"""Ramsey fits on synthetic fringes."""

from dataclasses import replace

import numpy as np
import pytest

from coldlink.analysis.ramsey import Free, fit_ramsey
from coldlink.sequences.errors import FitRejected

WAITS = 6e-6 * np.linspace(0, 1, 61) ** 2
ERROR = np.full(61, 0.8)
FREE = Free(carrier=5.112e9, highest=4e6, t1=15e-6, residual=0.02, spread=10e3)


def fringes(detuning: float, t_phi: float, spread: float = 10e3, swing: float = 22.0) -> np.ndarray:
    fading = np.exp(-WAITS * (0.5 * 1.04 / 15e-6 + 1 / t_phi) - (2 * np.pi * spread * WAITS) ** 2 / 2)
    return 3 + swing * fading * np.cos(2 * np.pi * detuning * WAITS + 0.4)


@pytest.mark.parametrize("detuning", [1.1e6, 2e6, 2.9e6])
@pytest.mark.parametrize("t_phi", [1.8e-6, 3e-6, 5e-6])
def test_frequency_and_white_dephasing_are_found(generator, detuning, t_phi):
    read = fringes(detuning, t_phi) + ERROR * generator.standard_normal(61)
    fit = fit_ramsey(WAITS, read, ERROR, FREE)
    assert abs(fit.frequency.value - (5.112e9 - detuning)) < 4 * fit.frequency.error
    assert abs(fit.t_phi.value - t_phi) < 4 * fit.t_phi.error
    assert fit.frequency.error < 10e3


def test_slow_noise_is_not_taken_for_white(generator):
    read = fringes(2e6, 5e-6, spread=60e3) + ERROR * generator.standard_normal(61)
    known, unknown = (fit_ramsey(WAITS, read, ERROR, replace(FREE, spread=spread)).t_phi for spread in (60e3, 0.0))
    assert abs(known.value - 5e-6) < 4 * known.error
    assert unknown.value < 4e-6


def test_errors_are_the_scatter(generator):
    fits = [
        fit_ramsey(WAITS, fringes(2e6, 3e-6) + ERROR * generator.standard_normal(61), ERROR, FREE) for _ in range(30)
    ]
    for pulls in (
        [(fit.frequency.value - 5.110e9) / fit.frequency.error for fit in fits],
        [(fit.t_phi.value - 3e-6) / fit.t_phi.error for fit in fits],
    ):
        assert 0.6 < np.std(pulls) < 1.4


def test_noise_alone_is_rejected(generator):
    for _ in range(5):
        with pytest.raises(FitRejected):
            fit_ramsey(WAITS, ERROR * generator.standard_normal(61), ERROR, FREE)


def test_fringes_that_last_longer_than_t1_lets_them_are_rejected(generator):
    read = fringes(2e6, np.inf, spread=0.0) + ERROR * generator.standard_normal(61)
    with pytest.raises(FitRejected, match="dephasing"):
        fit_ramsey(WAITS, read, ERROR, replace(FREE, t1=2e-6))


def test_numbers_that_are_none_are_rejected():
    with pytest.raises(FitRejected):
        fit_ramsey(WAITS, np.full(61, np.nan), ERROR, FREE)
