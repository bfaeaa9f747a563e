"""Misreading: how often a readout is wrong, and the observable that it then measures along an axis."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...sequences.errors import ModelError
from ..check import one
from ..pauli import PAULIS, Operators


@dataclass(frozen=True)
class Misreading:
    """Errors of reading one qubit, without those of its preparation. f is read as 1 with the error of e.

    false_one: P(read 1 | g). false_zero: P(read 0 | e).
    """

    false_one: float = 0.0
    false_zero: float = 0.0

    def __post_init__(self) -> None:
        for name in ("false_one", "false_zero"):
            if not 0 <= one(f"readout error {name}", getattr(self, name)) <= 1:
                raise ModelError(f"readout error {name}", getattr(self, name), "a probability lies in 0..1")
        if not self.visibility > 0:
            why = "both errors together reach 1: it tells nothing; exchange its outcomes"
            raise ModelError("readout visibility", self.visibility, why)

    @property
    def visibility(self) -> float:
        """v = 1 - P(1|g) - P(0|e)."""
        return 1 - self.false_one - self.false_zero

    def ones(self, levels: int) -> NDArray[np.float64]:
        """P(read 1) of each level, shape (levels,)."""
        return np.array([self.false_one, *[1 - self.false_zero] * (levels - 1)])

    def observable(self, axis: tuple[float, float, float], levels: int) -> Operators:
        """P(read 0) - P(read 1) after a perfect turn of `axis` (x, y, z) of the 0-1 sphere to z, (levels, levels).

        v n.sigma + (P(0|e) - P(1|g)) 1 on the two levels; a turn leaves f where it is.
        """
        read = 1 - 2 * self.ones(levels)
        matrix = np.diag(read).astype(complex)
        sigma = sum(part * PAULIS[name] for part, name in zip(axis, "XYZ", strict=True))
        matrix[:2, :2] = self.visibility * sigma + (read[0] + read[1]) / 2 * PAULIS["I"]
        return matrix
