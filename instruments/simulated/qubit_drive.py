"""Driven qubit: what a microwave pulse does to a three-level qubit that relaxes and dephases meanwhile."""

import numpy as np
from numpy.typing import NDArray

from ...physics.controls import Rates
from ...physics.exponential import ordered

Map = NDArray[np.complex128]


def drive_map(
    rates: Rates,
    qubit: int,
    levels: int,
    *,
    duration: NDArray[np.float64],
    amplitude: NDArray[np.complex128],
    detuning: NDArray[np.float64],
    offset: float,
) -> Map:
    """Superoperator on rho[i, j] flattened, shape (levels**2, levels**2), in the frame of the resting qubit.

    The carrier starts with the phase of that frame; `turned` gives it another.

    H = D b+b + (a/2) b+b+bb + (W* b + W b+), W = (Omega/2) e^{-i theta}, in the frame of the carrier, on steps that are
    short against what changes. duration: (s). amplitude: W without the carrier's phase (rad/s). detuning: Of the qubit
    from its rest (rad/s). offset: Of the carrier from the resting qubit (rad/s).
    """
    lower = np.diag(np.sqrt(np.arange(1, levels)), 1).astype(complex)
    number = np.arange(levels)
    energy = rates.anharmonicity[qubit] / 2 * number * (number - 1)
    first = _starts(amplitude, detuning)
    held, turn, shift = np.add.reduceat(duration, first), amplitude[first], detuning[first]
    hamiltonians = np.diag(energy - offset * number) + shift[:, None, None] * np.diag(number)
    hamiltonians = hamiltonians + turn.conj()[:, None, None] * lower + turn[:, None, None] * lower.T
    generators = _dissipator(rates, qubit, lower) - 1j * _commutators(hamiltonians)
    return np.asarray(_ahead(number, -offset * float(duration.sum()))[:, None] * ordered(generators, held))


def _starts(amplitude: NDArray[np.complex128], detuning: NDArray[np.float64]) -> NDArray[np.int64]:
    """First samples of the stretches in which nothing changes."""
    moved = (amplitude[1:] != amplitude[:-1]) | (detuning[1:] != detuning[:-1])
    return np.flatnonzero(np.append(True, moved))


def _commutators(hamiltonians: Map) -> Map:
    """rho -> H rho - rho H of each H, on rho flattened, shape (steps, levels**2, levels**2)."""
    levels, identity = hamiltonians.shape[-1], np.eye(hamiltonians.shape[-1])
    left = np.einsum("sij,kl->sikjl", hamiltonians, identity)
    right = np.einsum("ij,slk->sikjl", identity, hamiltonians)
    return np.asarray((left - right).reshape(-1, levels**2, levels**2))


def turned(pulse: Map, levels: int, angle: float) -> Map:
    """Maps of the same `pulse` with the carrier ahead by `angle` (rad)."""
    ahead = _ahead(np.arange(levels), angle)
    return np.asarray(ahead.conj()[:, None] * pulse * ahead)


def _ahead(number: NDArray[np.int64], angle: float) -> Map:
    """Factors of rho in a frame that is ahead by `angle` (rad): rho_nm -> rho_nm e^{i angle (n - m)}, flattened."""
    return np.asarray(np.exp(1j * angle * (number[:, None] - number[None, :])).ravel())


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
