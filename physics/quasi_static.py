"""Quasi-static dephasing: an average over detunings that are drawn anew for each shot and stay during it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product
from math import factorial

import numpy as np
from numpy.typing import NDArray

Trace = NDArray[np.float64]


@dataclass(frozen=True)
class StaticDetunings:
    """A sum that stands for the mean over all shots.

    shifts: Of each qubit, shape (K, Q) (Hz). weights: Part of the shots that have them, shape (K,). error: Largest one
    of a population by the sum, of two levels that are followed exactly at each shift.
    """

    shifts: Trace
    weights: Trace
    error: float


def static_detunings(spreads: Sequence[float], duration: float, error: float) -> StaticDetunings:
    """Gauss-Hermite nodes and weights for phases gathered in `duration` (s).

    spreads: Standard deviation of each qubit's frequency (Hz). error: Asked for, of each qubit.
    """
    phases = [2 * np.pi * spread * duration for spread in spreads]
    orders = [_order(phase, error) for phase in phases]
    left = sum(_remainder(phase, order) for phase, order in zip(phases, orders, strict=True))
    return StaticDetunings(*_grid(tuple(zip(spreads, orders, strict=True))), left)


@cache
def _grid(orders: tuple[tuple[float, int], ...]) -> tuple[Trace, Trace]:
    """Nodes and weights for the spread and the number of terms of each qubit."""
    axes = []
    for spread, order in orders:
        x, w = _hermite(order)
        axes.append(list(zip(x * spread, w / w.sum(), strict=True)))
    grid = list(product(*axes))
    shifts = np.array([[shift for shift, _ in node] for node in grid])
    return shifts, np.array([np.prod([weight for _, weight in node]) for node in grid])


@cache
def _hermite(order: int) -> tuple[Trace, Trace]:
    """Nodes and weights of a sum of `order` terms over a normal distribution."""
    x, w = np.polynomial.hermite_e.hermegauss(order)
    return x, w


@lru_cache(maxsize=1024)
def _order(phase: float, error: float) -> int:
    """Nodes for a phase of standard deviation `phase` (rad)."""
    order = 1
    while _remainder(phase, order) > error:
        order += 1
    return order


def _remainder(phase: float, order: int) -> float:
    """Error of a sum of `order` terms: the 2n-th derivative of cos(phase x), times n!/(2n)!; a population has half."""
    return phase ** (2 * order) * factorial(order) / factorial(2 * order) / 2
