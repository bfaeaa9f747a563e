"""Quasi-static dephasing: an average over detunings that are drawn anew for each shot and stay during it."""

from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import product
from math import factorial

import numpy as np
from numpy.typing import NDArray

Trace = NDArray[np.float64]


def static_detunings(spreads: Sequence[float], duration: float, error: float) -> tuple[Trace, Trace]:
    """Gauss-Hermite nodes (Hz), shape (nodes, Q), and their weights, for phases gathered in `duration` (s).

    spreads: Standard deviation of each qubit's frequency (Hz). error: Largest one of a population by the sum.
    """
    return _grid(tuple((spread, _order(2 * np.pi * spread * duration, error)) for spread in spreads))


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
def _order(spread: float, error: float) -> int:
    """Nodes for a phase of standard deviation `spread` (rad): error spread^2n n!/(2n)! of its cosine."""
    order = 1
    while spread ** (2 * order) * factorial(order) / factorial(2 * order) > error:
        order += 1
    return order
