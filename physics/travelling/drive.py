"""Drive: the f0-g1 tone at one node, with the times at which it plays there and the chirp it was given."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...sequences.errors import ModelError
from ..scale import DURATION, RATE
from .photon import Photon, Real


@dataclass(frozen=True, kw_only=True)
class Drive:
    """A tone that couples |f0> and |g1> of a node by g~(t), as somebody programs it who knows the node more or less.

    photon: What is to be emitted or caught; its middle is the middle of the window.
    kappa: Linewidth that the node's resonator is taken to have (rad/s).
    window: Length of the tone (s); it is cut off sharply at both ends.
    start: When the tone begins (s), on the clock that all nodes share. A catching drive has to begin the line's delay
        later than the emitting one.
    catches: Whether it is the time-reversed drive that catches the photon.
    stark: Coefficient of the ac Stark shift that the chirp compensates (s): f moves by stark |g~|^2 (rad/s).
    scale: g~ that acts over g~ that was asked for: an amplitude that is calibrated wrongly differs from 1.
    """

    photon: Photon
    kappa: float
    window: float
    start: float = 0.0
    catches: bool = False
    stark: float = 0.0
    scale: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.window < math.inf:
            raise ModelError("drive window", self.window, "must be positive and finite; give it in seconds")
        DURATION.one("drive window (s)", self.window)
        RATE.one("photon bandwidth (rad/s)", self.photon.bandwidth)
        for name in ("start", "stark", "scale"):
            if not math.isfinite(getattr(self, name)):
                raise ModelError(f"drive {name}", getattr(self, name), "must be a number")
        self.photon.coupling(0.0, self.kappa)

    @property
    def end(self) -> float:
        """When the tone ends (s)."""
        return self.start + self.window

    def envelope(self, time: ArrayLike) -> Real:
        """|g~| that acts (rad/s) at `time` (s) of the common clock, same shape; 0 outside the window."""
        return np.where(self._plays(time), self.scale * self._asked(time), 0.0)

    def chirp(self, time: ArrayLike) -> Real:
        """Rate at which the tone's phase is turned to follow the shift it expects: stark |g~|^2 (rad/s)."""
        return np.where(self._plays(time), self.stark * self._asked(time) ** 2, 0.0)

    def coupling(self, time: Real) -> NDArray[np.complex128]:
        """g~(t) = |g~| exp(-i theta) (rad/s), theta the integral of the chirp from `time[0]` (trapezoids)."""
        chirp = self.chirp(time)
        theta = np.concatenate([[0.0], np.cumsum((chirp[1:] + chirp[:-1]) / 2 * np.diff(time))])
        return np.asarray(self.envelope(time) * np.exp(-1j * theta), dtype=np.complex128)

    def acting(self, time: Real, stark: float) -> tuple[Real, Real]:
        """|g~| and the shift of f against the chirped tone (rad/s) in a node with this `stark` (s), within the window.

        The shift is stark |g~|^2 less the chirp: none if the drive knows its node. Both of the shape of `time` (s).
        """
        asked = self._asked(time)
        return self.scale * asked, (stark * self.scale**2 - self.stark) * asked**2

    def _plays(self, time: ArrayLike) -> NDArray[np.bool_]:
        at = np.asarray(time, dtype=np.float64)
        return np.asarray((at >= self.start) & (at <= self.end))

    def _asked(self, time: ArrayLike) -> Real:
        middle = np.asarray(time, dtype=np.float64) - self.start - self.window / 2
        return self.photon.coupling(-middle if self.catches else middle, self.kappa)
