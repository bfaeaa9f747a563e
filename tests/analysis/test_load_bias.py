"""Fit of the load's bias to echoes of a qubit that feels the line."""

from dataclasses import replace

import numpy as np
import pytest

from coldlink.analysis.load_bias import LoadLine, fit_load_bias
from coldlink.sequences.errors import FitRejected

from .resting_device import designed, noisy, resting_qubit

VOLTS = np.linspace(0.12, 1.92, 91)
QUBIT_FLUX = float(designed().device.qubits[0].transmon.flux(5.075e9))
KNOWN = LoadLine(
    qubit=resting_qubit(),
    qubit_flux=QUBIT_FLUX,
    coupler=-0.05,
    per_volt=0.5,
    open_flux=designed().open_flux,
)


def echoes(open_bias: float, per_volt: float, coupler: float = -0.047, seed: int = 3):
    device = designed().device
    quality = 1.1 * device.line.quality
    other = replace(device, line=replace(device.line, quality=quality, free_spectral_range=140.2e6))
    flux = KNOWN.open_flux + per_volt * (VOLTS - open_bias)
    zero = float(device.qubits[0].coupler.zero_flux)
    seen = KNOWN.qubit.excited(other, QUBIT_FLUX, zero + coupler, flux)
    return noisy(0.03 + 0.9 * seen, seed)


@pytest.mark.parametrize(("open_bias", "per_volt"), [(0.5, 0.48), (1.3, 0.52)])
def test_both_numbers_of_the_source_are_found_though_coupling_line_and_readout_are_others(open_bias, per_volt):
    fit = fit_load_bias(VOLTS, *echoes(open_bias, per_volt), KNOWN)
    assert abs(fit.open_bias.value - open_bias) < 3 * fit.open_bias.error < 6e-3
    assert abs(fit.per_volt.value - per_volt) < 3 * fit.per_volt.error < 0.05
    assert fit.chi2 < 1.5
    assert [trace.model.shape for trace in fit.traces] == [trace.fine_x.shape for trace in fit.traces]


def test_noise_is_refused():
    with pytest.raises(FitRejected, match="nowhere does the qubit decay"):
        fit_load_bias(VOLTS, *noisy(np.full((91, 2), 0.4)), KNOWN)


def test_a_qubit_without_contact_is_refused():
    with pytest.raises(FitRejected, match="nowhere does the qubit decay"):
        fit_load_bias(VOLTS, *echoes(1.0, 0.5, coupler=0.0), KNOWN)


def test_numbers_that_are_not_finite_are_refused():
    read, error = echoes(1.0, 0.5)
    read[4, 1] = np.nan
    with pytest.raises(FitRejected, match="not finite"):
        fit_load_bias(VOLTS, read, error, KNOWN)


def test_a_dip_at_the_edge_of_the_scan_is_refused():
    with pytest.raises(FitRejected, match="lies at the edge"):
        fit_load_bias(VOLTS, *echoes(0.12 - 0.016, 0.5), KNOWN)
