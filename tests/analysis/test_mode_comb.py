"""Fit of a mode's place to how hot a resting qubit is."""

from dataclasses import replace

import numpy as np
import pytest

from coldlink.analysis.mode_comb import CombLine, comb_of, fit_mode
from coldlink.sequences.errors import FitRejected

from .resting_device import designed, noisy, resting_qubit

DEVICE = designed().device
QUBIT = DEVICE.qubits[0]
CLOSED = float(DEVICE.load.closed_flux)
KNOWN = CombLine(qubit=resting_qubit(0.0), coupler=-0.012, load_flux=CLOSED, systematic=0.05e6)
AWAY = np.linspace(-22e6, 22e6, 45)


def echoes(number: int, mode: float, residual: float = 0.0, contact: float = 1.0):
    """`residual`: Of the coupler (Phi0) while the qubit's frequencies were measured."""
    line = replace(DEVICE.line, free_spectral_range=mode / number)
    places = 140e6 * number + AWAY
    zero = float(QUBIT.coupler.zero_flux)
    shift = float(QUBIT.coupler.qubit_shift(QUBIT.coupler.g(zero + residual, mode, mode), mode, mode))
    flux = QUBIT.transmon.flux(places - shift)
    coupler = zero + contact * (residual - 0.012)
    seen = KNOWN.qubit.excited(replace(DEVICE, line=line), flux, coupler, CLOSED)[:, 0]
    return places, *noisy(0.05 + 0.85 * seen)


@pytest.mark.parametrize("residual", [0.0, 3e-3, -3e-3])
def test_a_mode_is_found_even_with_a_coupler_that_was_not_at_its_zero(residual):
    fit = fit_mode(36, *echoes(36, 5.046e9, residual), KNOWN)
    assert abs(fit.frequency.value - 5.046e9) < 3 * fit.frequency.error < 0.9e6
    assert fit.chi2 < 1.6


def test_two_modes_make_a_comb():
    modes = tuple(fit_mode(number, *echoes(number, 140.2e6 * number), KNOWN) for number in (36, 35))
    comb = comb_of(modes, 36, 4e6)
    assert abs(comb.free_spectral_range.value - 140.2e6) < 3 * comb.free_spectral_range.error < 30e3
    assert comb.mode_frequency == modes[0].frequency
    assert len(comb.traces) == 2


def test_modes_that_are_no_comb_are_refused():
    modes = (fit_mode(36, *echoes(36, 5.046e9), KNOWN), fit_mode(35, *echoes(35, 4.885e9), KNOWN))
    with pytest.raises(FitRejected, match="number 35 lies"):
        comb_of(modes, 36, 4e6)


def test_noise_is_refused():
    with pytest.raises(FitRejected, match="equally hot everywhere"):
        fit_mode(36, 5.04e9 + AWAY, *noisy(np.full(45, 0.1)), KNOWN)


def test_a_qubit_without_contact_is_refused():
    with pytest.raises(FitRejected, match="equally hot everywhere"):
        fit_mode(36, *echoes(36, 5.046e9, contact=0.0), KNOWN)


def test_numbers_that_are_not_finite_are_refused():
    places, read, error = echoes(36, 5.046e9)
    read[3] = np.inf
    with pytest.raises(FitRejected, match="not finite"):
        fit_mode(36, places, read, error, KNOWN)


def test_a_mode_at_the_edge_of_the_scan_is_refused():
    with pytest.raises(FitRejected, match="lies at the edge"):
        fit_mode(36, *echoes(36, 5.063e9), KNOWN)
