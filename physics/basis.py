"""Basis: states of some qubits and all modes, sorted by their number of excitations."""

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .space import Index, ModeSpace


@dataclass(frozen=True)
class Basis:
    """Product states of `qubits` qubits with `levels` levels each and the Fock states of `modes`."""

    modes: ModeSpace
    qubits: int
    levels: int

    @cached_property
    def _unsorted(self) -> Index:
        """Numbers of every state, qubits slowest, shape (states, qubits + modes)."""
        levels = np.array(list(itertools.product(range(self.levels), repeat=self.qubits)), dtype=np.int64)
        photons = self.modes.states
        left = np.repeat(levels.reshape(self.levels**self.qubits, self.qubits), len(photons), axis=0)
        return np.hstack([left, np.tile(photons, (self.levels**self.qubits, 1))])

    @cached_property
    def order(self) -> Index:
        """Place in the product, qubit state times mode states plus mode state, of each basis state; shape (states,)."""
        return np.argsort(self._unsorted.sum(axis=1), kind="stable")

    @cached_property
    def numbers(self) -> Index:
        """Qubit levels and photon numbers of each basis state, shape (states, qubits + modes)."""
        return self._unsorted[self.order]

    @cached_property
    def totals(self) -> Index:
        """Excitations of each basis state, ascending, shape (states,)."""
        return np.asarray(self.numbers.sum(axis=1))

    @cached_property
    def sectors(self) -> tuple[slice, ...]:
        """Basis states with 0, 1, 2, ... excitations."""
        edges = np.concatenate([[0], np.cumsum(np.bincount(self.totals))])
        return tuple(slice(int(a), int(b)) for a, b in itertools.pairwise(edges))

    @cached_property
    def closed(self) -> NDArray[np.bool_]:
        """Whether one more quantum in a subsystem would leave the space, shape (states, qubits + modes)."""
        tops = np.array([self.levels] * self.qubits + list(self.modes.cutoffs)) - 1
        closed = self.numbers == tops
        photons = self.numbers[:, self.qubits :].sum(axis=1)
        closed[:, self.qubits :] |= (photons == self.modes.maximum)[:, None]
        return np.asarray(closed)

    @cached_property
    def _weights(self) -> Index:
        return (int(self.numbers.max(initial=0)) + 1) ** np.arange(self.numbers.shape[1], dtype=np.int64)

    def rest(self, subsystem: int) -> Index:
        """A number for each basis state that is alike where all other subsystems are, 0, 1, 2, ...; shape (states,)."""
        others = self.numbers.copy()
        others[:, subsystem] = 0
        return np.asarray(np.unique(others @ self._weights, return_inverse=True)[1].ravel())

    def transfers(self, qubit: int, mode: int) -> tuple[Index, Index]:
        """Basis states in which a quantum can go from `qubit` to `mode`, and those in which it then is."""
        codes = self.numbers @ self._weights
        source = np.flatnonzero((self.numbers[:, qubit] > 0) & ~self.closed[:, self.qubits + mode])
        order = np.argsort(codes)
        wanted = codes[source] - self._weights[qubit] + self._weights[self.qubits + mode]
        return source, order[np.searchsorted(codes[order], wanted)]
