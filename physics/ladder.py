"""Ladder: relaxation, heating and dephasing of one qubit or mode, as a real linear equation on chains of elements.

D[a] at `down`, D[a+] at `up` and 2 dephasing D[a+a] shift both numbers of an element |n><n'| alike, so the elements
with n - n' = d form a chain x_k = <k + d| rho |k> (its conjugate for negative d) that obeys

    dx_k/dt = down [ sqrt((k+1+d)(k+1)) x_{k+1} - (k + d/2) x_k ] + up [ sqrt((k+d) k) x_{k-1} - (k + 1 + d/2) x_k ]
              - dephasing d^2 x_k

In a truncated space a+ |top> = 0, so the state whose number cannot rise adds nothing to the loss by heating of the
last element: k + 1 + d/2 is half of (k + 1 + d) for the row and half of (k + 1) for the column, each only where its
state can rise. Anything else would not be completely positive.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .controls import Rates


@dataclass(frozen=True)
class Chain:
    """Elements <k + difference| rho |k> for k < length. larger_closed, smaller_closed: At the last element, whether
    the state with the larger, the smaller number cannot rise.
    """

    difference: int
    length: int
    larger_closed: bool
    smaller_closed: bool

    @classmethod
    def of_levels(cls, levels: int, difference: int) -> "Chain":
        """The whole chain of a subsystem on its own."""
        return cls(difference, levels - difference, True, difference == 0)


@dataclass(frozen=True)
class Ladder:
    """Rates of one subsystem (1/s): `down` per a, `up` per a+, `dephasing` of the coherence between neighbours."""

    down: float
    up: float
    dephasing: float = 0.0

    @classmethod
    def of_qubit(cls, rates: Rates, qubit: int) -> "Ladder":
        """Of a qubit with its own bath: (1 - p)/T1 down, p/T1 up, 1/T_phi."""
        relaxation, excited = float(rates.relaxation[qubit]), float(rates.excited[qubit])
        return cls(relaxation * (1 - excited), relaxation * excited, float(rates.dephasing[qubit]))

    @classmethod
    def of_mode(cls, rates: Rates, mode: int, load: float) -> "Ladder":
        """Of a mode between the line's bath and the load's, kappa_load = `load` (rad/s)."""
        internal, hot, cold = float(rates.internal[mode]), float(rates.hot[mode]), float(rates.cold[mode])
        return cls(internal * (hot + 1) + load * (cold + 1), internal * hot + load * cold)

    def generator(self, chain: Chain) -> NDArray[np.float64]:
        """Matrix of the equation above (1/s), shape (length, length)."""
        d, k = chain.difference, np.arange(chain.length)
        raised = k + 1 + d / 2
        raised[-1] = ((k[-1] + d + 1) * (not chain.larger_closed) + (k[-1] + 1) * (not chain.smaller_closed)) / 2
        matrix = np.diag(-self.down * (k + d / 2) - self.up * raised - self.dephasing * d**2)
        hop = np.sqrt(k[1:] * (k[1:] + d))
        return np.asarray(matrix + np.diag(self.down * hop, 1) + np.diag(self.up * hop, -1))
