"""Detuned shots: the image of an operator as a function of static detunings of the qubits.

With detunings d_q that act for the time t of a window, an element of the image is made of exp(i sum d_q s_q) with
|s_q| < t for two levels, and so is smooth where t sum |d_q| is small: a polynomial of second order goes through the
images at

    0,     z_q and -z_q of each qubit,     (z_p, z_q) of both

and what it misses is of third order in t sum |d_q|.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]

SLIP = 0.02
"""Phase (rad) that z makes within the window: far above what a coarse solution hides, far below where it bends."""
THIRD = 1 / 16
"""Of the cube of the slip, that an element misses at most; from 1/100 to 1/40 was seen in swaps."""


@dataclass(frozen=True)
class Detuned:
    """Shots in which every qubit is off its frequency by the same.

    shift: Of each qubit, shape (Q,) (rad/s). share: Part of all shots. elsewhere: How long the same shift acts outside
    of the window (s): errors that are odd in it, which a mean over all shots forgets, stay to that extent.
    """

    shift: Real
    share: float = 1.0
    elsewhere: float = np.inf

    @property
    def kept(self) -> float:
        """Part of an odd error that the mean over all shots may keep."""
        turned = float(np.abs(self.shift).sum())
        return min(1.0, turned * self.elsewhere) if turned else 0.0


@dataclass(frozen=True)
class Stencil:
    """The detunings at which images are found. active: Qubits that the line meets, of `qubits`. duration: Of the window
    (s).
    """

    qubits: int
    active: tuple[int, ...]
    duration: float

    @cached_property
    def nodes(self) -> Real:
        """Besides none: shape (J, Q) (rad/s)."""
        steps = [np.eye(self.qubits)[qubit] * SLIP / self.duration for qubit in self.active]
        pairs = [first + second for first, second in combinations(steps, 2)]
        return np.array([*steps, *(-step for step in steps), *pairs])

    def weights(self, shift: Real) -> Real:
        """Of the changes from no detuning to each node, whose sum is the change by `shift`, shape (J,)."""
        u = shift[list(self.active)] * self.duration / SLIP
        pairs = [first * second for first, second in combinations(u, 2)]
        return np.array([*(u * (u + 1) / 2 - sum(pairs)), *(u * (u - 1) / 2), *pairs])

    def slip(self, shift: Real) -> float:
        """Phase that the active qubits gather within the window, all together (rad)."""
        return float(self.duration * np.abs(shift[list(self.active)]).sum())

    def missed(self, shift: Real) -> float:
        """Estimated largest part of an element that the polynomial misses."""
        slip = self.slip(shift)
        return THIRD * slip * max(slip, SLIP) ** 2
