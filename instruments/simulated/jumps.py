"""Jumps: the levels through which qubits go by decay and heating while they are read, a path for each shot."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ...physics.controls import Rates
from .compiled import compiled

Levels = NDArray[np.int64]
Trace = NDArray[np.float64]
MOST_JUMPS = 300
"""Of a qubit in strong contact with the line, during one readout: with more, each shot sees the mean all the same."""


def jumps(
    levels: Levels, rates: Rates, qubit: int, length: float, rng: np.random.Generator, count: int
) -> tuple[Trace, Levels]:
    """Time that each shot spends in each level during `length` (s), shape (shots, count), by drawing its jumps.

    Second: the level at the end, shape (shots,).
    """
    dwell, left = np.zeros((len(levels), count)), levels.astype(np.int64)
    up, down = _jump_rates(float(rates.relaxation[qubit]), float(rates.excited[qubit]), length, count)
    _walk(up, down, length, rng, dwell, left)
    return dwell, left


@compiled
def _walk(up: Trace, down: Trace, length: float, rng: np.random.Generator, dwell: Trace, levels: Levels) -> None:
    """Let each of `levels` jump for `length` (s), and add to `dwell` how long it was where."""
    for shot in range(levels.size):
        level, left = levels[shot], length
        while True:
            rate = up[level] + down[level]
            stay = rng.standard_exponential() / max(rate, 1e-30)
            if stay >= left:
                break
            dwell[shot, level] += stay
            left -= stay
            level += 1 if rng.random() * rate < up[level] else -1
        dwell[shot, level] += left
        levels[shot] = level


@lru_cache(maxsize=1024)
def _jump_rates(relaxation: float, excited: float, length: float, count: int) -> tuple[Trace, Trace]:
    """Rates up and down from each level (1/s), but not more than `MOST_JUMPS` in `length` (s)."""
    up = relaxation * excited * np.arange(1, count + 1)
    up[-1] = 0.0
    down = relaxation * (1 - excited) * np.arange(count)
    slower = min(1.0, MOST_JUMPS / (length * float(np.max(up + down))))
    return np.asarray(up * slower), np.asarray(down * slower)
