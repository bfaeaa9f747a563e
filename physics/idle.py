"""Idle: what a qubit does by itself while its coupler is off.

D[b] at `down`, D[b+] at `up` and 2 dephasing D[b+b] shift both levels of an element |n><n'| alike, so the elements with
n - n' = d form a chain x_k = <k + d| rho |k> that obeys

    dx_k/dt = down [sqrt((k+1+d)(k+1)) x_{k+1} - (k + d/2) x_k] + up [sqrt((k+d) k) x_{k-1} - c_k x_k]
              - (dephasing d^2 + i (E_{k+d} - E_k)) x_k

with c_k = k + 1 + d/2 but for the top level, which cannot rise: there only the lower of the two, if any, is lost.
"""

import itertools

import numpy as np
from numpy.typing import NDArray

from .controls import Rates
from .exponential import exponential


def idle_map(rates: Rates, qubit: int, levels: int, duration: float, angle: float) -> NDArray[np.complex128]:
    """What an undriven, uncoupled qubit does: shape (levels, levels, levels, levels), out row, out column, in, in.

    duration: (s). angle: Integral of its detuning from the frame (rad). Level k has the energy D k + (a/2) k (k - 1).
    """
    single = np.zeros((levels,) * 4, complex)
    for delta in range(levels):
        chain = exponential(_generator(rates, qubit, levels, delta) * duration) * np.exp(-1j * angle * delta)
        for i, j in itertools.product(range(levels - delta), repeat=2):
            single[i + delta, i, j + delta, j] = chain[i, j]
            single[i, i + delta, j, j + delta] = chain[i, j].conj()
    return single


def _generator(rates: Rates, qubit: int, levels: int, delta: int) -> NDArray[np.complex128]:
    """Matrix of the equation above without the detuning, shape (levels - delta, levels - delta) (rad/s)."""
    excited, relaxation = rates.excited[qubit], rates.relaxation[qubit]
    k, down, up = np.arange(levels - delta), relaxation * (1 - excited), relaxation * excited
    energy = rates.anharmonicity[qubit] / 2 * np.arange(levels) * (np.arange(levels) - 1)
    raised = k + 1 + delta / 2
    raised[-1] = (k[-1] + 1) / 2 if delta else 0.0
    hop = np.sqrt(k[1:] * (k[1:] + delta))
    kept = -down * (k + delta / 2) - up * raised - rates.dephasing[qubit] * delta**2
    turned = -1j * (energy[k + delta] - energy[k])
    return np.asarray(np.diag(kept + turned) + np.diag(down * hop, 1) + np.diag(up * hop, -1))
