"""Envelopes: the shape of a pulse between its start and its end, without amplitude and without a clock."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.complex128]


class Envelope(Protocol):
    """A shape of modulus at most one."""

    def __call__(self, time: NDArray[np.float64], duration: float) -> Samples:
        """Shape at `time` (s, any shape) after the start of a pulse of `duration` (s); zero outside of it."""
        ...


def _inside(time: NDArray[np.float64], duration: float) -> NDArray[np.bool_]:
    return (time >= 0) & (time <= duration)


@dataclass(frozen=True)
class Square:
    """Constant from start to end."""

    def __call__(self, time: NDArray[np.float64], duration: float) -> Samples:
        """Shape at `time` (s)."""
        return _inside(time, duration).astype(complex)


@dataclass(frozen=True)
class FlatTop:
    """Flat, with raised-cosine edges: its area is `duration - rise`.

    rise: Length of each edge (s).
    """

    rise: float

    def __call__(self, time: NDArray[np.float64], duration: float) -> Samples:
        """Shape at `time` (s)."""
        to_edge = np.minimum(time, duration - time)
        ramp = np.clip(to_edge / self.rise, 0.0, 1.0) if self.rise > 0 else np.ones_like(time)
        return np.where(_inside(time, duration), np.sin(np.pi / 2 * ramp) ** 2, 0.0).astype(complex)


@dataclass(frozen=True)
class Notched:
    """Flat with raised-cosine edges, and on another level for a while in between.

    rise: Length of each edge (s). begin, end: Of the other level, its edges included (s). outside, inside: The levels.
    """

    rise: float
    begin: float
    end: float
    outside: float
    inside: float

    def __call__(self, time: NDArray[np.float64], duration: float) -> Samples:
        """Shape at `time` (s)."""
        flat = FlatTop(self.rise)
        notch = flat(time - self.begin, self.end - self.begin)
        return np.asarray(self.outside * flat(time, duration) + (self.inside - self.outside) * notch)


@dataclass(frozen=True)
class RaisedCosine:
    """One period of a raised cosine, with its derivative in quadrature (DRAG, Motzoi et al., PRL 103, 110501).

    drag: Weight of the derivative (s); 1/(2 pi anharmonicity), halved, is the first-order choice.
    """

    drag: float = 0.0

    def __call__(self, time: NDArray[np.float64], duration: float) -> Samples:
        """Shape at `time` (s)."""
        x = np.pi * time / duration
        shape = np.sin(x) ** 2 + 1j * self.drag * np.pi / duration * np.sin(2 * x)
        return np.where(_inside(time, duration), shape, 0.0)
