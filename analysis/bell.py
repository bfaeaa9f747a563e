"""Bell states: fidelity, concurrence and the inequality of Clauser, Horne, Shimony and Holt."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..physics.pauli import paulis
from ..sequences.errors import FitRejected
from .confusion import checked_confusion
from .counts import checked_counts
from .likelihood import Array
from .tomography import DensityMatrix

PSI_PLUS: Final[NDArray[np.complex128]] = np.array([0, 1, 1, 0], dtype=complex) / np.sqrt(2)


def bell_fidelity(state: DensityMatrix) -> Array:
    """Fidelity (...) with Psi+ = (|01> + |10>)/sqrt 2; local phases are as calibrated, not chosen."""
    return state.fidelity(PSI_PLUS)


def concurrence(state: DensityMatrix) -> Array:
    """Concurrence (...) of two qubits, 0 separable to 1 (Wootters, PRL 80, 2245 (1998))."""
    flip = np.kron(paulis(1)[2], paulis(1)[2])
    spectrum = np.linalg.eigvals(state.matrix @ flip @ state.matrix.conj() @ flip).real
    roots = np.sqrt(np.maximum(np.sort(spectrum, axis=-1), 0.0))
    largest: Array = np.maximum(2 * roots[..., -1] - roots.sum(-1), 0.0)
    return largest


def correlation_matrix(state: DensityMatrix) -> Array:
    """T_ij = <P_i (x) P_j> (..., 3, 3), order X, Y, Z, node a's first."""
    values: Array = state.expectations.reshape(*state.matrix.shape[:-2], 4, 4)[..., 1:, 1:]
    return values


def horodecki_bound(correlations: Array) -> Array:
    """Largest S (...) that any settings reach on the correlation matrix (..., 3, 3) (Phys. Lett. A 200, 340 (1995))."""
    singular = np.linalg.svd(correlations, compute_uv=False)
    bound: Array = 2 * np.sqrt(singular[..., 0] ** 2 + singular[..., 1] ** 2)
    return bound


def chsh(counts: NDArray[np.generic], signs: Sequence[int], confusion: Array | None = None) -> Array:
    """S = sum_k signs_k E_k (...), E = P00 - P01 - P10 + P11 (Clauser et al., PRL 23, 880 (1969)).

    counts: (..., 4 settings, 4 outcomes), settings ab, ab', a'b, a'b'. signs: Three alike, one not. confusion:
    P(read | true) (4, 4) or one for each of the batch, inverted on the frequencies; None leaves readout errors in.
    """
    numbers = checked_counts(counts, (4, 4))
    if len(signs) != 4 or abs(sum(signs)) != 2 or any(abs(sign) != 1 for sign in signs):
        raise FitRejected(f"signs {tuple(signs)} are no CHSH inequality", "use three of one sign and one of the other")
    frequencies = numbers / numbers.sum(-1, keepdims=True)
    if confusion is not None:
        frequencies = _true_frequencies(frequencies, checked_confusion(confusion, 4, numbers.shape[:-2]))
    correlations = frequencies @ np.array([1.0, -1.0, -1.0, 1.0])
    total: Array = correlations @ np.asarray(signs, dtype=float)
    return total


def _true_frequencies(frequencies: Array, confusion: Array) -> Array:
    if np.linalg.cond(confusion).max() > 1e3:
        raise FitRejected("the confusion matrix cannot be inverted", "calibrate the readout: it does not tell 0 from 1")
    inverted: Array = frequencies @ np.linalg.inv(confusion).swapaxes(-1, -2)
    return inverted
