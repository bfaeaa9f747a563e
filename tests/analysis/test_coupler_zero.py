"""Fit of a coupler's zero to what is left of e."""

import numpy as np
import pytest

from coldlink.analysis.coupler_zero import CouplerLine, fit_coupler_zero
from coldlink.sequences.errors import FitRejected

from .resting_device import designed, noisy, resting_qubit

DEVICE = designed().device
MODE = DEVICE.mode_frequency + float(DEVICE.load.pull(0.5, DEVICE.mode_frequency))
KNOWN = CouplerLine(
    qubit=resting_qubit(),
    qubit_flux=float(DEVICE.qubits[0].transmon.flux(MODE)),
    load_flux=0.5,
    per_volt=0.5,
    systematic=1e-5,
)
VOLTS = 0.78 + np.linspace(-0.032, 0.032, 25)


def echoes(zero_bias: float, seed: int):
    zero = float(DEVICE.qubits[0].coupler.zero_flux)
    seen = KNOWN.qubit.excited(DEVICE, KNOWN.qubit_flux, zero + 0.52 * (VOLTS - zero_bias), 0.5)
    return noisy(0.02 + 0.93 * seen, seed)


def test_the_zero_is_found_within_its_error_in_most_of_many_trials():
    fits = [fit_coupler_zero(VOLTS, *echoes(0.783, seed), KNOWN) for seed in range(12)]
    pulls = [(fit.zero_bias.value - 0.783) / fit.zero_bias.error for fit in fits]
    assert sum(abs(pull) < 1 for pull in pulls) >= 5
    assert max(map(abs, pulls)) < 4
    assert all(fit.zero_bias.error < 3e-4 for fit in fits)


def test_noise_is_refused():
    with pytest.raises(FitRejected, match="at every bias alike"):
        fit_coupler_zero(VOLTS, *noisy(np.full((25, 2), 0.4)), KNOWN)


def test_numbers_that_are_not_finite_are_refused():
    read, error = echoes(0.78, 1)
    read[0, 0] = np.nan
    with pytest.raises(FitRejected, match="not finite"):
        fit_coupler_zero(VOLTS, read, error, KNOWN)


def test_a_peak_at_the_edge_of_the_scan_is_refused():
    with pytest.raises(FitRejected, match="lies at the edge"):
        fit_coupler_zero(VOLTS, *echoes(0.747, 1), KNOWN)
