"""Rabi fits on synthetic echoes."""

import numpy as np
import pytest

from coldlink.analysis.rabi import fit_rabi
from coldlink.sequences.errors import FitRejected

AMPLITUDES = np.linspace(0, 0.4, 41)
ERROR = np.full(41, 0.8)


def echoes(generator: np.random.Generator, pi: float, swing: float = 30.0) -> np.ndarray:
    return 5 + swing * np.cos(np.pi * 3 * AMPLITUDES / pi) + ERROR * generator.standard_normal(41)


@pytest.mark.parametrize("pi", [0.17, 0.24, 0.33])
@pytest.mark.parametrize("swing", [30.0, -30.0])
def test_the_amplitude_of_half_a_turn_is_found(generator, pi, swing):
    found = fit_rabi(AMPLITUDES, echoes(generator, pi, swing), ERROR, 3).pi_amplitude
    assert abs(found.value - pi) < 4 * found.error
    assert found.error < 0.01 * pi


def test_errors_are_the_scatter_and_what_the_third_level_may_do(generator):
    fits = [fit_rabi(AMPLITUDES, echoes(generator, 0.24, 10.0), ERROR, 3).pi_amplitude for _ in range(40)]
    scatter = np.std([fit.value for fit in fits])
    assert np.median([fit.error for fit in fits]) == pytest.approx(np.hypot(scatter, 0.0015 * 0.24), rel=0.3)


def test_noise_alone_is_rejected(generator):
    for _ in range(20):
        with pytest.raises(FitRejected):
            fit_rabi(AMPLITUDES, echoes(generator, 0.24, 0.0), ERROR, 3)


def test_half_an_oscillation_is_rejected(generator):
    with pytest.raises(FitRejected):
        fit_rabi(AMPLITUDES, echoes(generator, 1.5), ERROR, 3)


def test_numbers_that_are_none_are_rejected(generator):
    read = echoes(generator, 0.24)
    read[3] = np.nan
    with pytest.raises(FitRejected):
        fit_rabi(AMPLITUDES, read, ERROR, 3)


def test_the_figure_shows_what_was_read_and_the_model(generator):
    fit = fit_rabi(AMPLITUDES, echoes(generator, 0.24), ERROR, 3)
    (trace,) = fit.traces
    assert trace.x.shape == trace.read.shape == trace.error.shape
    assert np.abs(np.interp(trace.x, trace.fine_x, trace.model) - trace.read).max() < 5
