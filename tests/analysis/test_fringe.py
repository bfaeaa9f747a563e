"""Fringes of a known phase, and noise without one."""

import numpy as np
import pytest

from coldlink.analysis.fringe import fit_fringe
from coldlink.sequences.errors import FitRejected

PHASES = np.arange(8) * np.pi / 4


def noisy(phase, contrast, seed, error=0.01):
    noise = np.random.default_rng(seed).normal(0, error, 8)
    return 0.5 + contrast * np.cos(PHASES - phase) + noise, np.full(8, error)


@pytest.mark.parametrize("phase", [-3.1, -0.4, 2.0])
def test_the_phase_is_found_within_its_error(phase):
    pulls = []
    for seed in range(40):
        found = fit_fringe(PHASES, *noisy(phase, 0.2, seed), "fringe", "read")
        pulls.append(np.angle(np.exp(1j * (found.phase.value - phase))) / found.phase.error)
    assert 0.6 < np.std(pulls) < 1.3
    assert np.max(np.abs(pulls)) < 4


def test_the_contrast_is_positive_and_its_trace_follows_the_points():
    found = fit_fringe(PHASES, *noisy(1.0, 0.2, 0), "fringe", "read")
    assert found.contrast.value == pytest.approx(0.2, abs=0.02)
    (trace,) = found.traces
    assert np.max(np.abs(np.interp(trace.x, trace.fine_x, trace.model) - trace.read)) < 0.04


def test_noise_has_no_phase():
    refused = 0
    for seed in range(20):
        try:
            fit_fringe(PHASES, *noisy(0.0, 0.0, seed), "fringe", "read")
        except FitRejected:
            refused += 1
    assert refused == 20


def test_numbers_that_are_not_finite_are_refused():
    read, error = noisy(0.0, 0.2, 0)
    read[3] = np.nan
    with pytest.raises(FitRejected):
        fit_fringe(PHASES, read, error, "fringe", "read")
