"""Moments: what is followed of qubits and line. The far modes are told by how they differ from a thermal line.

One mode, that of the state, is followed in Fock states. The others hang on the qubits loosely: a Fock space wide
enough for their heat would spend all its states on what a thermal mode does by itself. They are followed in the
operators Y_jk on qubits and Fock states that the normally ordered characteristic function

    exp(n |x|^2) Tr_c[rho exp(x c+) exp(-x* c)] = sum_jk Y_jk x^j (-x*)^k / sqrt(j! k!)

has as coefficients (Glauber's, Phys. Rev. 131, 2766, 1963, with the thermal part taken out), n being what the mode
would hold had it never met a qubit: dn/dt = kappa (n_bath - n). A mode that is left alone is Y_00 and nothing else,
whatever its heat; loss and heating are exact, dY_jk/dt = -kappa (j + k)/2 Y_jk. What the qubits put into it comes by

    c rho   ->  sqrt(k+1) Y_j,k+1 + n sqrt(j) Y_j-1,k        rho c+  ->  sqrt(j+1) Y_j+1,k + n sqrt(k) Y_j,k-1
    rho c   ->  sqrt(k+1) Y_j,k+1 + (n+1) sqrt(j) Y_j-1,k    c+ rho  ->  sqrt(j+1) Y_j+1,k + (n+1) sqrt(k) Y_j,k-1

and is of the order (g/Delta)^(j+k), so that few orders do. k belongs to the rows of rho, j to its columns, and the
difference of excitations between rows and columns is conserved as it is in Fock states.
"""

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..simd import aligned
from .kernel import BLOCK

Numbers = tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Moments:
    """Layout of one excitation difference of an operator on active qubits and line, as a vector.

    qubits, levels: Active qubits and the levels of each. far: Far modes. order: Most quanta in all of them, on either
    side. cutoff: Fock states of the near mode. difference: Excitations of rows minus those of columns. hermitian: The
    operator is, so that half of its rows tell the others.

    A row of the vector has one state of qubits and far modes on the row's side, and one of the far modes on the
    column's; in it lie the qubits' states on the column's side and for each the photons n on the row's side. Those on
    the column's side follow from the difference.
    """

    qubits: int
    levels: int
    far: int
    order: int
    cutoff: int
    difference: int
    hermitian: bool = False

    @cached_property
    def orders(self) -> list[Numbers]:
        """Quanta of the far modes, of at most `order` together."""
        return bounded(self.far, self.order)

    @cached_property
    def states(self) -> list[Numbers]:
        """Levels of the active qubits."""
        return list(itertools.product(range(self.levels), repeat=self.qubits))

    @property
    def length(self) -> int:
        """Elements of a row, with what fills it up to whole blocks."""
        return -(-len(self.states) * self.cutoff // BLOCK) * BLOCK

    @property
    def rows(self) -> int:
        """Rows of the vector."""
        return len(self.orders) ** 2 * len(self.states)

    @property
    def guard(self) -> int:
        """Zeros that a term may read before the first row and after the last."""
        return -(-(len(self.states) * self.cutoff + BLOCK) // BLOCK) * BLOCK

    def stride(self, qubit: int) -> int:
        """Way in a row between neighbouring levels of an active qubit on the column's side."""
        return self.cutoff * int(self.levels ** (self.qubits - 1 - qubit))

    def partner(self, offset: int) -> NDArray[np.int64]:
        """Photons on the column's side of each element of a row, shape (states, cutoff).

        offset: Excitations of qubits and far modes on the row's side minus those of the far modes on the column's.
        """
        column = np.array([sum(state) for state in self.states])
        return np.asarray(np.arange(self.cutoff) + (offset - self.difference - column)[:, None])

    def pack(self, operator: NDArray[np.complex128]) -> NDArray[np.float64]:
        """As a vector with guards. operator: Shape (orders, states, orders, states, cutoff)."""
        size = len(self.states) * self.cutoff
        vector = aligned((2 * self.guard + 2 * self.rows * self.length,))
        table = vector[self.guard : -self.guard].reshape(self.rows, 2, self.length)
        flat = operator.reshape(self.rows, size)
        table[:, 0, :size], table[:, 1, :size] = flat.real, flat.imag
        return vector

    def unpack(self, vector: NDArray[np.float64]) -> NDArray[np.complex128]:
        """What `pack` was given."""
        size, orders, states = len(self.states) * self.cutoff, len(self.orders), len(self.states)
        table = vector[self.guard : -self.guard].reshape(self.rows, 2, self.length)[:, :, :size]
        flat = table[:, 0] + 1j * table[:, 1]
        return np.asarray(flat.reshape(orders, states, orders, states, self.cutoff))

    def adjoint(self, operator: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """Of an operator with these moments, its Hermitian conjugate, of the opposite difference.

        operator: Shape (orders, states, orders, states, cutoff).
        """
        quanta, levels = (np.array([sum(one) for one in numbers]) for numbers in (self.orders, self.states))
        here = quanta[:, None, None] + levels[None, :, None] - quanta[None, None, :] + self.difference
        partner = np.arange(self.cutoff) + (here[..., None] - levels)[..., None]
        inside = (partner >= 0) & (partner < self.cutoff)
        turned = np.conj(operator.transpose(2, 3, 0, 1, 4))
        return np.where(inside, np.take_along_axis(turned, np.where(inside, partner, 0), axis=-1), 0)


def bounded(count: int, limit: int) -> list[Numbers]:
    """All tuples of `count` natural numbers that add up to at most `limit`, the smallest sums first."""
    tuples = (n for n in itertools.product(range(limit + 1), repeat=count) if sum(n) <= limit)
    return sorted(tuples, key=lambda n: (sum(n), n))
