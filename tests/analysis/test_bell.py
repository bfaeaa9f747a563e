"""Fidelity, concurrence and CHSH."""

import numpy as np
import pytest
import qutip

from coldlink.analysis import (
    DensityMatrix,
    bell_fidelity,
    chsh,
    concurrence,
    correlation_matrix,
    horodecki_bound,
)
from coldlink.sequences.errors import FitRejected

PSI = np.array([0, 1, 1, 0]) / np.sqrt(2)
SIGNS = (1, 1, 1, -1)
X, Z = qutip.sigmax().full(), qutip.sigmaz().full()
SYMMETRIC = np.array([[0.9, 0.1], [0.1, 0.9]])
UNEQUAL = np.array([[1 - 0.055, 0.164], [0.055, 1 - 0.164]])


def state(matrix):
    return DensityMatrix(np.asarray(matrix, dtype=complex), np.zeros(np.shape(matrix)[:-2]))


def werner(p):
    return p * np.outer(PSI, PSI) + (1 - p) * np.eye(4) / 4


def settings_of(rho, confusion=None):
    """Probabilities (4, 4) in the settings that are best for Psi+: a = X, a' = Z, b and b' at +-45 degrees."""
    pairs = [(a, (X + sign * Z) / np.sqrt(2)) for a, signs in ((X, (1, -1)), (-Z, (1, -1))) for sign in signs]

    def projectors(operator):
        return [(np.eye(2) + operator) / 2, (np.eye(2) - operator) / 2]

    ideal = [[np.trace(rho @ np.kron(p, q)).real for p in projectors(a) for q in projectors(b)] for a, b in pairs]
    return np.array(ideal) if confusion is None else np.array(ideal) @ np.kron(confusion, confusion).T


def test_a_bell_state_reaches_tsirelsons_bound():
    assert chsh(1000 * settings_of(werner(1)), SIGNS) == pytest.approx(2 * np.sqrt(2))
    assert horodecki_bound(correlation_matrix(state(werner(1)))) == pytest.approx(2 * np.sqrt(2))


def test_a_product_state_stays_at_two():
    rng = np.random.default_rng(3)
    for _ in range(50):
        kets = rng.standard_normal((2, 2)) + 1j * rng.standard_normal((2, 2))
        ket = np.kron(*kets) / np.linalg.norm(np.kron(*kets))
        rho = np.outer(ket, ket.conj())
        assert abs(chsh(settings_of(rho), SIGNS)) <= 2 + 1e-12
        assert horodecki_bound(correlation_matrix(state(rho))) <= 2 + 1e-9
        assert concurrence(state(rho)) == pytest.approx(0, abs=1e-6)


def test_raw_s_is_the_visibility_squared_times_s():
    raw = chsh(1e4 * settings_of(werner(0.9), SYMMETRIC), SIGNS)
    assert raw == pytest.approx(0.8**2 * 0.9 * 2 * np.sqrt(2))


def test_corrected_s_is_the_true_s_for_unequal_errors():
    counts = 1e4 * settings_of(werner(0.9), UNEQUAL)
    assert chsh(counts, SIGNS, np.kron(UNEQUAL, UNEQUAL)) == pytest.approx(0.9 * 2 * np.sqrt(2))
    batch = chsh(np.stack([counts, counts]), SIGNS, np.stack([np.kron(UNEQUAL, UNEQUAL)] * 2))
    assert batch == pytest.approx([0.9 * 2 * np.sqrt(2)] * 2)


@pytest.mark.parametrize("p", [0.2, 1 / 3, 0.5, 0.8, 1.0])
def test_werner_states_have_their_known_fidelity_concurrence_and_bound(p):
    assert bell_fidelity(state(werner(p))) == pytest.approx((1 + 3 * p) / 4)
    assert concurrence(state(werner(p))) == pytest.approx(max(0, (3 * p - 1) / 2), abs=1e-6)
    assert horodecki_bound(correlation_matrix(state(werner(p)))) == pytest.approx(2 * np.sqrt(2) * p)


def test_concurrence_is_that_of_qutip_for_any_state():
    matrices = np.array([qutip.rand_dm([2, 2], rank=1 + seed % 4, seed=seed).full() for seed in range(20)])
    expected = [qutip.concurrence(qutip.Qobj(matrix, dims=[[2, 2], [2, 2]])) for matrix in matrices]
    assert concurrence(state(matrices)) == pytest.approx(expected, abs=1e-6)
    assert max(expected) > 0.5


def test_correlations_are_ordered_x_y_z_with_node_a_first():
    rho = np.kron((np.eye(2) + 0.6 * X) / 2, (np.eye(2) + 0.5 * Z) / 2)
    assert correlation_matrix(state(rho)) == pytest.approx(np.array([[0, 0, 0.3], [0, 0, 0], [0, 0, 0]]))


@pytest.mark.parametrize("signs", [(1, 1, 1, 1), (1, 1, -1, -1), (1, 1, 1), (2, 1, 1, -2)])
def test_signs_of_no_inequality_are_refused(signs):
    with pytest.raises(FitRejected, match="no CHSH inequality"):
        chsh(settings_of(werner(1)), signs)


def test_what_cannot_be_corrected_is_refused():
    with pytest.raises(FitRejected, match="cannot be inverted"):
        chsh(settings_of(werner(1)), SIGNS, np.full((4, 4), 0.25))
    with pytest.raises(FitRejected, match=r"need \(\.\.\., 4, 4\)"):
        chsh(np.ones((3, 4)), SIGNS)
    with pytest.raises(FitRejected, match="confusion matrix has shape"):
        chsh(settings_of(werner(1)), SIGNS, np.eye(2))
