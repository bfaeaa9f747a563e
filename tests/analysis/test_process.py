"""Process tomography against known maps and a convex solver."""

import cvxpy
import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st

from coldlink.analysis import effects, input_state, process_tomography, unitary_transfer
from coldlink.sequences.errors import FitRejected

INPUTS = ["0", "1", "+", "-", "+i", "-i"]
FOUR = ["0", "1", "+", "+i"]
BASES = ["+Z", "+X", "-X", "+Y", "-Y"]
SINGLE = np.array([[1 - 0.055, 0.164], [0.055, 1 - 0.164]])


def random_kraus(seed, terms):
    generator = np.random.default_rng(seed)
    stacked = generator.standard_normal((2 * terms, 2)) + 1j * generator.standard_normal((2 * terms, 2))
    return np.linalg.qr(stacked)[0].reshape(terms, 2, 2)


def damping(gamma, heating, phase=0.0):
    """Relaxation, excitation and a phase: the shape of a transfer through a hot line."""
    down = [np.diag([1, np.sqrt(1 - gamma)]), np.sqrt(gamma) * np.eye(2, k=1)]
    up = [np.diag([np.sqrt(1 - heating), 1]), np.sqrt(heating) * np.eye(2, k=-1)]
    return np.array([b @ a @ np.diag([1, np.exp(1j * phase)]) for a in down for b in up])


def probabilities(kraus, inputs, confusion=None):
    out = [sum(k @ input_state(label) @ k.conj().T for k in kraus) for label in inputs]
    ideal = np.einsum("boij,nji->nbo", effects([(label,) for label in BASES]), np.array(out)).real
    return ideal if confusion is None else ideal @ confusion.T


def fidelity(kraus):
    """F_p with the identity: sum |Tr K|^2 / 4."""
    return sum(abs(np.trace(k)) ** 2 for k in kraus) / 4


def most_likely(counts, inputs, confusion):
    """Log-likelihood at the maximum over completely positive, trace-preserving maps, by cvxpy."""
    read = np.einsum("rt,btij->brij", confusion, effects([(label,) for label in BASES]))
    rows = [np.kron(input_state(label).T, effect).conj().ravel() for label in inputs for b in read for effect in b]
    choi = cvxpy.Variable((4, 4), hermitian=True)
    p = cvxpy.real(np.array(rows) @ cvxpy.vec(choi, order="C"))
    weights = counts.ravel() / counts.sum()
    preserved = cvxpy.partial_trace(choi, [2, 2], 1) == np.eye(2)
    problem = cvxpy.Problem(cvxpy.Maximize(weights @ cvxpy.log(p)), [choi >> 0, preserved])
    problem.solve(solver="CLARABEL")
    return problem.value * counts.sum()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), terms=st.integers(1, 4), few=st.booleans())
def test_a_map_is_found_from_its_probabilities(seed, terms, few):
    kraus, inputs = random_kraus(seed, terms), FOUR if few else INPUTS
    found = process_tomography(1e6 * probabilities(kraus, inputs, SINGLE), inputs, BASES, SINGLE)
    truth = sum(unnormalised_transfer(k) for k in kraus)
    assert np.abs(found.pauli_transfer - truth).max() < 2e-3
    assert found.process_fidelity() == pytest.approx(fidelity(kraus), abs=1e-3)


def unnormalised_transfer(k):
    paulis = [np.eye(2), qutip.sigmax().full(), qutip.sigmay().full(), qutip.sigmaz().full()]
    return np.array([[np.trace(o @ k @ i @ k.conj().T).real / 2 for i in paulis] for o in paulis])


@pytest.mark.parametrize("kraus", [damping(0.0, 0.0), damping(0.3, 0.1), random_kraus(1, 2)])
@pytest.mark.parametrize("confusion", [np.eye(2), SINGLE], ids=["raw", "corrected"])
def test_the_likelihood_is_that_of_a_convex_solver(kraus, confusion, generator):
    counts = generator.multinomial(1000, np.clip(probabilities(kraus, INPUTS, confusion), 0, 1))
    found = process_tomography(counts, INPUTS, BASES, confusion)
    assert found.log_likelihood == pytest.approx(most_likely(counts, INPUTS, confusion), abs=2e-3)


@pytest.mark.parametrize("shots", [1, 30, 3000])
def test_estimates_are_completely_positive_and_preserve_the_trace(shots, generator):
    truth = np.clip(probabilities(damping(0, 0), INPUTS), 0, 1)
    found = process_tomography(np.stack([generator.multinomial(shots, truth) for _ in range(20)]), INPUTS, BASES)
    assert np.linalg.eigvalsh(found.choi).min() > 0
    reduced = np.einsum("nikjk->nij", found.choi.reshape(20, 2, 2, 2, 2))
    assert np.abs(reduced - np.eye(2)).max() < 1e-9
    assert found.pauli_transfer[:, 0] == pytest.approx(np.tile([1, 0, 0, 0], (20, 1)))


def test_choi_chi_and_transfer_matrix_are_one_map():
    """Choi against QuTiP's; chi_mn = sum_k c_km c_kn* with K = sum_m c_m P_m."""
    kraus = random_kraus(7, 3)
    found = process_tomography(1e8 * probabilities(kraus, INPUTS), INPUTS, BASES)
    channel = qutip.kraus_to_super([qutip.Qobj(k) for k in kraus])
    assert np.abs(found.choi - qutip.to_choi(channel).full()).max() < 1e-3
    paulis = [np.eye(2), qutip.sigmax().full(), qutip.sigmay().full(), qutip.sigmaz().full()]
    parts = np.array([[np.trace(pauli @ k) / 2 for pauli in paulis] for k in kraus])
    assert np.abs(found.chi - parts.T @ parts.conj()).max() < 1e-3
    assert np.trace(found.chi).real == pytest.approx(1)
    assert found.process_fidelity() == pytest.approx(found.chi[0, 0].real)


@pytest.mark.parametrize("symmetric", [True, False])
def test_raw_fidelity_follows_from_the_visibility(symmetric):
    """F_raw = (1 + v (4 F - 1))/4; the offset of unequal errors is no part of F_p (physics.md)."""
    p10, p01 = (0.1, 0.1) if symmetric else (0.055, 0.164)
    confusion, kraus = np.array([[1 - p10, p01], [p10, 1 - p01]]), damping(0.25, 0.08)
    counts = 1e5 * probabilities(kraus, INPUTS, confusion)
    raw = process_tomography(counts, INPUTS, BASES).process_fidelity()
    assert raw == pytest.approx((1 + (1 - p10 - p01) * (4 * fidelity(kraus) - 1)) / 4, abs=2e-4)
    corrected = process_tomography(counts, INPUTS, BASES, confusion).process_fidelity()
    assert corrected == pytest.approx(fidelity(kraus), abs=2e-4)


def test_a_phase_costs_fidelity_until_the_ideal_has_it():
    found = process_tomography(1e6 * probabilities(damping(0, 0, phase=0.8), INPUTS), INPUTS, BASES)
    assert found.process_fidelity() == pytest.approx(np.cos(0.4) ** 2, abs=1e-3)
    assert found.process_fidelity(np.diag([1, np.exp(0.8j)])) == pytest.approx(1, abs=1e-3)
    assert found.average_state_fidelity() == pytest.approx((2 * np.cos(0.4) ** 2 + 1) / 3, abs=1e-3)


def test_a_unitary_turns_the_bloch_sphere():
    x90 = (-1j * np.pi / 4 * qutip.sigmax()).expm().full()
    assert unitary_transfer(x90) == pytest.approx(np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, -1], [0, 0, 1, 0]]))


def test_wrong_counts_inputs_and_confusion_are_refused():
    counts = 100 * probabilities(damping(0, 0), INPUTS)
    with pytest.raises(FitRejected, match=r"counts have shape \(6, 5, 2\); the .* need \(\.\.\., 4, 5, 2\)"):
        process_tomography(counts, FOUR, BASES)
    with pytest.raises(FitRejected, match="no shots"):
        process_tomography(0 * counts, INPUTS, BASES)
    with pytest.raises(FitRejected, match="input 'e' is unknown"):
        process_tomography(counts, ["e", *INPUTS[1:]], BASES)
    with pytest.raises(FitRejected, match="confusion matrix has shape"):
        process_tomography(counts, INPUTS, BASES, np.eye(4))


def test_two_inputs_do_not_determine_a_map():
    with pytest.raises(FitRejected, match="do not determine"):
        process_tomography(100 * probabilities(damping(0, 0), ["0", "1"]), ["0", "1"], BASES)
