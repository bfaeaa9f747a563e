"""Mode space: Fock states of the line's modes, cut for each mode and for all together."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int64]


@dataclass(frozen=True)
class ModeSpace:
    """Fock states of the modes with n_m < cutoffs[m] and at most `maximum` photons together."""

    cutoffs: tuple[int, ...]
    maximum: int

    @cached_property
    def states(self) -> Index:
        """Photon numbers, shape (states, modes)."""
        grid = np.indices(self.cutoffs).reshape(len(self.cutoffs), -1).T
        return np.ascontiguousarray(grid[grid.sum(axis=1) <= self.maximum])

    @cached_property
    def totals(self) -> Index:
        """Photons in each state, shape (states,)."""
        return np.asarray(self.states.sum(axis=1))

    def pairs(self, difference: int) -> tuple[Index, Index]:
        """Rows and columns of all elements with this excitation difference."""
        rows, columns = np.nonzero(self.totals[:, None] - self.totals[None, :] == difference)
        return rows, columns
