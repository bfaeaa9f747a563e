"""Fits of the resonator's flux curve and of the coupler's zero, on echoes made from their physics."""

from dataclasses import replace

import numpy as np
import pytest

from coldlink.analysis.coupler_search import Coupled, fit_coupler_zero
from coldlink.analysis.heated_echo import HeatedEcho
from coldlink.analysis.resonator_flux import fit_flux_curve
from coldlink.physics import FluxLine, InductiveCoupler, Resonator, Transmon
from coldlink.sequences.errors import FitRejected
from coldlink.sequences.units import GHz, MHz, nH

TRANSMON = Transmon(maximum_frequency=5.25 * GHz, asymmetry=0.2, anharmonicity=-210 * MHz)
LINE = FluxLine(bias=0.5, pulse=0.05)
RESONATOR = Resonator(
    bare_frequency=6.347 * GHz,
    coupling=65 * MHz,
    linewidth=2 * MHz,
    gain=1.0,
    phase=0.0,
    noise=0.0,
    delay=0.0,
    photons=50.0,
)
MODES = np.array([4.76, 4.9, 5.04, 5.18]) * GHz
COUPLER = InductiveCoupler(ground=0.2 * nH, wire=0.1 * nH, junction=0.566 * nH, qubit=11.1 * nH, line=89 * nH)
HEATED = HeatedEcho(resonator=RESONATOR, anharmonicity=-210 * MHz, modes=MODES, residual=0.02)
SIGMA = 1.2


def noisy(echo: np.ndarray, seed: int = 6):
    noise = np.random.default_rng(seed).standard_normal((2, echo.size)) * SIGMA
    return echo + noise[0] + 1j * noise[1], np.full(echo.size, SIGMA)


def level_echo(tone: float, qubit: np.ndarray, excited: np.ndarray) -> np.ndarray:
    """Of g and e alone, with the resonances of `Resonator`."""
    levels = np.array([RESONATOR.resonances(float(f), -210 * MHz, 2) for f in qubit])
    answers = 1 / (1 + 2j * (tone - levels) / RESONATOR.linewidth)
    return 95 * np.exp(0.4j) * ((1 - excited) * answers[:, 0] + excited * answers[:, 1])


VOLTS = np.linspace(-1.4, 1.4, 57)


def curve(offset: float, per_volt: float, maximum: float, hot: float):
    transmon = replace(TRANSMON, maximum_frequency=maximum)
    qubit = transmon.frequency(offset + per_volt * VOLTS)
    distance = np.min(np.abs(qubit[:, None] - MODES), axis=1)
    tone = float(RESONATOR.resonances(float(transmon.frequency(offset)), -210 * MHz, 1)[0])
    return tone, noisy(level_echo(tone, qubit, 0.02 + hot * np.exp(-distance / (40 * MHz))))


def fitted(tone: float, echo: np.ndarray, error: np.ndarray):
    return fit_flux_curve(VOLTS, echo, error, tone=tone, rest=0.0, line=LINE, transmon=TRANSMON, heated=HEATED)


@pytest.mark.parametrize("hot", [0.0, 0.25])
@pytest.mark.parametrize(("offset", "per_volt", "maximum"), [(-0.28, 0.48, 5.17 * GHz), (0.21, 0.52, 5.33 * GHz)])
def test_the_flux_curve_is_found_whether_the_line_heats_the_qubit_or_not(offset, per_volt, maximum, hot):
    tone, (echo, error) = curve(offset, per_volt, maximum, hot)
    fit = fitted(tone, echo, error)
    assert abs(fit.offset.value - offset) < 3 * fit.offset.error
    assert abs(fit.per_volt.value - per_volt) < 3 * fit.per_volt.error
    assert abs(fit.maximum_frequency.value - maximum) < 3 * fit.maximum_frequency.error
    assert abs(fit.bare_frequency.value - RESONATOR.bare_frequency) < 0.1 * MHz


@pytest.mark.parametrize("echo", [np.zeros(57, complex), np.full(57, 95 + 3j)])
def test_a_tone_that_does_not_see_the_qubit_is_refused(echo):
    with pytest.raises(FitRejected, match="moves by"):
        fitted(6.35 * GHz, *noisy(echo))


def test_echoes_that_are_not_finite_are_refused():
    tone, (echo, error) = curve(0.1, 0.5, 5.25 * GHz, 0.0)
    echo[2] = np.nan
    with pytest.raises(FitRejected, match="not finite"):
        fitted(tone, echo, error)


BIASES = np.linspace(0.0, 2.1, 61)
IDLE = 5.11 * GHz
BELIEVED = Coupled(coupler=COUPLER, line=LINE, heated=HEATED, qubit=IDLE, mode=5.04 * GHz)


def search(offset: float, per_volt: float, hot: float):
    g = COUPLER.g(offset + per_volt * BIASES, IDLE, 5.04 * GHz)
    ratio = hot * (g / (3 * MHz)) ** 2
    tone = float(RESONATOR.resonances(IDLE, -210 * MHz, 1)[0])
    qubit = IDLE + COUPLER.qubit_shift(g, IDLE, 5.04 * GHz)
    return tone, noisy(level_echo(tone, qubit, (0.02 + ratio) / (1 + 2 * ratio)))


@pytest.mark.parametrize(("offset", "per_volt"), [(-0.25, 0.49), (0.02, 0.51), (0.28, 0.52)])
def test_the_zero_is_found_where_a_pulse_up_increases_the_coupling(offset, per_volt):
    tone, (echo, error) = search(offset, per_volt, 0.3)
    fit = fit_coupler_zero(BIASES, echo, error, tone=tone, believed=BELIEVED)
    truth = (COUPLER.zero_flux - offset) / per_volt
    assert abs(fit.bias.value - truth) < 3 * fit.bias.error
    assert fit.bias.error < 0.02


def test_a_qubit_that_its_coupler_neither_heats_nor_moves_is_refused():
    with pytest.raises(FitRejected):
        fit_coupler_zero(BIASES, *noisy(np.full(61, 80 - 20j)), tone=6.3505 * GHz, believed=BELIEVED)
