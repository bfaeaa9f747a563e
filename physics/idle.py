"""Idle: what a qubit does by itself while its coupler is off."""

import itertools

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from .controls import Rates
from .ladder import Chain, Ladder


def idle_map(rates: Rates, qubit: int, levels: int, duration: float, angle: float) -> NDArray[np.complex128]:
    """What an undriven, uncoupled qubit does: shape (levels, levels, levels, levels), out row, out column, in, in.

    duration: (s). angle: Integral of its detuning from the frame (rad). Level k has the energy D k + (a/2) k (k - 1).
    """
    ladder, anharmonicity = Ladder.of_qubit(rates, qubit), float(rates.anharmonicity[qubit])
    energy = anharmonicity / 2 * np.arange(levels) * (np.arange(levels) - 1)
    single = np.zeros((levels,) * 4, complex)
    for delta in range(levels):
        k = np.arange(levels - delta)
        generator = ladder.generator(Chain.of_levels(levels, delta)) - 1j * np.diag(energy[k + delta] - energy[k])
        chain = expm(generator * duration) * np.exp(-1j * angle * delta)
        for i, j in itertools.product(k, k):
            single[i + delta, i, j + delta, j] = chain[i, j]
            single[i, i + delta, j, j + delta] = chain[i, j].conj()
    return single
