"""Wander: random processes that are functions of time alone, whoever asks and in whatever order."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Trace = NDArray[np.float64]
Seed = tuple[int, ...]
WAVES = 64
"""Of which a wander is the sum."""


@dataclass(frozen=True, kw_only=True)
class Wander:
    """A smooth stationary process around zero. amplitude: Standard deviation. correlation: Time after which the
    correlation is e^{-1/2} (s).
    """

    amplitude: float
    correlation: float

    def at(self, time: float, seed: Seed) -> float:
        """Its value at `time` (s): A sqrt(2/K) sum_k cos(w_k t + phi_k), whose correlation is e^{-(t/correlation)^2/2}.

        (Shinozuka and Jan, J. Sound Vib. 25, 111, 1972, with frequencies drawn from the spectrum.)
        """
        if not self.amplitude:
            return 0.0
        turns, phases = _waves(seed)
        waves = np.cos(turns * (time / self.correlation) + phases)
        return float(self.amplitude * np.sqrt(2 / WAVES) * waves.sum())


@dataclass(frozen=True, kw_only=True)
class Telegraph:
    """Something that is there half of the time. amplitude: Then. correlation: Time after which a correlation of states
    is e^{-1} (s): twice that is how long it stays or is away in the mean.
    """

    amplitude: float
    correlation: float

    def at(self, time: float, seed: Seed) -> float:
        """Its value at `time` (s), by lot at the last of the moments, one in a correlation time, that lies before."""
        if not self.amplitude:
            return 0.0
        cell = int(time // self.correlation)
        now = time / self.correlation - cell
        while True:
            moments, there = _lots(seed, cell)
            before = np.flatnonzero(moments <= now)
            if before.size:
                return self.amplitude * float(there[before[-1]])
            cell, now = cell - 1, 1.0


@cache
def _waves(seed: Seed) -> tuple[Trace, Trace]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal(WAVES), rng.uniform(0, 2 * np.pi, WAVES)


def _lots(seed: Seed, cell: int) -> tuple[Trace, NDArray[np.bool_]]:
    """Moments in a cell of one correlation time, in units of it, and whether it is there from each of them on."""
    rng = np.random.default_rng((*seed, cell % 2**64))
    moments = np.sort(rng.random(rng.poisson(1.0)))
    return moments, rng.random(moments.size) < 0.5
