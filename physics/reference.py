"""The plain second solver: a dense density matrix on the whole product space, stepped by classical Runge-Kutta.

No symmetry, no truncation but the cutoffs, nothing shared with the fast solver but the meaning of the arguments
(controls.py), so that the two can disagree. The order of the product is qubit A, qubit B, mode 0, mode 1, ...
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array, diags_array, eye_array, kron

from ..sequences.errors import ModelError
from .controls import Controls, Rates


def propagate(
    rho: NDArray[np.complex128],
    rates: Rates,
    controls: Controls,
    levels: Sequence[int] = (3, 3),
    cutoffs: Sequence[int] = (6,),
    step: float = 0.25e-9,
) -> NDArray[np.complex128]:
    """The density matrix after all steps of `controls`.

    rho: Initial matrix, shape [d, d] with d the product of levels and cutoffs. It need not be a state: the map is
        linear, so |1><0| of a qubit gives a column of its process.
    levels: Levels of each qubit, Q of them. cutoffs: Fock states of each mode, M of them.
    step: Longest Runge-Kutta step (s). It must resolve the largest difference of energies in the space: at 2.8/step
        (rad/s) the integration is unstable, and a phase errs by (w step)^5/120 in each step.
    """
    _check_sizes(rho, rates, controls, levels, cutoffs)
    ladder = _lowering(levels, cutoffs)
    for index, duration in enumerate(controls.duration):
        equation = _equation(ladder, rates, controls, index)
        count = max(1, math.ceil(duration / step - 1e-9))
        for _ in range(count):
            rho = _runge_kutta(equation, rho, duration / count)
    return rho


def thermal(cutoffs: Sequence[int], occupations: ArrayLike) -> NDArray[np.complex128]:
    """Product of thermal modes: p_k = n^k / (1 + n)^(k + 1), cut at each cutoff and normalised again.

    occupations: Mean n of each mode before the cut, shape [M].
    """
    weights = np.ones(1)
    for cutoff, n in zip(cutoffs, np.asarray(occupations, dtype=np.float64), strict=True):
        p = (n / (1 + n)) ** np.arange(cutoff)
        weights = np.kron(weights, p / p.sum())
    return np.diag(weights).astype(np.complex128)


def product(qubit_rhos: Sequence[NDArray[np.complex128]], mode_rho: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Qubit A times qubit B times all modes: one matrix of each qubit, and one of the modes together."""
    rho = mode_rho
    for qubit_rho in reversed(qubit_rhos):
        rho = np.kron(qubit_rho, rho).astype(np.complex128)
    return rho


def reduce(
    rho: NDArray[np.complex128],
    keep: Sequence[int] = (0, 1),
    levels: Sequence[int] = (3, 3),
    cutoffs: Sequence[int] = (6,),
) -> NDArray[np.complex128]:
    """Partial trace: the matrix of the parts in `keep` (0 is qubit A; modes follow the qubits), in that order."""
    dims = (*levels, *cutoffs)
    dropped = [part for part in range(len(dims)) if part not in keep]
    order = [*keep, *dropped]
    kept, traced = (math.prod(dims[part] for part in parts) for parts in (keep, dropped))
    tensor = rho.reshape(dims + dims).transpose(*order, *(len(dims) + part for part in order))
    result: NDArray[np.complex128] = tensor.reshape(kept, traced, kept, traced).trace(axis1=1, axis2=3)
    return result


def occupations(
    rho: NDArray[np.complex128], levels: Sequence[int] = (3, 3), cutoffs: Sequence[int] = (6,)
) -> NDArray[np.float64]:
    """Mean quanta of every part, qubits first, shape [Q + M]."""
    population = rho.diagonal().real
    quanta = np.indices((*levels, *cutoffs)).reshape(len(levels) + len(cutoffs), -1)
    return quanta @ population


@dataclass(frozen=True)
class _MasterEquation:
    """d rho/dt = G rho + rho G+ + sum_k L_k rho L_k+ with G = -i H - sum_k L_k+ L_k / 2 (Lindblad).

    generator: G, shape [d, d] (rad/s). jumps: Each L_k with its rate inside, shape [d, d] (sqrt(rad/s)).
    """

    generator: csr_array
    jumps: list[csr_array]

    def slope(self, rho: NDArray[np.complex128]) -> NDArray[np.complex128]:
        change = _apply(self.generator, rho) + _dagger(_apply(self.generator, _dagger(rho)))
        for jump in self.jumps:
            change += _dagger(_apply(jump, _dagger(_apply(jump, rho))))
        return change


def _runge_kutta(equation: _MasterEquation, rho: NDArray[np.complex128], step: float) -> NDArray[np.complex128]:
    k1 = equation.slope(rho)
    k2 = equation.slope(rho + step / 2 * k1)
    k3 = equation.slope(rho + step / 2 * k2)
    k4 = equation.slope(rho + step * k3)
    return rho + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def _apply(operator: csr_array, matrix: NDArray[np.complex128]) -> NDArray[np.complex128]:
    return np.asarray(operator @ matrix)


def _dagger(matrix: NDArray[np.complex128]) -> NDArray[np.complex128]:
    return np.ascontiguousarray(matrix.conj().T)


@dataclass(frozen=True)
class _Ladder:
    """Lowering operators on the product space. qubits: b of each qubit. modes: c of each mode."""

    qubits: list[csr_array]
    modes: list[csr_array]


def _lowering(levels: Sequence[int], cutoffs: Sequence[int]) -> _Ladder:
    dims = (*levels, *cutoffs)
    parts = [_lowering_of(dims, part) for part in range(len(dims))]
    return _Ladder(parts[: len(levels)], parts[len(levels) :])


def _lowering_of(dims: Sequence[int], part: int) -> csr_array:
    operator = diags_array(np.sqrt(np.arange(1, dims[part])), offsets=1)
    before, after = math.prod(dims[:part]), math.prod(dims[part + 1 :])
    return csr_array(kron(kron(eye_array(before), operator), eye_array(after)))


def _equation(ladder: _Ladder, rates: Rates, controls: Controls, index: int) -> _MasterEquation:
    """The master equation that holds during step `index` of the controls."""
    jumps = _qubit_jumps(ladder, rates) + _mode_jumps(ladder, rates, controls.load[index])
    generator = -1j * _hamiltonian(ladder, rates, controls, index)
    for jump in jumps:
        generator = generator - 0.5 * (jump.T @ jump)
    return _MasterEquation(csr_array(generator), jumps)


def _hamiltonian(ladder: _Ladder, rates: Rates, controls: Controls, index: int) -> csr_array:
    """H of controls.py (rad/s). Every operator is real, so its dagger is its transpose."""
    frequencies = rates.detuning + controls.mode[index]
    terms = [w * (c.T @ c) for w, c in zip(frequencies, ladder.modes, strict=True)]
    for qubit, b in enumerate(ladder.qubits):
        terms.append(controls.qubit[index, qubit] * (b.T @ b))
        terms.append(rates.anharmonicity[qubit] / 2 * (b.T @ b.T @ b @ b))
        for parity, c in zip(rates.parity[qubit], ladder.modes, strict=True):
            terms.append(parity * controls.coupling[index, qubit] * (b @ c.T + b.T @ c))
    total: csr_array = sum(terms[1:], start=terms[0])
    return total


def _qubit_jumps(ladder: _Ladder, rates: Rates) -> list[csr_array]:
    jumps = []
    for b, rate, excited, dephasing in zip(
        ladder.qubits, rates.relaxation, rates.excited, rates.dephasing, strict=True
    ):
        jumps += [
            np.sqrt(rate * (1 - excited)) * b,
            np.sqrt(rate * excited) * b.T.tocsr(),
            np.sqrt(2 * dephasing) * (b.T @ b),
        ]
    return jumps


def _mode_jumps(ladder: _Ladder, rates: Rates, load: NDArray[np.float64]) -> list[csr_array]:
    down = rates.internal * (rates.hot + 1) + load * (rates.cold + 1)
    up = rates.internal * rates.hot + load * rates.cold
    emitted = [np.sqrt(rate) * c for rate, c in zip(down, ladder.modes, strict=True)]
    absorbed = [np.sqrt(rate) * c.T.tocsr() for rate, c in zip(up, ladder.modes, strict=True)]
    return emitted + absorbed


def _check_sizes(
    rho: NDArray[np.complex128], rates: Rates, controls: Controls, levels: Sequence[int], cutoffs: Sequence[int]
) -> None:
    size = math.prod((*levels, *cutoffs))
    if rho.shape != (size, size):
        raise ModelError("size of rho", rho.shape[0], f"levels and cutoffs span {size}; give rho as [{size}, {size}]")
    for name, found, wanted in (
        ("qubits in rates", rates.anharmonicity.size, len(levels)),
        ("modes in rates", rates.detuning.size, len(cutoffs)),
        ("qubits in controls", controls.qubit.shape[1], len(levels)),
        ("modes in controls", controls.mode.shape[1], len(cutoffs)),
    ):
        if found != wanted:
            raise ModelError(name, found, f"levels and cutoffs name {wanted}")
