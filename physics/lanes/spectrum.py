"""Spectrum: bounds of how fast the elements of a density matrix turn and decay."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..controls import Rates
from .elements import Index
from .generator import Product, energies

Real = NDArray[np.float64]
MARGIN = 1.05
"""Between the directions of the couplings that are looked at, the largest energy may be a little larger."""


@dataclass(frozen=True)
class Spectrum:
    """Largest frequencies (rad/s) of the elements of one difference.

    still: Without couplings. coupled: With couplings whose root of squares is `strength` (rad/s). bare: Of the
        couplings alone, without energies, for a strength of 1. hop: Largest change of energy by a coupling.
    """

    still: float
    coupled: float
    bare: float
    strength: float
    hop: float


def spectrum(rates: Rates, space: Product, difference: int, strength: float) -> Spectrum:
    """From the ends of the Hamiltonian's sectors: an element turns with the difference of two energies.

    The largest energy is a convex function of the couplings, so that it lies below the chord from 0 to `strength`.
    With all elements of the couplings positive (Perron, Frobenius) it is not smaller than with their true signs.
    """
    level, hops = energies(rates, space), _hops(rates, space)
    places = [np.flatnonzero(space.totals == total) for total in range(int(space.totals.max()) + 1)]
    still = _widest(places, level, np.zeros_like(hops[0]), difference)
    mixtures = [np.tensordot(direction, hops, axes=1) for direction in _directions(len(space.levels))]
    coupled = max(_widest(places, level, strength * mixture, difference) for mixture in mixtures)
    bare = max(_widest(places, np.zeros_like(level), mixture, difference) for mixture in mixtures)
    joined = np.nonzero(hops.sum(axis=0))
    hop = float(np.max(np.abs(level[joined[0]] - level[joined[1]]), initial=0.0))
    return Spectrum(still, still + MARGIN * (coupled - still), MARGIN * bare, strength, hop)


def decay(rates: Rates, space: Product) -> Real:
    """Largest decay rate of any element by each term of the generator, shape (terms,) (1/s for the constant one).

    A ladder with `down` and `up` decays at most with (sqrt(down) + sqrt(up))^2 n, n its highest number.
    """
    qubits, modes = len(space.levels), len(space.cutoffs)
    top = np.array(space.dims) - 1
    lost = rates.relaxation * (np.sqrt(1 - rates.excited) + np.sqrt(rates.excited)) ** 2 * top[:qubits]
    blurred = rates.dephasing * top[:qubits] ** 2
    heated = rates.internal * _pull(rates.hot) * top[qubits:]
    constant = lost.sum() + blurred.sum() + heated.sum()
    return np.concatenate([[constant], np.zeros(2 * qubits + modes), _pull(rates.cold) * top[qubits:]])


def _pull(occupation: Real) -> Real:
    return np.asarray((np.sqrt(occupation + 1) + np.sqrt(occupation)) ** 2)


def _hops(rates: Rates, space: Product) -> Real:
    """|sum_m parity (b c+ + b+ c)| of each qubit, shape (qubits, states, states); one of zeros without qubits."""
    states, first = len(space.totals), len(space.levels)
    found = np.zeros((max(1, first), states, states))
    for qubit in range(first):
        for mode, parity in enumerate(rates.parity[qubit]):
            for change in (1, -1):
                hop = space.ladder((qubit, -change), (first + mode, change))
                found[qubit, np.arange(states), hop.source] += abs(parity) * hop.value
    return found


def _directions(qubits: int) -> Real:
    """Unit vectors among the couplings: each alone, and each pair in three mixtures, and all alike."""
    alone = np.eye(max(1, qubits))
    angles = np.pi / 8 * np.arange(1, 4)
    pairs = [
        np.cos(angle) * alone[a] + np.sin(angle) * alone[b] for a in range(qubits) for b in range(a) for angle in angles
    ]
    return np.array([*alone, *pairs, np.full(len(alone), len(alone) ** -0.5)])


def _widest(places: list[Index], level: Real, hop: Real, difference: int) -> float:
    """Largest |E_i - E_j| with `difference` sectors between i and j."""
    top = np.array([_largest(level[rows], hop[np.ix_(rows, rows)]) for rows in places])
    bottom = -np.array([_largest(-level[rows], hop[np.ix_(rows, rows)]) for rows in places])
    last = len(places) - difference
    return float(max(np.max(top[difference:] - bottom[:last]), np.max(top[:last] - bottom[difference:])))


def _largest(level: Real, hop: Real) -> float:
    return float(np.linalg.eigvalsh(np.diag(level) + hop)[-1]) if hop.any() else float(level.max())
