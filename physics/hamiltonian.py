"""Hamiltonian of the active qubits and the line: its blocks of fixed excitation number, and their exponentials."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from .basis import Basis
from .controls import Controls, Rates

Matrix = NDArray[np.complex128]
Real = NDArray[np.float64]

MEMORY = 128e6
"""Exponentials that one Hamiltonian keeps (bytes)."""


class Hamiltonian:
    """H = sum_q [qubit_q b+b + (anharmonicity_q/2) b+b+bb] + sum_m (detuning_m + mode_m) c+c
    + sum_qm parity_qm coupling_q (b c+ + b+ c), q over the `active` qubits.
    """

    def __init__(self, rates: Rates, active: tuple[int, ...], basis: Basis) -> None:
        self.active, self.basis = list(active), basis
        qubits, photons = basis.numbers[:, : basis.qubits], basis.numbers[:, basis.qubits :]
        self._static = (qubits * (qubits - 1) / 2) @ rates.anharmonicity[self.active] + photons @ rates.detuning
        self._hops = [_hop(basis, position, rates.parity[qubit]) for position, qubit in enumerate(active)]
        size = 16 * sum((rows.stop - rows.start) ** 2 for rows in basis.sectors)
        self._known = lru_cache(maxsize=max(4, int(MEMORY / size)))(self._exponentials)

    def unitaries(self, steps: Controls, index: int) -> list[Matrix]:
        """exp(-i H t) of every block for one step; symmetric, because H is real."""
        couplings, qubits = steps.coupling[index, self.active], steps.qubit[index, self.active]
        values = np.concatenate([couplings, qubits, steps.mode[index]])
        attoseconds = round(float(steps.duration[index]) * 1e18)
        return self._known(attoseconds, (np.round(values) + 0.0).tobytes())

    def _exponentials(self, attoseconds: int, values: bytes) -> list[Matrix]:
        count = len(self.active)
        controls = np.frombuffer(values)
        couplings, duration = controls[:count], attoseconds * 1e-18
        diagonal = self._static + self.basis.numbers @ controls[count:]
        exponentials = []
        for total, rows in enumerate(self.basis.sectors):
            matrix = np.diag(diagonal[rows])
            for coupling, hop in zip(couplings, self._hops, strict=True):
                matrix = matrix + coupling * hop[total]
            energies, vectors = eigh(matrix, check_finite=False)
            exponentials.append((vectors * np.exp(-1j * energies * duration)) @ vectors.T)
        return exponentials


def _hop(basis: Basis, position: int, parity: Real) -> list[Real]:
    """sum_m parity_m (b c+ + b+ c) of one qubit, block by block."""
    blocks = [np.zeros((rows.stop - rows.start,) * 2) for rows in basis.sectors]
    for mode, sign in enumerate(parity):
        source, target = basis.transfers(position, mode)
        elements = sign * np.sqrt(basis.numbers[source, position] * basis.numbers[target, basis.qubits + mode])
        for block, rows in zip(blocks, basis.sectors, strict=True):
            here = (source >= rows.start) & (source < rows.stop)
            i, j = source[here] - rows.start, target[here] - rows.start
            block[i, j] = block[j, i] = elements[here]
    return blocks
