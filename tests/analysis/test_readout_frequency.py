"""Readout frequency fits on synthetic resonances."""

import numpy as np
import pytest

from coldlink.analysis.readout_frequency import fit_readout_frequency
from coldlink.sequences.errors import FitRejected

FREQUENCIES = 6.35e9 + np.linspace(-4e6, 4e6, 17)
ERROR = np.full((17, 2), 1.1)
MIXING = np.array([[0.97, 0.16], [0.03, 0.84]])


def echoes(middle: float, shift: float, delay: float = 40e-9, phase: float = 0.0) -> np.ndarray:
    answers = 1 / (1 + 1j * (FREQUENCIES[:, None] - middle - np.array([0.5, -0.5]) * shift) / 1e6)
    turned = 95 * np.exp(1j * phase - 2j * np.pi * FREQUENCIES * delay)
    return turned[:, None] * (answers @ MIXING)


def noisy(generator: np.random.Generator, clean: np.ndarray) -> np.ndarray:
    return clean + ERROR * (generator.standard_normal((17, 2)) + 1j * generator.standard_normal((17, 2)))


@pytest.mark.parametrize("phase", np.arange(0, 2 * np.pi, 1.0))
@pytest.mark.parametrize("delay", [-150e-9, 0.0, 93e-9, 300e-9])
def test_the_middle_of_both_resonances_is_found(generator, phase, delay):
    middle = 6.35e9 + 1.4e6 * np.cos(3 * phase)
    fit = fit_readout_frequency(FREQUENCIES, noisy(generator, echoes(middle, 1e6, delay, phase)), ERROR, MIXING)
    for found, true in ((fit.frequency, middle), (fit.shift, 1e6), (fit.linewidth, 2e6)):
        assert abs(found.value - true) < 4.5 * found.error
    assert fit.frequency.error < 50e3


def test_a_qubit_above_its_resonator_shifts_it_the_other_way(generator):
    fit = fit_readout_frequency(FREQUENCIES, noisy(generator, echoes(6.3495e9, -0.8e6)), ERROR, MIXING)
    assert abs(fit.shift.value + 0.8e6) < 4 * fit.shift.error
    assert abs(fit.frequency.value - 6.3495e9) < 4 * fit.frequency.error


def test_states_that_read_alike_are_rejected(generator):
    with pytest.raises(FitRejected):
        fit_readout_frequency(FREQUENCIES, noisy(generator, echoes(6.35e9, 0.0)), ERROR, MIXING)


def test_noise_alone_is_rejected(generator):
    for _ in range(10):
        with pytest.raises(FitRejected):
            fit_readout_frequency(FREQUENCIES, noisy(generator, np.zeros((17, 2), complex)), ERROR, MIXING)


def test_numbers_that_are_none_are_rejected():
    with pytest.raises(FitRejected):
        fit_readout_frequency(FREQUENCIES, np.full((17, 2), np.nan + 0j), ERROR, MIXING)
