"""Ensemble: what all shots that went alike so far hold in common, and what a readout makes of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from math import log

import numpy as np
from numpy.typing import NDArray

State = NDArray[np.complex128]
Trace = NDArray[np.float64]


@dataclass
class Ensemble:
    """Joint state of the qubits for each static detuning, and the lines.

    time: (s). rho: Shape (points, levels**Q, levels**Q), each qubit in the frame of its rest. weights: Of the static
    detunings, shape (points,); a readout that tells of a detuning leaves the traces of `rho` unequal, and their mean 1.
    occupations: Of the modes of each line, shape (M,). levels: Of each qubit.
    """

    time: float
    rho: State
    weights: Trace
    occupations: tuple[Trace, ...]
    levels: int

    @property
    def joint(self) -> Trace:
        """Populations of all qubits together, shape (levels,) * Q."""
        flat: Trace = np.einsum("k,kii->i", self.weights, self.rho).real
        return flat.reshape((self.levels,) * self._count)

    def copy(self) -> "Ensemble":
        """One that may be carried on by itself."""
        return replace(self, rho=self.rho.copy())

    def normalised(self) -> "Ensemble":
        """With a trace of 1."""
        return replace(self, rho=self.rho / self.joint.sum())

    def fill(self, line: int, occupations: Trace) -> None:
        """Give a line other photons."""
        self.occupations = (*self.occupations[:line], occupations, *self.occupations[line + 1 :])

    def told(self, levels: Mapping[int, int]) -> "Ensemble":
        """The part of it, not normalised, in which each of these qubits is in its level: rho -> P rho P."""
        numbers = self._numbers
        kept = np.all([numbers[qubit] == level for qubit, level in levels.items()], axis=0)
        return replace(self, rho=self.rho * (kept[:, None] & kept[None, :]))

    def dephased(self, qubits: Collection[int]) -> "Ensemble":
        """After a readout of `qubits` whose results nobody looks at: rho -> sum over results of P rho P."""
        return replace(self, rho=self.rho * _alike(self.levels, self._count, frozenset(qubits)))

    @property
    def free(self) -> frozenset[int]:
        """Qubits whose frame may be turned, and the state is the same."""
        apart = [numbers[:, None] != numbers for numbers in self._numbers]
        return frozenset(qubit for qubit, other in enumerate(apart) if not np.any(self.rho[:, other]))

    def renewed(self, weights: Trace) -> "Ensemble":
        """With static detunings that are drawn anew. weights: Of their points, shape (points,)."""
        mean = np.einsum("k,kij->ij", self.weights, self.rho)
        return replace(self, rho=np.repeat(mean[None], len(weights), axis=0), weights=weights)

    def distance(self, other: "Ensemble") -> float:
        """At least by how much any probability, and any occupation of a mode, differs between the two."""
        if not np.array_equal(self.weights, other.weights):
            return 1.0
        apart = float(np.einsum("k,kij->", self.weights, np.abs(self.rho - other.rho))) / 2
        lines = zip(self.occupations, other.occupations, strict=True)
        return max(apart, *(float(np.max(np.abs(own - others), initial=0.0)) for own, others in lines))

    @property
    def _count(self) -> int:
        return round(log(self.rho.shape[-1], self.levels))

    @property
    def _numbers(self) -> NDArray[np.int64]:
        """Level of each qubit in each product state, shape (Q, levels**Q)."""
        return _numbers(self.levels, self._count)


@cache
def _numbers(levels: int, count: int) -> NDArray[np.int64]:
    return np.indices((levels,) * count).reshape(count, -1)


@cache
def _alike(levels: int, count: int, qubits: frozenset[int]) -> NDArray[np.bool_]:
    """Which pairs of product states have these qubits in the same levels, shape (levels**Q, levels**Q)."""
    numbers = _numbers(levels, count)[sorted(qubits)]
    return np.asarray(np.all(numbers[:, :, None] == numbers[:, None, :], axis=0))
