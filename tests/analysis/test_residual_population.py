"""Residual population fits on synthetic e-f oscillations."""

import numpy as np
import pytest

from coldlink.analysis.residual_population import fit_residual_population, second_angle
from coldlink.sequences.errors import FitRejected

AMPLITUDES = 0.08 * np.arange(4.0)
ERROR = np.full((5, 4), 0.14)


def echoes(p: float, swing: float = 60.0) -> np.ndarray:
    ratio = p / (1 - p)
    thermal = np.array([1, ratio, ratio**2]) / (1 + ratio + ratio**2)
    moved = (1 - np.exp(-AMPLITUDES / 4) * np.cos(np.pi * 0.97 * AMPLITUDES / 0.08)) / 2
    excited, resting = (swing * (thermal[level] - thermal[2]) * moved for level in (0, 1))
    return np.stack([excited - 9, *[resting + 4] * 4])


@pytest.mark.parametrize("p", [0.0005, 0.005, 0.02, 0.1])
def test_the_population_is_found(generator, p):
    found = fit_residual_population(AMPLITUDES, echoes(p) + ERROR * generator.standard_normal((5, 4)), ERROR)
    assert abs(found.population.value - p) < 4 * found.population.error
    assert found.population.error < 0.003


def test_the_fraction_is_the_population_of_a_ladder_of_three_levels():
    assert fit_residual_population(AMPLITUDES, echoes(0.1), ERROR).population.value == pytest.approx(0.1, abs=1e-6)


def test_what_the_last_shot_left_behind_is_no_population():
    read = echoes(0.02)
    read[1:] += 0.001 * (read[0] - read[0, 0])
    left = fit_residual_population(AMPLITUDES, read, ERROR, kept=0.001).population.value
    assert left == pytest.approx(0.02, abs=1e-5)


def test_errors_are_the_scatter():
    pulls, generator = [], np.random.default_rng(3)
    for _ in range(40):
        fit = fit_residual_population(AMPLITUDES, echoes(0.02) + ERROR * generator.standard_normal((5, 4)), ERROR)
        pulls.append((fit.population.value - 0.02) / fit.population.error)
    assert 0.65 < np.std(pulls) < 1.3


def test_noise_alone_is_rejected(generator):
    for _ in range(20):
        with pytest.raises(FitRejected):
            fit_residual_population(AMPLITUDES, ERROR * generator.standard_normal((5, 4)), ERROR)


def test_two_oscillations_that_are_not_alike_are_rejected():
    read = echoes(0.02)
    read[3] += np.array([1, -1, 1, -1])
    with pytest.raises(FitRejected, match="chi"):
        fit_residual_population(AMPLITUDES, read, ERROR)


def test_a_population_below_zero_is_rejected():
    read = echoes(0.02)
    read[1:] = 8 - read[1:]
    with pytest.raises(FitRejected, match="negative"):
        fit_residual_population(AMPLITUDES, read, ERROR)


def test_the_line_from_g_to_f_is_that_of_the_swing_after_a_pi_pulse():
    assert second_angle(echoes(0.02) * np.exp(0.7j)) == pytest.approx(0.7)
