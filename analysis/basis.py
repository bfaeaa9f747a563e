"""Bases: which signed Pauli operator a label measures, which pure state a label prepares.

Convention: |0> = g and Z|0> = +|0>. A pair of outcomes counts node a first: 00, 01, 10, 11.
"""

from collections.abc import Sequence
from itertools import product
from typing import Final, TypeVar

import numpy as np

from ..physics.pauli import PAULIS, Operators, tensor
from ..sequences.errors import FitRejected

_T = TypeVar("_T")

_SIGNED: Final = {sign + name: value * PAULIS[name] for sign, value in (("+", 1), ("-", -1)) for name in "XYZ"}
_INPUTS: Final = {"0": "+Z", "1": "-Z", "+": "+X", "-": "-X", "+i": "+Y", "-i": "-Y"}


def effects(bases: Sequence[tuple[str, ...]]) -> Operators:
    """Ideal effects of reading Z after the rotations named in `bases`: shape (settings, outcomes, d, d).

    The label "sP" measures the signed Pauli operator s P: outcome 0 is the projector (1 + s P)/2.
    """
    if not bases:
        raise FitRejected("no measurement basis was given", "name at least one setting")
    projectors = [[_projectors(label) for label in setting] for setting in bases]
    return np.array([[tensor(factors) for factors in product(*nodes)] for nodes in projectors])


def input_state(label: str) -> Operators:
    """Density matrix (2, 2) of the pure state `label`: "0", "1", "+", "-", "+i" or "-i"."""
    state: Operators = _projectors(_known(label, _INPUTS, "input"))[0]
    return state


def _projectors(label: str) -> Operators:
    signed = _known(label, _SIGNED, "basis")
    return np.array([(PAULIS["I"] + signed) / 2, (PAULIS["I"] - signed) / 2])


def _known(label: str, table: dict[str, _T], noun: str) -> _T:
    if label not in table:
        raise FitRejected(f"{noun} {label!r} is unknown", f"use one of {', '.join(table)}")
    return table[label]
