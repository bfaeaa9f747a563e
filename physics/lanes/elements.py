"""Elements: which elements of a density matrix are followed, and the numbers that stand for them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int64]
Matrix = NDArray[np.complex128]
Numbers = NDArray[np.inexact[Any]]


@dataclass(frozen=True)
class Elements:
    """Elements <i| rho |j> of one excitation difference N_i - N_j >= 0, of Hermitian matrices.

    Of difference 0 the upper triangle is enough, as real numbers: first all real parts, then the imaginary parts of
    those off the diagonal. Of other differences each element is a complex number, and the elements of the opposite
    difference are their conjugates.

    totals: Excitations N of each state of the space, shape (states,). Elements are sorted by N: what follows from each
    other is close in memory.
    """

    totals: Index
    difference: int

    @cached_property
    def _places(self) -> tuple[Index, Index]:
        rows, columns = np.nonzero(self.totals[:, None] - self.totals[None, :] == self.difference)
        kept = rows <= columns if self.folded else np.full(len(rows), True)
        rows, columns = rows[kept], columns[kept]
        order = np.lexsort((columns, rows, self.totals[rows]))
        return rows[order], columns[order]

    @property
    def folded(self) -> bool:
        """Whether the numbers are real."""
        return self.difference == 0

    @property
    def rows(self) -> Index:
        """State i of each element, shape (elements,)."""
        return self._places[0]

    @property
    def columns(self) -> Index:
        """State j of each element, shape (elements,)."""
        return self._places[1]

    @cached_property
    def turned(self) -> Index:
        """Elements whose imaginary part is a number of its own, shape (numbers - elements,)."""
        return np.flatnonzero(self.rows != self.columns) if self.folded else np.empty(0, dtype=np.int64)

    @property
    def size(self) -> int:
        """Numbers, real or complex."""
        return len(self.rows) + len(self.turned)

    @cached_property
    def sectors(self) -> Index:
        """Excitations of the row of each number, shape (numbers,)."""
        return np.asarray(self.totals[np.concatenate([self.rows, self.rows[self.turned]])])

    @cached_property
    def lookup(self) -> Index:
        """Number of the element (i, j), -1 where it has none, shape (states, states)."""
        found = np.full((len(self.totals),) * 2, -1, dtype=np.int64)
        found[self.rows, self.columns] = np.arange(len(self.rows))
        return found

    @cached_property
    def imaginary(self) -> Index:
        """Number of each element's imaginary part, -1 on the diagonal, shape (elements,)."""
        found = np.full(len(self.rows), -1, dtype=np.int64)
        found[self.turned] = len(self.rows) + np.arange(len(self.turned))
        return found

    def gather(self, matrices: Matrix) -> Numbers:
        """Numbers of Hermitian matrices of shape (points, states, states): shape (numbers, points)."""
        values = matrices[:, self.rows, self.columns].T
        return np.concatenate([values.real, values.imag[self.turned]]) if self.folded else values

    def complete(self, numbers: Numbers) -> Matrix:
        """Elements of rows and columns, shape (elements, points), from the numbers."""
        if not self.folded:
            return np.asarray(numbers, dtype=np.complex128)
        values = numbers[: len(self.rows)].astype(np.complex128)
        values[self.turned] += 1j * numbers[len(self.rows) :]
        return values
