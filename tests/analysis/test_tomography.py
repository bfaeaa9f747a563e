"""State tomography against known states and a convex solver."""

import cvxpy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldlink.analysis import bell_fidelity, effects, state_tomography
from coldlink.analysis.likelihood import GAP
from coldlink.sequences.errors import FitRejected

SIGNED = ["+Z", "+X", "-X", "+Y", "-Y"]
PAIRS = [(a, b) for a in SIGNED for b in SIGNED]
PSI = np.array([0, 1, 1, 0]) / np.sqrt(2)
SINGLE = np.array([[1 - 0.055, 0.164], [0.055, 1 - 0.164]])
JOINT = np.kron(SINGLE, SINGLE)


def probabilities(rho, bases=PAIRS, confusion=None):
    ideal = np.einsum("soij,ji->so", effects(bases), rho).real
    return ideal if confusion is None else ideal @ confusion.T


def random_state(seed, rank, dimension=4):
    generator = np.random.default_rng(seed)
    factor = generator.standard_normal((dimension, rank)) + 1j * generator.standard_normal((dimension, rank))
    return factor @ factor.conj().T / np.trace(factor @ factor.conj().T).real


def most_likely(counts, bases, confusion):
    """Log-likelihood at the maximum, by cvxpy."""
    ideal = effects(bases)
    read = np.einsum("rt,stij->srij", confusion, ideal).reshape(-1, 16)
    rho = cvxpy.Variable((4, 4), hermitian=True)
    p = cvxpy.real(read.conj() @ cvxpy.vec(rho, order="C"))
    weights = counts.ravel() / counts.sum()
    problem = cvxpy.Problem(cvxpy.Maximize(weights @ cvxpy.log(p)), [rho >> 0, cvxpy.real(cvxpy.trace(rho)) == 1])
    problem.solve(solver="CLARABEL")
    return problem.value * counts.sum()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), rank=st.integers(1, 4), corrected=st.booleans())
def test_a_state_is_found_from_its_probabilities(seed, rank, corrected):
    truth, confusion = random_state(seed, rank), JOINT if corrected else None
    found = state_tomography(1e6 * probabilities(truth, confusion=confusion), PAIRS, confusion)
    assert np.abs(found.matrix - truth).max() < 1e-3


@pytest.mark.parametrize("rank", [1, 2, 4])
@pytest.mark.parametrize("confusion", [np.eye(4), JOINT], ids=["raw", "corrected"])
def test_the_likelihood_is_that_of_a_convex_solver(rank, confusion, generator):
    counts = generator.multinomial(500, probabilities(random_state(rank, rank), confusion=confusion))
    found = state_tomography(counts, PAIRS, confusion)
    assert found.log_likelihood == pytest.approx(most_likely(counts, PAIRS, confusion), abs=2e-3)
    assert found.log_likelihood == pytest.approx(
        (counts * np.log(probabilities(found.matrix, confusion=confusion))).sum(), rel=1e-12
    )


def test_no_state_nearby_gains_more_than_the_gap(generator):
    counts = generator.multinomial(300, probabilities(np.outer(PSI, PSI)))
    found = state_tomography(counts, PAIRS)
    p = probabilities(found.matrix)
    gradient = np.einsum("so,soij->ij", counts / p, effects(PAIRS))
    assert np.linalg.eigvalsh(gradient)[-1] - counts.sum() < GAP


@pytest.mark.parametrize("shots", [1, 20, 1000])
def test_estimates_are_states(shots, generator):
    counts = np.stack([generator.multinomial(shots, probabilities(np.outer(PSI, PSI))) for _ in range(20)])
    found = state_tomography(counts, PAIRS).matrix
    assert found.shape == (20, 4, 4)
    assert np.linalg.eigvalsh(found).min() > 0
    assert np.trace(found, axis1=1, axis2=2) == pytest.approx(1)
    assert np.allclose(found, found.conj().swapaxes(1, 2))


def test_a_batch_gives_what_each_gives_alone(generator):
    counts = np.stack([generator.multinomial(200, probabilities(random_state(seed, 2))) for seed in range(4)])
    together = state_tomography(counts, PAIRS, np.broadcast_to(JOINT, (4, 4, 4))).matrix
    for alone, matrix in zip(counts, together, strict=True):
        assert np.abs(state_tomography(alone, PAIRS, JOINT).matrix - matrix).max() < 1e-6


def test_the_raw_bell_fidelity_follows_the_convention():
    """X and Y in both signs: readout leaves v <X>, v <Y>, but v <Z> + p01 - p10 (physics.md, "Fidelities")."""
    x = 0.35
    truth = x * np.outer(PSI, PSI) + (1 - x) * np.diag([0.6, 0.25, 0.1, 0.05])
    visibility, offset = 1 - 0.055 - 0.164, 0.164 - 0.055
    z_a, z_b, zz = np.diag(truth) @ [1, 1, -1, -1], np.diag(truth) @ [1, -1, 1, -1], np.diag(truth) @ [1, -1, -1, 1]
    raw_zz = visibility**2 * zz + visibility * offset * (z_a + z_b) + offset**2
    expected = (1 + 2 * visibility**2 * x - raw_zz) / 4
    counts = 1e5 * probabilities(truth, confusion=JOINT)
    assert bell_fidelity(state_tomography(counts, PAIRS)) == pytest.approx(expected, abs=2e-4)
    assert bell_fidelity(state_tomography(counts, PAIRS, JOINT)) == pytest.approx(PSI @ truth @ PSI, abs=2e-4)


def test_no_local_phase_is_maximised_over():
    turned = np.array([0, 1, 1j, 0]) / np.sqrt(2)
    found = state_tomography(1e5 * probabilities(np.outer(turned, turned.conj())), PAIRS)
    assert bell_fidelity(found) == pytest.approx(0.5, abs=1e-3)


def test_one_qubit_is_estimated_alike(generator):
    truth = random_state(3, 2, dimension=2)
    bases = [(label,) for label in SIGNED]
    counts = generator.multinomial(20_000, np.einsum("soij,ji->so", effects(bases), truth).real @ SINGLE.T)
    assert np.abs(state_tomography(counts, bases, SINGLE).matrix - truth).max() < 0.015


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda counts: counts[:-1], r"counts have shape \(24, 4\); the settings given need \(\.\.\., 25, 4\)"),
        (lambda counts: counts[..., :2], r"counts have shape \(25, 2\)"),
        (lambda counts: counts * [[0]] * 25, r"setting \(0,\) has no shots"),
        (lambda counts: counts - 2 * counts.max(), "finite numbers of shots"),
        (lambda counts: counts * np.nan, "finite numbers of shots"),
    ],
)
def test_wrong_counts_are_refused(change, message):
    with pytest.raises(FitRejected, match=message):
        state_tomography(change(100 * probabilities(np.eye(4) / 4)), PAIRS)


@pytest.mark.parametrize(
    ("confusion", "message"),
    [
        (np.eye(2), r"shape \(2, 2\); these counts need \(4, 4\)"),
        (np.ones((3, 4, 4)) / 4, r"shape \(3, 4, 4\)"),
        (JOINT.T, "rows are read, columns are true"),
    ],
)
def test_a_wrong_confusion_is_refused(confusion, message):
    with pytest.raises(FitRejected, match=message):
        state_tomography(100 * probabilities(np.eye(4) / 4), PAIRS, confusion)


def test_settings_that_leave_the_state_open_are_refused():
    bases = [("+Z", "+Z"), ("+X", "+X")]
    with pytest.raises(FitRejected, match="do not determine"):
        state_tomography(100 * probabilities(np.eye(4) / 4, bases), bases)
