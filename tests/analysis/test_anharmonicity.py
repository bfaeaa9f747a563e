"""Anharmonicity fits on lines that an ODE integrator makes."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from coldlink.analysis.anharmonicity import fit_anharmonicity, transferred
from coldlink.sequences.errors import FitRejected

DURATION, FIRST = 167e-9, 5.11e9
FREQUENCIES = 4.9e9 + np.linspace(-25e6, 25e6, 41)
ERROR = np.full(41, 0.9)


def line(centre: float, height: float = 40.0) -> np.ndarray:
    return 7 + height * transferred(FREQUENCIES - centre, DURATION, 1.05)


@pytest.mark.parametrize("detuning", [0.0, 2e6, 6e6, 15e6])
def test_a_pulse_moves_what_the_schroedinger_equation_says(detuning):
    def slope(time, state):
        angular = 2 * np.pi * 1.1 * np.sin(np.pi * time / DURATION) ** 2 / DURATION
        turned = angular / 2 * state[::-1]
        return -1j * (np.pi * detuning * np.array([1, -1]) * state + turned)

    solved = solve_ivp(slope, (0, DURATION), np.array([1, 0], complex), rtol=1e-8, atol=1e-10)
    found = transferred(np.array([detuning]), DURATION, 1.1)[0]
    assert found == pytest.approx(abs(solved.y[1, -1]) ** 2, abs=2e-3)


@pytest.mark.parametrize("centre", [4.889e9, 4.9e9, 4.9123e9])
@pytest.mark.parametrize("height", [40.0, -40.0])
def test_the_anharmonicity_is_found(generator, centre, height):
    read = line(centre, height) + ERROR * generator.standard_normal(41)
    found = fit_anharmonicity(FREQUENCIES, read, ERROR, DURATION, FIRST).anharmonicity
    assert abs(found.value - (centre - FIRST)) < 4 * found.error
    assert found.error < 0.2e6


def test_noise_alone_is_rejected(generator):
    for _ in range(20):
        with pytest.raises(FitRejected):
            fit_anharmonicity(FREQUENCIES, ERROR * generator.standard_normal(41), ERROR, DURATION, FIRST)


def test_a_line_at_the_edge_of_the_scan_is_rejected(generator):
    read = line(4.926e9) + ERROR * generator.standard_normal(41)
    with pytest.raises(FitRejected, match="whole line"):
        fit_anharmonicity(FREQUENCIES, read, ERROR, DURATION, FIRST)


def test_numbers_that_are_none_are_rejected():
    with pytest.raises(FitRejected):
        fit_anharmonicity(FREQUENCIES, np.full(41, np.nan), ERROR, DURATION, FIRST)
