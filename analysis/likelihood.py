"""Likelihood: its maximum over matrices that must stay positive, for many sets of counts at once.

The matrix is C(x) = centre + sum_k x_k generators_k, outcome r has probability p_r = offset_r + sum_k design_rk x_k.
Maximised is sum_r n_r log p_r + barrier log det C by Newton's method while the barrier shrinks (Boyd and Vandenberghe,
Convex Optimization, chapter 11). On that path the likelihood lies at most barrier * d below its maximum: the loop stops
on the likelihood, and maxima at the border (pure states, unitary processes) cost little more than others.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..sequences.errors import FitRejected

Array = NDArray[np.float64]
Operators = NDArray[np.complex128]

GAP: Final = 1e-4  # nats; half a nat is one standard deviation
_SHRINK: Final = 100.0
_ITERATIONS: Final = 200


@dataclass(frozen=True)
class Model:
    """Matrices linear in their parameters.

    centre: Matrix at x = 0, positive (d, d). generators: Hermitian (parameters, d, d).
    """

    centre: Operators
    generators: Operators

    def matrices(self, x: Array) -> Operators:
        """C(x): shape (..., d, d) for `x` (..., parameters)."""
        matrices: Operators = self.centre + np.tensordot(x, self.generators, axes=1)
        return matrices


def maximise(model: Model, counts: Array, offset: Array, design: Array) -> tuple[Array, Array]:
    """Parameters x (batch, parameters) of largest likelihood, and the log-likelihood (batch) reached.

    counts: (batch, outcomes). offset: (outcomes), design: (outcomes, parameters), alone or one for each of the batch.
    """
    if np.linalg.matrix_rank(design.reshape(-1, *design.shape[-2:])[0]) < len(model.generators):
        raise FitRejected(
            "the settings do not determine the matrix", "measure X, Y and Z of each qubit on enough inputs"
        )
    search = _Search(model, counts, np.broadcast_to(offset, counts.shape), design)
    x = np.zeros((len(counts), len(model.generators)))
    barrier = np.maximum(counts.sum(-1) / 10, 1.0)
    last = GAP / len(model.centre) / 2
    active = np.arange(len(counts))
    for _ in range(_ITERATIONS):
        step, decrement = search.step(active, x[active], barrier[active])
        x[active] += step
        settled = decrement < 0.1 * barrier[active]
        done = settled & (barrier[active] <= last)
        barrier[active[settled]] = np.maximum(barrier[active[settled]] / _SHRINK, last)
        active = active[~done]
        if not active.size:
            return x, search.log_likelihood(x)
    raise FitRejected(
        f"{active.size} likelihoods did not converge in {_ITERATIONS} steps", "check counts and confusion"
    )


@dataclass(frozen=True)
class _Search:
    model: Model
    counts: Array
    offset: Array
    design: Array

    def log_likelihood(self, x: Array) -> Array:
        return _log_sum(self.counts, self._probabilities(np.arange(len(x)), x))

    def step(self, rows: NDArray[np.intp], x: Array, barrier: Array) -> tuple[Array, Array]:
        """Damped Newton step of `rows` (rows, parameters) and the squared Newton decrement (rows)."""
        counts, p, design = self.counts[rows], self._probabilities(rows, x), self._design(rows)
        scaled = self._whitened(x)
        traces = np.einsum("bkii->bk", scaled).real
        flat = np.concatenate([scaled.real, scaled.imag], axis=-1).reshape(*traces.shape, -1)
        gradient = _apply(design.swapaxes(-1, -2), counts / p) + barrier[:, None] * traces
        weighted = design * (np.sqrt(counts) / p)[..., None]
        hessian = weighted.swapaxes(1, 2) @ weighted + barrier[:, None, None] * (flat @ flat.swapaxes(1, 2))
        newton = np.linalg.solve(hessian, gradient[..., None])[..., 0]
        stretch = np.linalg.eigvalsh(np.einsum("bk,bkij->bij", newton, scaled))
        decrement = np.einsum("bk,bk->b", gradient, newton)
        length = _length(counts, _apply(design, newton) / p, stretch, barrier, decrement)
        return length[:, None] * newton, decrement

    def _probabilities(self, rows: NDArray[np.intp], x: Array) -> Array:
        probabilities: Array = self.offset[rows] + _apply(self._design(rows), x)
        return probabilities

    def _design(self, rows: NDArray[np.intp]) -> Array:
        return self.design[rows] if self.design.ndim == 3 else self.design[None]

    def _whitened(self, x: Array) -> Operators:
        """Generators seen from C: inv(L) G inv(L)+ with C = L L+, shape (rows, parameters, d, d)."""
        inverse = np.linalg.inv(np.linalg.cholesky(self.model.matrices(x)))[:, None]
        whitened: Operators = inverse @ self.model.generators @ inverse.conj().swapaxes(-1, -2)
        return whitened


def _apply(matrices: Array, vectors: Array) -> Array:
    product: Array = (matrices @ vectors[..., None])[..., 0]
    return product


def _log_sum(weights: Array, values: Array) -> Array:
    """Sum over the last axis of weights * log(values), where a weight of zero needs no positive value."""
    total: Array = np.where(weights > 0, weights * np.log(np.where(weights > 0, values, 1.0)), 0.0).sum(-1)
    return total


def _length(counts: Array, relative: Array, stretch: Array, barrier: Array, decrement: Array) -> Array:
    """Fraction (rows) of the Newton step that stays inside and gains: halved until it does (Armijo).

    relative: Change of each probability over itself. stretch: Eigenvalues of C's change over C.
    """
    inward = np.maximum(-stretch.min(-1), (-relative * (counts > 0)).max(-1))
    length: Array = np.minimum(1.0, 0.95 / np.maximum(inward, 0.1))
    for _ in range(60):
        gain = _log_sum(counts, 1 + length[:, None] * relative)
        gain += barrier * np.log1p(length[:, None] * stretch).sum(-1)
        short = (gain < 0.1 * length * decrement) & (decrement > 1e-6 * barrier)  # below, rounding hides the gain
        if not short.any():
            break
        length = np.where(short, length / 2, length)
    return length
