"""The readout resonator's fit on made-up echoes."""

import numpy as np
import pytest

from coldlink.analysis.resonator import fit_resonance
from coldlink.sequences.errors import FitRejected
from coldlink.sequences.units import GHz, MHz, ns

FREQUENCY = 6.35 * GHz + np.linspace(-15, 15, 61) * MHz
SHIFT = 1 * MHz


def echoes(centre: float, excited: float = 0.0, height: float = 100.0, sigma: float = 1.5, seed: int = 1):
    rng = np.random.default_rng(seed)
    answers = [1 / (1 + 2j * (FREQUENCY - centre + level * SHIFT) / (2 * MHz)) for level in range(2)]
    clean = height * np.exp(1.1j - 2j * np.pi * FREQUENCY * 130 * ns) * (np.array([1 - excited, excited]) @ answers)
    noise = rng.standard_normal((2, FREQUENCY.size)) * sigma
    return clean + noise[0] + 1j * noise[1], np.full(FREQUENCY.size, sigma)


@pytest.mark.parametrize("centre", [6.3412 * GHz, 6.3569 * GHz])
def test_the_fit_finds_frequency_and_linewidth_behind_an_unknown_delay(centre):
    fit = fit_resonance(FREQUENCY, *echoes(centre), linewidth=2 * MHz, shift=SHIFT)
    assert abs(fit.frequency.value - centre) < 4 * fit.frequency.error
    assert fit.frequency.error < 0.1 * MHz
    assert abs(fit.linewidth.value - 2 * MHz) < 4 * fit.linewidth.error


def test_a_hot_qubit_does_not_shift_what_is_found_by_more_than_the_error():
    fit = fit_resonance(FREQUENCY, *echoes(6.35 * GHz, excited=0.3), linewidth=2 * MHz, shift=SHIFT)
    assert abs(fit.frequency.value - 6.35 * GHz) < 3 * fit.frequency.error
    assert fit.frequency.error < 0.5 * MHz


@pytest.mark.parametrize("height", [0.0, 3.0])
def test_noise_is_refused(height):
    with pytest.raises(FitRejected, match="standard errors"):
        fit_resonance(FREQUENCY, *echoes(6.35 * GHz, height=height), linewidth=2 * MHz, shift=SHIFT)


def test_a_resonance_outside_of_the_scan_is_refused():
    with pytest.raises(FitRejected):
        fit_resonance(FREQUENCY, *echoes(6.3662 * GHz), linewidth=2 * MHz, shift=SHIFT)


def test_echoes_that_are_not_finite_are_refused():
    echo, error = echoes(6.35 * GHz)
    echo[3] = np.nan
    with pytest.raises(FitRejected, match="not finite"):
        fit_resonance(FREQUENCY, echo, error, linewidth=2 * MHz, shift=SHIFT)
