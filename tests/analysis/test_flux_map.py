"""Fits of a transmon's flux curve and of its pulse line on made-up frequencies."""

import numpy as np
import pytest

from coldlink.analysis.flux_map import fit_flux_map
from coldlink.analysis.flux_pulse import fit_full_scale
from coldlink.physics import FluxLine, Transmon
from coldlink.sequences.errors import FitRejected
from coldlink.sequences.units import GHz, MHz, kHz

BELIEVED = Transmon(maximum_frequency=5.25 * GHz, asymmetry=0.2, anharmonicity=-210 * MHz)
TRUE = Transmon(maximum_frequency=5.21 * GHz, asymmetry=0.2, anharmonicity=-210 * MHz)
KNOWN = {"transmon": BELIEVED, "displaced": 80 * kHz}
VOLTS = np.array([-0.76, -0.55, -0.26, 0.04, 0.16, 0.24])
ERROR = np.full(VOLTS.size, 20 * kHz)


def frequencies(offset: float, per_volt: float) -> np.ndarray:
    noise = np.random.default_rng(4).standard_normal(VOLTS.size) * 40 * kHz
    return TRUE.frequency(offset + per_volt * VOLTS) + noise


@pytest.mark.parametrize(("offset", "per_volt"), [(0.13, 0.52), (0.14, 0.49)])
def test_the_map_finds_the_curve_and_the_bias_of_the_idle_frequency(offset, per_volt):
    believed = FluxLine(bias=0.505, pulse=0.05, offset=0.132)
    fit = fit_flux_map(
        VOLTS,
        frequencies(offset, per_volt),
        ERROR,
        line=believed,
        transmon=BELIEVED,
        wanted=5.11 * GHz,
        displaced=80 * kHz,
    )
    assert abs(fit.offset.value - offset) < 3 * fit.offset.error
    assert abs(fit.per_volt.value - per_volt) < 3 * fit.per_volt.error
    assert abs(fit.maximum_frequency.value - 5.21 * GHz) < 3 * fit.maximum_frequency.error
    there = TRUE.frequency(offset + per_volt * fit.bias.value)
    assert abs(float(there) - 5.11 * GHz) < 3 * fit.frequency.error
    assert fit.frequency.error < 0.2 * MHz
    assert offset + per_volt * fit.bias.value > 0


def test_points_on_no_curve_are_refused():
    believed = FluxLine(bias=0.505, pulse=0.05, offset=0.132)
    wild = frequencies(0.13, 0.52) + np.array([3, -3, 3, -3, 3, -3]) * MHz
    with pytest.raises(FitRejected, match="chi"):
        fit_flux_map(VOLTS, wild, ERROR, line=believed, wanted=5.11 * GHz, **KNOWN)


def test_an_idle_frequency_above_the_maximum_is_refused():
    believed = FluxLine(bias=0.505, pulse=0.05, offset=0.132)
    with pytest.raises(FitRejected, match="lower idle frequency"):
        fit_flux_map(
            VOLTS,
            frequencies(0.13, 0.52),
            ERROR,
            line=believed,
            transmon=BELIEVED,
            wanted=5.24 * GHz,
            displaced=80 * kHz,
        )


AMPLITUDE = np.array([-0.8, -0.4, 0.4, 0.8])


@pytest.mark.parametrize("pulse", [0.0478, 0.0521])
def test_the_pulse_fit_finds_the_full_scale_to_a_part_in_300(pulse):
    read = TRUE.frequency(0.09 + pulse * AMPLITUDE) + np.random.default_rng(5).standard_normal(4) * 50 * kHz
    fit = fit_full_scale(AMPLITUDE, read, np.full(4, 20 * kHz), rest=0.09, pulse=0.05, transmon=TRUE)
    assert abs(fit.pulse.value - pulse) < 3 * fit.pulse.error
    assert fit.pulse.error < 0.003 * pulse


def test_pulses_that_move_the_qubit_otherwise_are_refused():
    read = TRUE.frequency(0.09 + 0.05 * AMPLITUDE) + np.array([2, -2, 2, -2]) * MHz
    with pytest.raises(FitRejected, match="chi"):
        fit_full_scale(AMPLITUDE, read, np.full(4, 20 * kHz), rest=0.09, pulse=0.05, transmon=TRUE)
