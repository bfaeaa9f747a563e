"""Relaxation fits on echoes of a rate equation of three levels, integrated step by step."""

import numpy as np
import pytest

from coldlink.analysis.relaxation import fit_relaxation
from coldlink.sequences.errors import FitRejected

WAITS = np.linspace(0, 52e-6, 25)
ERROR = np.full(25, 0.7)


def excited(t1: float, p: float) -> np.ndarray:
    """1 - P_g after g and e of a thermal qubit were exchanged."""
    ratio = p / (1 - p)
    thermal = np.array([1, ratio, ratio**2]) / (1 + ratio + ratio**2)
    state, step, found = thermal[[1, 0, 2]], t1 / 4000, []
    now = 0.0
    for wait in WAITS:
        while now < wait - step / 2:
            g, e, f = state
            up, higher, down, lower = p * g, 2 * p * e, (1 - p) * e, 2 * (1 - p) * f
            state = state + step / t1 * np.array([down - up, up - down - higher + lower, higher - lower])
            now += step
        found.append(1 - state[0])
    return np.array(found)


def echoes(generator: np.random.Generator, t1: float, p: float = 0.02, height: float = 45.0) -> np.ndarray:
    return height * excited(t1, p) - 20 + ERROR * generator.standard_normal(25)


@pytest.mark.parametrize("t1", [9e-6, 15e-6, 21e-6])
def test_t1_is_found_with_what_returns_from_the_third_level(generator, t1):
    found = fit_relaxation(WAITS, echoes(generator, t1, height=900.0), ERROR, 0.02).t1
    assert abs(found.value - t1) < 4 * found.error
    assert found.error < 0.004 * t1


def test_errors_of_t1_are_its_scatter(generator):
    clean = 45.0 * excited(15e-6, 0.02)
    fits = [fit_relaxation(WAITS, clean + ERROR * generator.standard_normal(25), ERROR, 0.02).t1 for _ in range(60)]
    assert np.std([(fit.value - 15e-6) / fit.error for fit in fits]) == pytest.approx(1, abs=0.3)


def test_noise_alone_is_rejected(generator):
    for _ in range(20):
        with pytest.raises(FitRejected):
            fit_relaxation(WAITS, ERROR * generator.standard_normal(25), ERROR, 0.02)


def test_a_lifetime_longer_than_the_waits_can_tell_is_rejected(generator):
    with pytest.raises(FitRejected):
        fit_relaxation(WAITS, echoes(generator, 2e-3), ERROR, 0.02)


def test_numbers_that_are_none_are_rejected(generator):
    with pytest.raises(FitRejected):
        fit_relaxation(WAITS, echoes(generator, 15e-6) * np.nan, ERROR, 0.02)
