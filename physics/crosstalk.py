"""Crosstalk: what the current of one flux line does to the loops of the others."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..sequences.errors import ModelError


@dataclass(frozen=True)
class Crosstalk:
    """Phi_i = sum_j C_ij Phi_j with C_ii = 1; with Phi_j = m_j V_j this is Phi = M V, M_ij = C_ij m_j.

    (Abrams et al., Phys. Rev. Applied 12, 064022, 2019.) It acts on static and on pulsed fluxes alike.

    lines: Names, L of them. matrix: C, rows feel, columns act, shape [L][L].
    """

    lines: tuple[str, ...]
    matrix: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        columns = [len(row) for row in self.matrix]
        if columns != [len(self.lines)] * len(self.lines):
            why = f"there are {len(self.lines)} flux lines; give as many rows, with a number for each line"
            raise ModelError("numbers in the rows of the crosstalk matrix", columns, why)
        values = np.array(self.matrix)
        if not np.all(np.diag(values) == 1):
            raise ModelError(
                "crosstalk of a line to itself", float(np.diag(values).min()), "is 1: scale the line instead"
            )
        worst = float(np.max(np.abs(values).sum(axis=1) - 1, initial=0.0))
        if not worst < 1:
            why = "reaches 1: the lines can no longer be told apart; give parts of a line's own flux"
            raise ModelError("crosstalk onto one line", worst, why)

    @classmethod
    def none(cls, lines: tuple[str, ...]) -> "Crosstalk":
        """Of lines that keep to themselves."""
        return cls(lines, tuple(tuple(float(i == j) for j in range(len(lines))) for i in range(len(lines))))

    @property
    def ideal(self) -> bool:
        """Whether there is none."""
        return self == Crosstalk.none(self.lines)

    def felt(self, own: ArrayLike) -> NDArray[np.float64]:
        """Reduced fluxes in the loops from what each line alone makes in its own, shape (..., L)."""
        return np.asarray(np.asarray(own, np.float64) @ np.array(self.matrix).T)
