"""One excitation among qubits and modes, without loss: how far a transfer can go, and the phase that it leaves."""

import numpy as np
from numpy.typing import NDArray

from ..sequences.errors import ModelError
from .controls import Controls, Rates


def amplitudes(rates: Rates, controls: Controls, start: int) -> NDArray[np.complex128]:
    """Amplitudes after `controls` of one excitation that began in subsystem `start`, shape (Q + M,).

    Qubits come first, then modes; the frame is the one of `controls`. Solves i dc/dt = H c with
    H = diag(qubit, detuning + mode) + parity * coupling, exactly on each of its constant steps.
    """
    steps, qubits = controls.qubit.shape
    size = qubits + len(rates.detuning)
    if not 0 <= start < size:
        raise ModelError("start", start, f"{qubits} qubits come first, then the modes: 0 to {size - 1}")
    matrix = np.zeros((steps, size, size))
    diagonal = np.hstack([controls.qubit, controls.mode + rates.detuning])
    matrix[:, np.arange(size), np.arange(size)] = diagonal
    coupled = controls.coupling[:, :, None] * rates.parity
    matrix[:, :qubits, qubits:] = coupled
    matrix[:, qubits:, :qubits] = coupled.transpose(0, 2, 1)
    return _evolved(matrix, controls.duration, start)


def remaining(
    duration: NDArray[np.float64],
    detuning: NDArray[np.float64],
    coupling: NDArray[np.float64],
    distances: NDArray[np.float64],
) -> float:
    """Population that an excited qubit keeps after steps (s) with a detuning and a coupling (rad/s), shape (S,).

    distances: Of each mode from the first one (rad/s), shape (M,).
    """
    steps, modes = len(duration), len(distances)
    matrix = np.zeros((steps, modes + 1, modes + 1))
    matrix[:, 0, 0] = detuning
    matrix[:, 0, 1:] = matrix[:, 1:, 0] = coupling[:, None]
    matrix[:, range(1, modes + 1), range(1, modes + 1)] = distances
    return float(np.abs(_evolved(matrix, duration, 0)[0]) ** 2)


def _evolved(matrix: NDArray[np.float64], duration: NDArray[np.float64], start: int) -> NDArray[np.complex128]:
    """Amplitudes after steps (s) with the Hamiltonians `matrix`, shape (S, N, N) (rad/s), of a state that begins in
    `start`.
    """
    energies, vectors = np.linalg.eigh(matrix)
    phases = np.exp(-1j * energies * duration[:, None])
    state = np.zeros(matrix.shape[1], complex)
    state[start] = 1.0
    for basis, phase in zip(vectors, phases, strict=True):
        state = basis @ (phase * (basis.T @ state))
    return state
