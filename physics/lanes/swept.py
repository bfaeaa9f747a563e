"""Swept: the states of all points after a sweep, and how well they are known."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .elements import Elements, Matrix, Numbers
from .generator import Product


@dataclass(frozen=True)
class Swept:
    """Density matrices of all points of a sweep.

    error: Estimated largest error of any element of any of them; it covers steps and polynomials, not the cutoffs.
    step: Longest step where the controls move (s). applications: How often the generator acted on a state.
    """

    space: Product
    points: int
    parts: list[tuple[Elements, Numbers]]
    error: float
    step: float
    applications: int

    def __len__(self) -> int:
        return self.points

    def state(self, point: int) -> Matrix:
        """Density matrix of one point, shape [d, d], d the product of levels and cutoffs."""
        size = len(self.space.totals)
        rho = np.zeros((size, size), dtype=np.complex128)
        for elements, numbers in self.parts:
            values = elements.complete(numbers[:, point : point + 1])[:, 0]
            rho[elements.rows, elements.columns] = values
            rho[elements.columns, elements.rows] = values.conj()
        return rho

    @property
    def qubits(self) -> Matrix:
        """Density matrices of the qubits alone, shape [points, n, n], n the product of the levels."""
        photons = int(np.prod(self.space.cutoffs))
        size = len(self.space.totals) // photons
        found = np.zeros((size * size, self.points), dtype=np.complex128)
        for elements, numbers in self.parts:
            (i, photon), (j, other) = np.divmod(elements.rows, photons), np.divmod(elements.columns, photons)
            kept = np.flatnonzero(photon == other)
            values = elements.complete(numbers)[kept]
            np.add.at(found, i[kept] * size + j[kept], values)
            mirrored = elements.rows[kept] != elements.columns[kept]
            np.add.at(found, (j[kept] * size + i[kept])[mirrored], values[mirrored].conj())
        return found.T.reshape(self.points, size, size)

    @property
    def occupations(self) -> NDArray[np.float64]:
        """Mean quanta of every qubit and mode, shape [points, Q + M]."""
        found = np.zeros((self.points, len(self.space.dims)))
        for elements, numbers in self.parts:
            if elements.folded:
                populated = np.flatnonzero(elements.rows == elements.columns)
                found += (self.space.numbers[:, elements.rows[populated]] @ numbers[populated].real).T
        return found
