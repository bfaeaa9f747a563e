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
    levels: Levels,
    rates: Rates,
    qubit: int,
    length: float,
    rng: np.random.Generator,
    count: int,
    *,
    early: float = 0.0,
    parts: int = 1,
) -> tuple[Trace, Levels]:
    """Time that each shot spends in each level during `length` (s), by drawing its jumps.

    Shape (shots, parts, count), for equal parts of a time that begins `early` (s) before. Second: the level at the end,
    shape (shots,).
    """
    dwell, left = np.zeros((len(levels), parts, count)), levels.astype(np.int64)
    up, down = _jump_rates(float(rates.relaxation[qubit]), float(rates.excited[qubit]), length, count)
    _walk(up, down, early, early + length, rng, dwell, left)
    return dwell, left


@compiled
def _walk(
    up: Trace, down: Trace, begin: float, end: float, rng: np.random.Generator, dwell: Trace, levels: Levels
) -> None:
    """Let each of `levels` jump from `begin` to `end` (s), and add to `dwell` how long it was where."""
    for shot in range(levels.size):
        level, now = levels[shot], begin
        while True:
            rate = up[level] + down[level]
            until = now + rng.standard_exponential() / max(rate, 1e-30)
            _stay(now, min(until, end), end, dwell[shot, :, level])
            if until >= end:
                break
            now = until
            level += 1 if rng.random() * rate < up[level] else -1
        levels[shot] = level


@compiled
def _stay(begin: float, until: float, end: float, dwell: Trace) -> None:
    """Add the time from `begin` to `until` to the equal parts of the time from 0 to `end`."""
    step = end / dwell.size
    for part in range(min(int(begin / step), dwell.size - 1), dwell.size):
        first, last = part * step, (part + 1) * step
        dwell[part] += max(0.0, min(until, last) - max(begin, first))
        if until <= last:
            break


@lru_cache(maxsize=1024)
def _jump_rates(relaxation: float, excited: float, length: float, count: int) -> tuple[Trace, Trace]:
    """Rates up and down from each level (1/s), but not more than `MOST_JUMPS` in `length` (s)."""
    up = relaxation * excited * np.arange(1, count + 1)
    up[-1] = 0.0
    down = relaxation * (1 - excited) * np.arange(count)
    slower = min(1.0, MOST_JUMPS / (length * float(np.max(up + down))))
    return np.asarray(up * slower), np.asarray(down * slower)
