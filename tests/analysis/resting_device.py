"""A device for fits of how a qubit rests, and echoes of it with noise."""

from functools import cache
from pathlib import Path

import numpy as np

from coldlink.analysis.resting_qubit import RestingQubit
from coldlink.calibration.design import Design
from coldlink.stations.declaration import declaration

STATIONS = Path(__file__).parents[2] / "stations"
NOISE = 0.01


@cache
def designed() -> Design:
    return declaration(STATIONS / "sim_4k").design()


def resting_qubit(wait: float = 7.5e-6) -> RestingQubit:
    return RestingQubit(device=designed().device, qubit=0, wait=wait, window=4.14e-6)


def noisy(clean: np.ndarray, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return clean + NOISE * rng.standard_normal(clean.shape), np.full(clean.shape, NOISE)
