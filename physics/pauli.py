"""Pauli operators: I, X, Y, Z with |0> = g and Z|0> = +|0>, and their products."""

from collections.abc import Iterable
from functools import reduce
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

Operators = NDArray[np.complex128]

PAULIS: Final[dict[str, Operators]] = {
    "I": np.eye(2, dtype=complex),
    "X": np.array([[0, 1], [1, 0]], dtype=complex),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]).astype(complex),
}


def paulis(qubits: int) -> Operators:
    """Products of I, X, Y, Z, node a's slowest: shape (4**qubits, 2**qubits, 2**qubits)."""
    return np.array([tensor(factors) for factors in product(PAULIS.values(), repeat=qubits)])


def tensor(factors: Iterable[Operators]) -> Operators:
    """Kronecker product, the first factor slowest."""
    return reduce(lambda left, right: np.asarray(np.kron(left, right), dtype=np.complex128), factors)
