"""Driven qubit: what a microwave pulse does to a three-level qubit that relaxes and dephases meanwhile."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from ...physics.controls import Rates

Map = NDArray[np.complex128]


def drive_map(
    rates: Rates,
    qubit: int,
    levels: int,
    *,
    duration: NDArray[np.float64],
    amplitude: NDArray[np.complex128],
    detuning: NDArray[np.float64],
    carrier: tuple[float, float],
) -> Map:
    """Superoperator on rho[i, j] flattened, shape (levels**2, levels**2), in the frame of the resting qubit.

    H = D b+b + (a/2) b+b+bb + (W* b + W b+), W = (Omega/2) e^{-i theta}, in the frame of the carrier, on steps that are
    short against what changes. duration: (s). amplitude: W without the carrier's phase (rad/s). detuning: Of the qubit
    from its rest (rad/s). carrier: Its phase against the resting qubit's at start and end of the pulse (rad).
    """
    lower = np.diag(np.sqrt(np.arange(1, levels)), 1).astype(complex)
    number = np.arange(levels)
    rotation = (carrier[1] - carrier[0]) / duration.sum()
    energy = rates.anharmonicity[qubit] / 2 * number * (number - 1)
    static = np.diag(energy - rotation * number)
    total: Map = np.eye(levels**2, dtype=complex)
    loss = _dissipator(rates, qubit, lower)
    hamiltonians = (
        static + detuning[:, None, None] * np.diag(number) + np.conj(amplitude)[:, None, None] * lower
    ) + amplitude[:, None, None] * lower.T
    identity = np.eye(levels)
    for step, hamiltonian in zip(duration, hamiltonians, strict=True):
        generator = loss - 1j * (np.kron(hamiltonian, identity) - np.kron(identity, hamiltonian.T))
        total = expm(generator * step) @ total
    return _turn(number, -carrier[1]) @ total @ _turn(number, carrier[0])


def _turn(number: NDArray[np.int64], angle: float) -> Map:
    """Into a frame that is ahead by `angle` (rad): rho_nm -> rho_nm e^{i angle (n - m)}."""
    return np.diag(np.exp(1j * angle * (number[:, None] - number[None, :])).ravel())


def _dissipator(rates: Rates, qubit: int, lower: Map) -> Map:
    relaxation, excited = rates.relaxation[qubit], rates.excited[qubit]
    jumps = [
        np.sqrt(relaxation * (1 - excited)) * lower,
        np.sqrt(relaxation * excited) * lower.conj().T,
        np.sqrt(2 * rates.dephasing[qubit]) * lower.conj().T @ lower,
    ]
    identity = np.eye(len(lower))
    total = np.zeros((len(lower) ** 2,) * 2, complex)
    for jump in jumps:
        square = jump.conj().T @ jump
        total += np.kron(jump, jump.conj()) - (np.kron(square, identity) + np.kron(identity, square.T)) / 2
    return total
