"""Preparation error fits on synthetic pulse trains."""

import numpy as np
import pytest

from coldlink.analysis.preparation_error import fit_preparation_error
from coldlink.sequences.errors import FitRejected

COUNTS = np.array([0, 1, 2, 3, 8, 9, 14, 15, 20, 21, 26, 27, 32, 33, 38, 39], float)
ERROR = np.full(16, 0.4)


def echoes(left: float, swing: float = 22.0) -> np.ndarray:
    return 6 + swing * np.where(COUNTS % 2, -1, 1) * (1 - 2 * left) ** COUNTS


@pytest.mark.parametrize("left", [0.0, 0.001, 0.005, 0.03])
@pytest.mark.parametrize("swing", [22.0, -22.0])
def test_what_one_pulse_leaves_behind_is_found(generator, left, swing):
    read = echoes(left, swing) + ERROR * generator.standard_normal(16)
    found = fit_preparation_error(COUNTS, read, ERROR).preparation_error
    assert abs(found.value - left) < 4 * found.error
    assert found.error < 2e-3


def test_errors_are_the_scatter(generator):
    pulls = []
    for _ in range(60):
        found = fit_preparation_error(COUNTS, echoes(0.004) + ERROR * generator.standard_normal(16), ERROR)
        pulls.append((found.preparation_error.value - 0.004) / found.preparation_error.error)
    assert 0.65 < np.std(pulls) < 1.3


def test_noise_alone_is_rejected(generator):
    for _ in range(20):
        with pytest.raises(FitRejected):
            fit_preparation_error(COUNTS, ERROR * generator.standard_normal(16), ERROR)


def test_an_angle_that_adds_up_is_rejected():
    with pytest.raises(FitRejected):
        fit_preparation_error(COUNTS, echoes(0.004) * np.cos(0.06 * COUNTS), ERROR)


def test_numbers_that_are_none_are_rejected():
    with pytest.raises(FitRejected):
        fit_preparation_error(COUNTS, echoes(0.004) * np.nan, ERROR)
