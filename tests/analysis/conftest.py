"""A readout drawn shot by shot, every jump of the qubit followed: what the fits must find again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
import xarray as xr

from coldlink.analysis import Preparation


@dataclass(frozen=True, kw_only=True)
class Readout:
    """Truth of one node's readout. jumps: Window over T1. angle in rad, the rest in ADC but separation (sigma)."""

    preparation: Preparation
    separation: float
    jumps: float
    angle: float = 2.2
    centre_g: float = 120.0
    sigma: float = 25.0

    @property
    def centre_e(self) -> float:
        return self.centre_g + self.separation * self.sigma

    def prepare(self, generator: np.random.Generator, label: str, shots: int) -> np.ndarray:
        chance = self.preparation.residual + (self.preparation.pulse if label == "e" else 0.0)
        return (generator.random(shots) < chance) ^ (label == "e")

    def iq(self, generator: np.random.Generator, excited: np.ndarray) -> np.ndarray:
        along = self.centre_g + (self.centre_e - self.centre_g) * self._time_in_e(generator, excited)
        points = along + 30j + self.sigma * generator.standard_normal((2, len(excited))).T @ [1, 1j]
        rotated = points * np.exp(1j * self.angle)
        return np.stack([rotated.real, rotated.imag], axis=-1).astype(np.float32)

    def _time_in_e(self, generator: np.random.Generator, excited: np.ndarray) -> np.ndarray:
        p_th, state = self.preparation.residual, excited.copy()
        time, in_e = np.zeros(len(state)), np.zeros(len(state))
        while (time < 1).any():
            rate = self.jumps * np.where(state, 1 - p_th, p_th)
            stay = np.minimum(generator.exponential(size=len(state)) / rate, 1 - time)
            time, in_e, state = time + stay, in_e + stay * state, ~state
        return in_e


def calibration(
    generator: np.random.Generator, readouts: dict[str, Readout], labels: Sequence[str], shots: int
) -> xr.Dataset:
    """A readout calibration as a board would return it."""
    variables = {
        f"{node}.iq": (
            ("prepared", "shot", "quadrature"),
            np.stack([one.iq(generator, one.prepare(generator, label[place], shots)) for label in labels]),
            {"units": "ADC"},
        )
        for place, (node, one) in enumerate(readouts.items())
    }
    return xr.Dataset(variables, coords={"prepared": list(labels), "quadrature": ["I", "Q"]})


@pytest.fixture
def readout_4k() -> Readout:
    """4.14 us, T1 15 us, separation/sigma 3.24: P(1|0) .055, P(0|1) .164 (physics.md)."""
    return Readout(preparation=Preparation(0.02, 0.005), separation=3.24, jumps=4.14 / 15)


@pytest.fixture
def readout_1k() -> Readout:
    """0.43 us, T1 30 us, 5.16: P(1|0) .005, P(0|1) .012 (physics.md)."""
    return Readout(preparation=Preparation(0.005, 0.002), separation=5.16, jumps=0.43 / 30, angle=-0.7)


@pytest.fixture
def calibrate() -> Callable[..., xr.Dataset]:
    return calibration


@pytest.fixture
def generator() -> np.random.Generator:
    return np.random.default_rng(20)
