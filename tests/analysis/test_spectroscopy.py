"""The spectroscopic line's fit on spectra made by another solver."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from coldlink.analysis.spectroscopy import Drive, excited, fit_line
from coldlink.sequences.errors import FitRejected
from coldlink.sequences.units import GHz, MHz, us

DRIVE = Drive(rabi=0.5 * MHz, duration=1 * us, t1=15 * us, t2=2.7 * us)
FREQUENCY = 5.11 * GHz + np.linspace(-10, 10, 41) * MHz


def by_integration(detuning: float, rabi: float) -> float:
    """Population of a driven, damped two-level system, its master equation integrated step by step (1/us)."""
    lower = np.array([[0, 1], [0, 0]], complex)
    number = lower.conj().T @ lower
    hamiltonian = 2 * np.pi * (detuning * number + rabi / 2 * (lower + lower.conj().T))
    decay, dephasing = 1 / 15, 2 * (1 / 2.7 - 1 / 30)
    jumps = [np.sqrt(decay) * lower, np.sqrt(dephasing) * number]

    def rate(_, rho):
        rho = rho.reshape(2, 2)
        total = -1j * (hamiltonian @ rho - rho @ hamiltonian)
        for jump in jumps:
            square = jump.conj().T @ jump
            total += jump @ rho @ jump.conj().T - (square @ rho + rho @ square) / 2
        return total.ravel()

    ground = np.array([1, 0, 0, 0], complex)
    return float(solve_ivp(rate, (0, 1.0), ground, rtol=1e-8, atol=1e-10).y[3, -1].real)


def spectrum(centre: float, height: float = -60.0, rabi: float = 0.45, sigma: float = 1.7):
    population = excited((FREQUENCY - centre) / MHz, rabi, DRIVE)
    noise = np.random.default_rng(3).standard_normal(FREQUENCY.size) * sigma
    return 4.0 + height * population + noise, np.full(FREQUENCY.size, sigma)


@pytest.mark.parametrize("detuning", [0.0, 0.4, -1.7])
def test_the_model_solves_the_master_equation(detuning):
    assert excited(np.array([detuning]), 0.5, DRIVE)[0] == pytest.approx(by_integration(detuning, 0.5), abs=1e-5)


@pytest.mark.parametrize("height", [-60.0, 60.0])
@pytest.mark.parametrize("offset", [-6.1 * MHz, 0.23 * MHz])
def test_the_fit_finds_the_line_to_50_khz_whatever_its_sign(height, offset):
    fit = fit_line(FREQUENCY, *spectrum(5.11 * GHz + offset, height), DRIVE)
    assert abs(fit.frequency.value - 5.11 * GHz - offset) < 3.5 * fit.frequency.error
    assert fit.frequency.error < 0.05 * MHz


def test_noise_is_refused():
    with pytest.raises(FitRejected):
        fit_line(FREQUENCY, *spectrum(5.11 * GHz, height=0.0), DRIVE)


def test_a_line_at_the_edge_is_refused():
    with pytest.raises(FitRejected):
        fit_line(FREQUENCY, *spectrum(5.1199 * GHz), DRIVE)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_data_that_are_not_finite_are_refused(value):
    read, error = spectrum(5.11 * GHz)
    read[7] = value
    with pytest.raises(FitRejected, match="not finite"):
        fit_line(FREQUENCY, read, error, DRIVE)


def test_an_echo_without_contrast_is_refused():
    with pytest.raises(FitRejected):
        fit_line(FREQUENCY, np.full(FREQUENCY.size, 4.0), np.full(FREQUENCY.size, 1.7), DRIVE)
