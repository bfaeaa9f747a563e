"""Bases: which signed Pauli operator a label measures, which pure state a label prepares.

Convention: |0> = g and Z|0> = +|0>. A pair of outcomes counts node a first: 00, 01, 10, 11.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import product
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..sequences.errors import FitRejected

Operators = NDArray[np.complex128]
_T = TypeVar("_T")

_PAULIS: Final[dict[str, Operators]] = {
    "I": np.eye(2, dtype=complex),
    "X": np.array([[0, 1], [1, 0]], dtype=complex),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]).astype(complex),
}
_SIGNED: Final = {sign + name: value * _PAULIS[name] for sign, value in (("+", 1), ("-", -1)) for name in "XYZ"}
_INPUTS: Final = {"0": "+Z", "1": "-Z", "+": "+X", "-": "-X", "+i": "+Y", "-i": "-Y"}


def effects(bases: Sequence[tuple[str, ...]]) -> Operators:
    """Ideal effects of reading Z after the rotations named in `bases`: shape (settings, outcomes, d, d).

    The label "sP" measures the signed Pauli operator s P: outcome 0 is the projector (1 + s P)/2.
    """
    if not bases:
        raise FitRejected("no measurement basis was given", "name at least one setting")
    projectors = [[_projectors(label) for label in setting] for setting in bases]
    return np.array([[_kron(factors) for factors in product(*nodes)] for nodes in projectors])


def input_state(label: str) -> Operators:
    """Density matrix (2, 2) of the pure state `label`: "0", "1", "+", "-", "+i" or "-i"."""
    state: Operators = _projectors(_known(label, _INPUTS, "input"))[0]
    return state


def paulis(qubits: int) -> Operators:
    """Products of I, X, Y, Z, node a's slowest: shape (4**qubits, 2**qubits, 2**qubits)."""
    return np.array([_kron(factors) for factors in product(_PAULIS.values(), repeat=qubits)])


def _projectors(label: str) -> Operators:
    signed = _known(label, _SIGNED, "basis")
    return np.array([(_PAULIS["I"] + signed) / 2, (_PAULIS["I"] - signed) / 2])


def _kron(factors: Iterable[Operators]) -> Operators:
    return reduce(lambda left, right: np.asarray(np.kron(left, right), dtype=np.complex128), factors)


def _known(label: str, table: dict[str, _T], noun: str) -> _T:
    if label not in table:
        raise FitRejected(f"{noun} {label!r} is unknown", f"use one of {', '.join(table)}")
    return table[label]
