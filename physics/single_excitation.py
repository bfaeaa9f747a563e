"""One excitation among qubits and modes, without loss: how far a transfer can go, and the phase that it leaves."""

import numpy as np
from numpy.typing import NDArray

from .controls import Controls, Rates


def amplitudes(rates: Rates, controls: Controls, start: int) -> NDArray[np.complex128]:
    """Amplitudes after `controls` of one excitation that began in subsystem `start`, shape (Q + M,).

    Qubits come first, then modes; the frame is the one of `controls`. Solves i dc/dt = H c with
    H = diag(qubit, detuning + mode) + parity * coupling, exactly on each of its constant steps.
    """
    steps, qubits = controls.qubit.shape
    size = qubits + len(rates.detuning)
    matrix = np.zeros((steps, size, size))
    diagonal = np.hstack([controls.qubit, controls.mode + rates.detuning])
    matrix[:, np.arange(size), np.arange(size)] = diagonal
    coupled = controls.coupling[:, :, None] * rates.parity
    matrix[:, :qubits, qubits:] = coupled
    matrix[:, qubits:, :qubits] = coupled.transpose(0, 2, 1)
    energies, vectors = np.linalg.eigh(matrix)
    phases = np.exp(-1j * energies * controls.duration[:, None])
    state = np.zeros(size, complex)
    state[start] = 1.0
    for basis, phase in zip(vectors, phases, strict=True):
        state = basis @ (phase * (basis.T @ state))
    return state
