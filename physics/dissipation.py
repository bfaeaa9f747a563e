"""Dissipation of one ladder (a mode, a qubit) over a finite time, and its action on a vector of operator elements.

Relaxation D[a] at `down`, heating D[a+] at `up` and dephasing shift both numbers of an element |n><n'| alike, so the
elements with n - n' = difference form a chain x_k = <k + difference| rho |k> that obeys a real linear equation:

    dx_k/dt = down [ sqrt((k+1+d)(k+1)) x_{k+1} - (k + d/2) x_k ] + up [ sqrt((k+d) k) x_{k-1} - (k + 1 + d/2) x_k ]
              - dephasing d^2 x_k
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.linalg import expm

from .space import Strings


@dataclass(frozen=True)
class Ladder:
    """Rates of one subsystem (1/s): `down` per a, `up` per a+, `dephasing` of the coherence between neighbours."""

    down: float
    up: float
    dephasing: float = 0.0

    def generator(self, difference: int, length: int) -> NDArray[np.float64]:
        """Matrix of the chain above, shape (length, length); the top level is not heated out of."""
        k = np.arange(length)
        raised = np.where(k == length - 1, 0.0, k + 1 + difference / 2)
        matrix = np.diag(-self.down * (k + difference / 2) - self.up * raised - self.dephasing * difference**2)
        hop = np.sqrt(k[1:] * (k[1:] + difference))
        return matrix + np.diag(self.down * hop, 1) + np.diag(self.up * hop, -1)


@dataclass(frozen=True)
class Tables:
    """Exponentials of all classes of a `Strings`, one after the other. offsets: Of each class. lengths: Of its chain."""

    values: NDArray[np.float64]
    offsets: NDArray[np.int64]
    lengths: NDArray[np.int64]


def tables(strings: Strings, ladder: Ladder, duration: float) -> Tables:
    """What `ladder` does to every class of `strings` in `duration` (s)."""
    matrices = [expm(ladder.generator(difference, length) * duration) for difference, length in strings.classes]
    sizes = [matrix.size for matrix in matrices]
    return Tables(
        np.concatenate([matrix.ravel() for matrix in matrices]),
        np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64),
        np.array([len(matrix) for matrix in matrices], dtype=np.int64),
    )


def dissipate(vectors: NDArray[np.complex128], strings: Strings, table: Tables) -> None:
    """Apply `table` to each row of `vectors`, shape (lanes, elements), in place."""
    _dissipate(
        vectors, strings.order, strings.starts, strings.kinds, table.values, table.offsets, int(table.lengths.max())
    )


@njit(cache=True, fastmath=True)  # type: ignore[untyped-decorator]
def _dissipate(vectors, order, starts, kinds, values, offsets, longest):  # type: ignore[no-untyped-def]
    lanes = vectors.shape[0]
    chain = np.empty(longest, np.complex128)
    for lane in range(lanes):
        vector = vectors[lane]
        for s in range(len(kinds)):
            first = starts[s]
            length = starts[s + 1] - first
            offset = offsets[kinds[s]]
            for k in range(length):
                chain[k] = vector[order[first + k]]
            for k in range(length):
                total = 0.0j
                for j in range(length):
                    total += values[offset + k * length + j] * chain[j]
                vector[order[first + k]] = total
