"""Process map: a map of one qubit by its Pauli-transfer matrix, with its Choi and chi matrices and its fidelities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..sequences.errors import ModelError
from .pauli import Operators, paulis

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ProcessMap:
    """A linear map of one qubit, or a batch of them.

    pauli_transfer: R_oi = Tr[P_o E(P_i)]/2, real (..., 4, 4), order I, X, Y, Z. What leaves the two levels is missing
    from its trace: R_II = 1 - leakage.
    """

    pauli_transfer: Array

    def __post_init__(self) -> None:
        if np.shape(self.pauli_transfer)[-2:] != (4, 4):
            why = "a qubit's has (..., 4, 4), in the order I, X, Y, Z"
            raise ModelError("shape of a Pauli-transfer matrix", np.shape(self.pauli_transfer), why)

    @property
    def choi(self) -> Operators:
        """C = sum_ij |i><j| (x) E(|i><j|), input first (..., 4, 4); its trace is 2 R_II."""
        choi: Operators = np.tensordot(self.pauli_transfer.swapaxes(-1, -2), choi_basis(), axes=2)
        return choi

    @property
    def chi(self) -> Operators:
        """E(rho) = sum_mn chi_mn P_m rho P_n, (..., 4, 4), order I, X, Y, Z; its trace is R_II."""
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


def unitary_transfer(unitary: Operators) -> Array:
    """Pauli-transfer matrix (4, 4) of rho -> U rho U+."""
    rotated = unitary @ paulis(1) @ unitary.conj().T
    transfer: Array = np.einsum("oab,iba->oi", paulis(1), rotated).real / 2
    return transfer


def choi_basis() -> Operators:
    """P_i^T (x) P_o / 2 for input i and output o: shape (4, 4, 4, 4), so that C = sum R_oi basis_io."""
    basis: Operators = np.array([[np.kron(before.T, after) / 2 for after in paulis(1)] for before in paulis(1)])
    return basis
