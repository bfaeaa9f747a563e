import numpy as np
import pytest
from scipy.linalg import expm

from coldlink.physics.controls import Rates
from coldlink.physics.idle import idle_map


def rates():
    values = {"anharmonicity": [-3.0], "relaxation": [0.5], "excited": [0.2], "dephasing": [0.3]}
    values |= {"parity": [[1.0]], "internal": [0.1], "hot": [4.0], "cold": [0.5], "detuning": [0.0]}
    return Rates(**{name: np.array(value) for name, value in values.items()})


@pytest.mark.parametrize("levels", [2, 3, 5])
def test_an_idle_qubit_follows_its_own_master_equation(levels):
    b, detuning, t = np.diag(np.sqrt(np.arange(1.0, levels)), 1), 2.0, 0.7
    k, one = np.arange(levels), np.eye(levels)
    energy = np.diag(detuning * k - 3.0 / 2 * k * (k - 1))
    operators = [np.sqrt(0.4) * b, np.sqrt(0.1) * b.T, np.sqrt(2 * 0.3) * b.T @ b]
    lost = sum(jump.T @ jump for jump in operators) / 2
    total = np.kron(-1j * energy - lost, one) + np.kron(one, 1j * energy - lost)
    total = total + sum(np.kron(jump, jump) for jump in operators)
    found = idle_map(rates(), 0, levels, t, detuning * t).reshape(levels**2, levels**2)
    np.testing.assert_allclose(found, expm(total * t), atol=1e-12)
