"""Process tomography: the completely positive, trace-preserving map of largest likelihood, raw or readout-corrected."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .basis import Operators, effects, input_state, paulis
from .counts import checked_counts
from .likelihood import Array, Model
from .tomography import fit


@dataclass(frozen=True)
class Process:
    """An estimated map of one qubit, or a batch of them.

    pauli_transfer: R_oi = Tr[P_o E(P_i)]/2, real (..., 4, 4), order I, X, Y, Z. log_likelihood: Of the counts
    (...) (nats).
    """

    pauli_transfer: Array
    log_likelihood: Array

    @property
    def choi(self) -> Operators:
        """C = sum_ij |i><j| (x) E(|i><j|), input first (..., 4, 4); its trace is 2."""
        choi: Operators = np.tensordot(self.pauli_transfer.swapaxes(-1, -2), _choi_basis(), axes=2)
        return choi

    @property
    def chi(self) -> Operators:
        """E(rho) = sum_mn chi_mn P_m rho P_n, (..., 4, 4), order I, X, Y, Z; its trace is 1."""
        kets = np.array([pauli.T.reshape(4) for pauli in paulis(1)])
        chi: Operators = np.einsum("mi,...ij,nj->...mn", kets.conj(), self.choi, kets) / 4
        return chi

    def process_fidelity(self, ideal: Operators | None = None) -> Array:
        """F_p = Tr(chi chi_ideal) (...) with the unitary `ideal` (2, 2), the identity when None."""
        target = unitary_transfer(np.eye(2, dtype=complex) if ideal is None else ideal)
        fidelity: Array = np.einsum("...oi,oi->...", self.pauli_transfer, target) / 4
        return fidelity

    def average_state_fidelity(self, ideal: Operators | None = None) -> Array:
        """F_s = (2 F_p + 1)/3 (...) (Nielsen, Phys. Lett. A 303, 249 (2002))."""
        return (2 * self.process_fidelity(ideal) + 1) / 3


def process_tomography(
    counts: NDArray[np.generic], inputs: Sequence[str], bases: Sequence[str], confusion: Array | None = None
) -> Process:
    """Estimate the map that took `inputs` to what gave `counts`, shape (..., inputs, bases, 2), leading axes a batch.

    The inputs are taken to be what their labels say: errors of the preparation count against the map. confusion:
    P(read | true), rows read, columns true, (2, 2) or one for each of the batch; None counts readout errors too (raw).
    """
    ideal = effects([(label,) for label in bases])
    checked = checked_counts(counts, (len(inputs), *ideal.shape[:2]))
    states = np.einsum("nij,pji->np", np.array([input_state(label) for label in inputs]), paulis(1)).real
    outcomes = np.einsum("boij,kji->bok", ideal, paulis(1)[1:]).real
    design = np.einsum("ni,bok->nboki", states, outcomes).reshape(-1, 2, 12) / 2
    basis = _choi_basis()
    model = Model(basis[0, 0], basis.swapaxes(0, 1)[1:].reshape(12, 4, 4))
    settings = checked.reshape(*checked.shape[:-3], -1, 2)
    x, reached = fit(model, settings, np.full(design.shape[:2], 0.5), design, confusion)
    identity = np.broadcast_to([1.0, 0.0, 0.0, 0.0], (*x.shape[:-1], 1, 4))
    return Process(np.concatenate([identity, x.reshape(*x.shape[:-1], 3, 4)], axis=-2), reached)


def unitary_transfer(unitary: Operators) -> Array:
    """Pauli-transfer matrix (4, 4) of rho -> U rho U+."""
    rotated = unitary @ paulis(1) @ unitary.conj().T
    transfer: Array = np.einsum("oab,iba->oi", paulis(1), rotated).real / 2
    return transfer


def _choi_basis() -> Operators:
    """P_i^T (x) P_o / 2 for input i and output o: shape (4, 4, 4, 4), so that C = sum R_oi basis_io."""
    basis: Operators = np.array([[np.kron(before.T, after) / 2 for after in paulis(1)] for before in paulis(1)])
    return basis
