"""Signals: the controls of many sweep points as functions of time, and their moments on the steps of a solver."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from ...sequences.errors import ModelError
from ..check import whole
from ..controls import Controls
from ..scale import DURATION
from .elements import Index

Real = NDArray[np.float64]
Function = Callable[[Real], ArrayLike]
Moments = dict[int, Real]
NODES, WEIGHTS = np.polynomial.legendre.leggauss(4)


@dataclass(frozen=True)
class Interval:
    """A part of the time axis in which the signals are smooth. start, end: (s). constant: Whether they stand still."""

    start: float
    end: float
    constant: bool = False


class Played(Protocol):
    """What a solver asks of the controls of its points."""

    @property
    def duration(self) -> float:
        """Of all points (s)."""

    @property
    def points(self) -> int:
        """Sweep points."""

    def intervals(self, step: float) -> Sequence[Interval]:
        """Cut the time axis for steps of about `step` (s)."""

    def moments(self, edges: Real, qubits: int, modes: int, points: Index) -> Moments:
        """Legendre moments p_0, p_1, p_2 of each term's coefficient on the steps between `edges` (s), for some points.

        On a step c(t) = sum_l p_l P_l(x), x from -1 to 1. By the term's number (see `generator`), each of shape
        (3, steps, points), or (3, steps, 1) if it is that of all; a term that is zero throughout is left out.
        """


@dataclass(frozen=True, kw_only=True)
class Signals:
    """Smooth controls of `points` sweep points, each with its own, with the meaning of `Controls`.

    duration: Of all points (s).
    coupling, qubit: Take times of shape [T] (s) and give rad/s, shape [T, points, Q] or what broadcasts to it; without
        one it is zero.
    mode, load: The same of shape [T, points, M].
    breaks: Times at which a signal or its slope jumps (s); steps end there. Between two of them there must be nothing
        shorter than a hundredth of their distance.

    Example, 64 amplitudes g of one raised-cosine pulse on qubit A:
        Signals(duration=T, points=64, coupling=lambda t: (np.sin(np.pi * t / T) ** 2)[:, None, None]
                * g[:, None] * np.array([1, 0]))
    """

    duration: float
    points: int
    coupling: Function | None = None
    qubit: Function | None = None
    mode: Function | None = None
    load: Function | None = None
    breaks: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.duration <= DURATION.most:
            why = f"must be positive and at most {DURATION.most:g} s, beyond which no sweep ends; give it in s"
            raise ModelError("duration of the signals (s)", self.duration, why)
        whole("points of the signals", self.points)
        if self.points < 1:
            raise ModelError("points of the signals", self.points, "a sweep has one at least")
        for name in ("coupling", "qubit", "mode", "load"):
            function = getattr(self, name)
            if not (function is None or callable(function)):
                raise ModelError(name, function, "a function of time is needed; for a constant c, lambda t: c")

    def intervals(self, step: float) -> list[Interval]:
        """Between the breaks, whatever the step."""
        inside = sorted({time for time in self.breaks if 0 < time < self.duration})
        ends = [0.0, *inside, self.duration]
        return [Interval(*pair) for pair in itertools.pairwise(ends)]

    def moments(self, edges: Real, qubits: int, modes: int, points: Index) -> Moments:
        """By four Gauss nodes on each step."""
        half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
        times = (middle[:, None] + half[:, None] * NODES).ravel()
        polynomials = np.stack([np.ones(4), NODES, 1.5 * NODES**2 - 0.5]) * np.array([[0.5], [1.5], [2.5]]) * WEIGHTS
        found: Moments = {}
        for name, first, count in places(qubits, modes):
            values = self._values(name, times, count)
            for index in range(count):
                column = values[:, points if values.shape[1] > 1 else slice(None), index]
                if column.any():
                    grid = np.ascontiguousarray(column).reshape(len(half), len(NODES), -1)
                    found[first + index] = (polynomials @ grid).transpose(1, 0, 2)
        return found

    def _values(self, name: str, times: Real, count: int) -> Real:
        """Shape (times, points or 1, count)."""
        function: Function | None = getattr(self, name)
        shape = (len(times), self.points, count)
        values = np.zeros(()) if function is None else np.asarray(function(times), dtype=np.float64)
        if not np.all(np.isfinite(values)) or (name == "load" and np.any(values < 0)):
            raise ModelError(
                f"{name} (rad/s)", values.flat[np.argmin(values)], "must be finite, and a load not negative"
            )
        alike = values.ndim < 2 or values.shape[-2] == 1
        try:
            return np.broadcast_to(values, (len(times), 1, count) if alike else shape)
        except ValueError:
            why = f"it gives shape {values.shape} at {len(times)} times; {shape} is needed, or what broadcasts to it"
            raise ModelError(f"size of {name}", values.size, why) from None


@dataclass(frozen=True)
class Sampled:
    """Piecewise constant controls, one `Controls` for each sweep point; all have the same durations.

    A sample that is longer than a quarter of a solver's step is followed by itself, without an error of time; shorter
    ones are taken together as a smooth signal.
    """

    controls: Sequence[Controls]

    def __post_init__(self) -> None:
        if not len(self.controls):
            raise ModelError("number of points", 0, "a sweep has one at least")
        first = self.controls[0].duration
        for other in self.controls:
            if not np.array_equal(other.duration, first):
                total = float(other.duration.sum())
                why = "the points of one sweep share the durations of their samples; pad the shorter ones"
                raise ModelError("duration", total, why)

    @property
    def points(self) -> int:
        """Sweep points."""
        return len(self.controls)

    @property
    def duration(self) -> float:
        """Of all points (s)."""
        return float(self.controls[0].duration.sum())

    @cached_property
    def _samples(self) -> Controls:
        """Of all points, side by side in the last axis, with equal neighbours in one."""
        stacked = {name: np.stack([getattr(c, name) for c in self.controls], axis=1) for name in NAMES}
        flat = np.concatenate([values.reshape(len(values), -1) for values in stacked.values()], axis=1)
        firsts = np.flatnonzero(np.append(True, np.any(flat[1:] != flat[:-1], axis=1)))
        durations = np.add.reduceat(self.controls[0].duration, firsts)
        values = {name: array[firsts].reshape(len(firsts), -1) for name, array in stacked.items()}
        return Controls(duration=durations, **values)

    def intervals(self, step: float) -> list[Interval]:
        """Each long sample, and each run of short ones."""
        durations = self._samples.duration
        ends = np.concatenate([[0.0], np.cumsum(durations)])
        long = durations > step / 4
        cuts = np.flatnonzero(np.append(True, long[1:] | long[:-1]))
        lasts = np.append(cuts[1:], len(durations))
        return [Interval(float(ends[a]), float(ends[b]), bool(b == a + 1)) for a, b in zip(cuts, lasts, strict=True)]

    def moments(self, edges: Real, qubits: int, modes: int, points: Index) -> Moments:
        """Exact integrals over the staircase."""
        matrices = self._integrals(edges)
        found: Moments = {}
        for name, first, count in places(qubits, modes):
            values = getattr(self._samples, name).reshape(len(self._samples.duration), self.points, count)
            for index in range(count):
                column = values[:, points, index]
                if column.any():
                    found[first + index] = np.stack([matrix @ column for matrix in matrices])
        return found

    def _integrals(self, edges: Real) -> list[csr_array]:
        """Weight of each sample in p_0, p_1, p_2 of each step, shape (steps, samples)."""
        ends = np.concatenate([[0.0], np.cumsum(self._samples.duration)])
        times = np.unique(np.concatenate([edges, ends[(ends > edges[0]) & (ends < edges[-1])]]))
        middles = (times[1:] + times[:-1]) / 2
        step, sample = np.searchsorted(edges, middles) - 1, np.searchsorted(ends, middles) - 1
        centre, half = (edges[step + 1] + edges[step]) / 2, (edges[step + 1] - edges[step]) / 2
        a, b = (times[:-1] - centre) / half, (times[1:] - centre) / half
        antiderivatives = [(b - a) / 2, 0.75 * (b**2 - a**2), 1.25 * ((b**3 - b) - (a**3 - a))]
        shape = (len(edges) - 1, len(ends) - 1)
        return [csr_array((weights, (step, sample)), shape=shape) for weights in antiderivatives]


NAMES = tuple(field.name for field in fields(Controls) if field.name != "duration")


def places(qubits: int, modes: int) -> list[tuple[str, int, int]]:
    """Name of each kind of control, the number of its first term, and how many there are."""
    return [
        ("coupling", 1, qubits),
        ("qubit", 1 + qubits, qubits),
        ("mode", 1 + 2 * qubits, modes),
        ("load", 1 + 2 * qubits + modes, modes),
    ]
