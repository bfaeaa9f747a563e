"""Echo: what the twin of a board says that a probe sounds like through a cable, and how a measured one differs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from scipy.optimize import minimize_scalar

from ..simulated.board.loopback import Cable, Loopback
from ..simulated.board.output import Repetition, Window
from ..simulated.board.soc import SimulatedSoc
from .loop import Loop
from .probe import ProbeProgram, Trace

_GRID: Final = 0.5
"""Of the first search for a delay (decimated samples)."""
_EXACT: Final = 1e-4
"""Of the second (decimated samples)."""
_BLUR: Final = np.hanning(11)[1:-1] / np.hanning(11).sum()
"""Both sides of a fit are smoothed alike: unsmoothed, a step of the twin's has its time from a single sample, and that
one depends on the filters of the real converter."""


@dataclass(frozen=True, kw_only=True)
class Fit:
    """An echo's delay (s) and complex gain that describe a measured one best."""

    delay: float
    gain: complex


@dataclass
class _Ear:
    """A plant that hears nothing, but remembers what it was asked, window by window."""

    heard: list[tuple[Repetition, Window]] = field(default_factory=list)

    def measure(self, repetition: Repetition, shots: int) -> Trace:
        return np.zeros((shots, len(repetition.windows)), np.complex128)

    def traces(self, repetition: Repetition, windows: Sequence[Window]) -> list[Trace]:
        self.heard += [(repetition, window) for window in windows]
        return [np.zeros(window.samples, np.complex128) for window in windows]


class Reference:
    """The twin of the board that a loop belongs to."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self._ear = _Ear()
        self._soc = SimulatedSoc(loop.soccfg, self._ear)

    def echo(self, program: ProbeProgram) -> "Echo":
        """Execute the program's image; BoardError if the board would not play it as it was asked."""
        self._ear.heard.clear()
        program.acquired(self._soc)
        return Echo(loop=self.loop, heard=tuple(self._ear.heard))


@dataclass(frozen=True, kw_only=True)
class Echo:
    """A probe as the twin of the board has executed it. heard: Its windows, in time order."""

    loop: Loop
    heard: tuple[tuple[Repetition, Window], ...]

    def traces(self, delay: float) -> Trace:
        """Through a cable of that delay (s), without noise; shape (windows, samples), 1 a wave of full scale."""
        return np.stack([self._trace(n, delay) for n in range(len(self.heard))])

    def fit(self, row: int, measured: Trace, low: float, high: float) -> Fit:
        """Least squares for one window, shape (samples,), with a delay between `low` and `high` (s)."""
        sample, blurred = self.loop.sample * 1e-6, _blurred(measured)
        grid = np.linspace(low, high, max(3, int((high - low) / (_GRID * sample)) + 1))
        best = grid[int(np.argmin([self._misfit(row, blurred, delay) for delay in grid]))]
        found: Any = minimize_scalar(
            lambda delay: self._misfit(row, blurred, delay),
            bounds=(max(low, best - sample), min(high, best + sample)),
            method="bounded",
            options={"xatol": _EXACT * sample},
        )
        return Fit(delay=float(found.x), gain=projected(_blurred(self._trace(row, float(found.x))), blurred))

    def _trace(self, row: int, delay: float) -> Trace:
        cable = Cable(generator=self.loop.generator, readout=self.loop.readout, delay=delay, gain=1.0, noise=0.0)
        repetition, window = self.heard[row]
        return Loopback(np.random.default_rng(0), (cable,)).traces(repetition, (window,))[0]

    def _misfit(self, row: int, blurred: Trace, delay: float) -> float:
        expected = _blurred(self._trace(row, delay))
        return float(np.sum(abs(blurred - projected(expected, blurred) * expected) ** 2))


def projected(expected: Trace, measured: Trace) -> complex:
    """The complex factor that brings `expected` nearest to `measured`; 0 for an expected silence."""
    power = np.vdot(expected, expected).real
    return complex(np.vdot(expected, measured) / power) if power else 0j


def _blurred(trace: Trace) -> Trace:
    return np.convolve(trace, _BLUR, mode="same")
