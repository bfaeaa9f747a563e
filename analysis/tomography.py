"""State tomography: the density matrix of largest likelihood, raw or corrected for readout."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..physics.pauli import Operators, paulis
from .basis import effects
from .confusion import checked_confusion
from .counts import checked_counts
from .likelihood import Array, Model, maximise


@dataclass(frozen=True)
class DensityMatrix:
    """An estimated state, or a batch of them.

    matrix: (..., d, d), positive, trace one. log_likelihood: Of the counts (...) (nats).
    """

    matrix: Operators
    log_likelihood: Array

    def fidelity(self, ket: NDArray[np.complex128]) -> Array:
        """<ket|rho|ket> (...), `ket` normalised (d): no phase is maximised over."""
        overlap: Array = np.einsum("i,...ij,j->...", ket.conj(), self.matrix, ket).real
        return overlap

    @property
    def expectations(self) -> Array:
        """Tr(P rho) of every product of Paulis (..., 4**qubits), order I, X, Y, Z with node a's slowest."""
        products = paulis(self.matrix.shape[-1].bit_length() - 1)
        values: Array = np.einsum("kij,...ji->...k", products, self.matrix).real
        return values


def state_tomography(
    counts: NDArray[np.generic], bases: Sequence[tuple[str, ...]], confusion: Array | None = None
) -> DensityMatrix:
    """Estimate the state that gave `counts`, shape (..., settings, outcomes), leading axes being a batch.

    bases: One tuple of labels a setting, node a first, as in `basis.effects`. confusion: P(read | true), rows read,
    columns true, (outcomes, outcomes) or one for each of the batch; None counts readout errors against the state (raw).
    """
    ideal = effects(bases)
    checked = checked_counts(counts, ideal.shape[:2])
    dimension = ideal.shape[-1]
    generators = paulis(dimension.bit_length() - 1)[1:] / dimension
    design = np.einsum("soij,kji->sok", ideal, generators).real
    offset = np.full(ideal.shape[:2], 1 / dimension)
    model = Model(np.eye(dimension, dtype=complex) / dimension, generators)
    x, reached = fit(model, checked, offset, design, confusion)
    return DensityMatrix(model.matrices(x), reached)


def fit(model: Model, counts: Array, offset: Array, design: Array, confusion: Array | None) -> tuple[Array, Array]:
    """Maximise the likelihood of `counts` (..., settings, outcomes) when `confusion` mixes each setting's outcomes.

    offset: (settings, outcomes), design: (settings, outcomes, parameters), both of ideal outcomes.
    """
    batch, (settings, outcomes, parameters) = counts.shape[:-2], design.shape
    mixing = checked_confusion(np.eye(outcomes) if confusion is None else confusion, outcomes, batch)
    mixing = mixing.reshape(*(-1,) * (mixing.ndim > 2), outcomes, outcomes)
    offset = np.einsum("...rt,st->...sr", mixing, offset).reshape(*mixing.shape[:-2], -1)
    design = np.einsum("...rt,stk->...srk", mixing, design).reshape(*mixing.shape[:-2], -1, parameters)
    x, reached = maximise(model, counts.reshape(-1, settings * outcomes), offset, design)
    return x.reshape(*batch, parameters), reached.reshape(batch)
