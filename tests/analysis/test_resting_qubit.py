"""How a resting qubit is seen, against the rate equation integrated step by step."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.linalg import expm

from coldlink.analysis.resting_qubit import left_alone


@pytest.mark.parametrize(("up", "down"), [(1e3, 7e4), (4e4, 9e4), (2e5, 2.1e5)])
def test_what_is_seen_is_the_mean_of_the_rate_equation_over_the_window(up, down):
    wait, window = 6e-6, 4e-6
    generator = np.array([[-up, down, 0], [up, -down - 2 * up, 2 * down], [0, 2 * up, -2 * down]])
    ratio = up / down
    rest = np.array([1, ratio, ratio**2]) / (1 + ratio + ratio**2)

    def excited(time: float) -> float:
        return float(1 - (expm(generator * time) @ rest[[1, 0, 2]])[0])

    found = left_alone(np.array([up]), np.array([down]), wait, window)
    assert found[0, 0] == pytest.approx(1 - rest[0])
    assert found[0, 1] == pytest.approx(quad(excited, wait, wait + window)[0] / window, rel=1e-6)


def test_a_cold_qubit_decays_with_its_t1():
    found = left_alone(np.array([1e-3]), np.array([1e5]), 10e-6, 1e-12)
    assert found[0] == pytest.approx([0, np.exp(-1)], abs=1e-6)
