"""Propagation: rho under generators whose coefficients change, sector by sector, in steps of the fourth order."""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numba import njit

from .cascade import Cascade
from .photon import Real
from .qutrit import Matrix
from .sector import Sector, sector

STABLE = 2.5
"""Largest turn of a step that is tried: the formula is stable up to 2.8."""


@dataclass(frozen=True)
class Piece:
    """From `first` to `last` (s) the controls are smooth.

    controls: Re g, Im g and delta of A, then of B (rad/s), (6, T), at times (T,) (s).
    """

    first: float
    last: float
    controls: Callable[[Real], Real]


@dataclass(frozen=True)
class Propagation:
    """A cascade under its controls, piece after piece, by the classical Runge-Kutta formula.

    turn: Step times the largest rate at which anything can change rho, of a step at most. Half of it leaves a sixteenth
    of the error; above 2.8 the steps are unstable.
    """

    cascade: Cascade
    pieces: tuple[Piece, ...]
    turn: float

    def after(self, rho: Matrix) -> Matrix:
        """rho (K, d, d) at the end, for rho (K, d, d) at the beginning."""
        after: Matrix = self.along(rho, np.array([self.pieces[-1].last]))[0]
        return after

    def along(self, rho: Matrix, times: Real) -> Matrix:
        """rho at each of `times` (s), ascending, none before the beginning: (T, K, d, d)."""
        start = rho.reshape(len(rho), -1).T
        found = np.zeros((len(times), *start.shape), dtype=np.complex128)
        labels = self.cascade.sectors
        for label in np.unique(labels[np.any(start != 0, axis=1)]):
            part = sector(self.cascade, int(label))
            columns = np.flatnonzero(np.any(start[part.inside] != 0, axis=0))
            state = np.ascontiguousarray(start[np.ix_(part.inside, columns)], dtype=np.complex128)
            found[:, part.inside[:, None], columns] = self._followed(part, state, times)
        return found.swapaxes(1, 2).reshape(len(times), *rho.shape)

    def _followed(self, part: Sector, state: Matrix, times: Real) -> Matrix:
        """A sector's columns at each of `times`, (T, m, K)."""
        found = [state] * int(np.sum(times <= self.pieces[0].first))
        for piece in self.pieces:
            asked = times[(times > piece.first) & (times <= piece.last)]
            stops = np.unique([piece.first, *asked, piece.last])
            for first, last in itertools.pairwise(stops.tolist()):
                state = self._marched(part, state, piece, first, last)
                found += [state] * int(np.sum(asked == last))
        return np.array(found)

    def _marched(self, part: Sector, state: Matrix, piece: Piece, first: float, last: float) -> Matrix:
        ends = np.linspace(first, last, 65)
        rate = float(np.max(part.rates @ np.vstack([np.ones(65), np.abs(piece.controls(ends))])))
        steps = max(1, math.ceil((last - first) * rate / self.turn))
        half = np.linspace(first, last, 2 * steps + 1)
        weights = np.ascontiguousarray(np.vstack([np.ones(len(half)), piece.controls(half)]).T)
        pattern = part.starts.astype(np.uint32), part.columns.astype(np.uint32)
        moved = _march(*pattern, _split(part.values), weights, (last - first) / steps, _split(state.T))
        return np.asarray(moved.view(np.complex128)[..., 0].T)


def held(part: Sector, state: Matrix, controls: Real, duration: Real, finer: int) -> Matrix:
    """A sector's lanes `state` (K, m) after steps on which the controls stand still, (K, m).

    What turns or damps an element by itself is exact, however fast a tone is off its resonance; for the rest it is the
    Runge-Kutta formula in that frame (Lawson, SIAM J. Numer. Anal. 4, 372, 1967). controls: Of each step, as `Piece`
    has them, (S, 6) (rad/s). duration: (S,) (s). finer: By how much the steps are divided further than it takes for the
    formula to be stable.
    """
    weights = np.column_stack([np.ones(len(controls)), controls])
    rows = np.repeat(np.arange(len(part.inside)), np.diff(part.starts))
    own = rows == part.columns
    alone = np.zeros((len(part.inside), part.values.shape[1]), dtype=np.complex128)
    alone[rows[own]] = part.values[own]
    rates = replace(part, values=np.where(own[:, None], 0, part.values)).rates
    counts = finer * np.maximum(1, np.ceil(duration * (np.abs(weights) @ rates) / STABLE)).astype(np.int64)
    pattern = part.starts.astype(np.uint32), part.columns.astype(np.uint32)
    values = _split(np.where(own[:, None], 0, part.values))
    half = np.exp((weights @ alone.T) * (duration / counts / 2)[:, None])
    moved = _hold(*pattern, values, weights, duration / counts, counts, _split(half), _split(state))
    return np.asarray(moved.view(np.complex128)[..., 0])


def _split(values: Matrix) -> Real:
    """Real and imaginary part as a last axis."""
    return np.ascontiguousarray(values).view(np.float64).reshape(*values.shape, 2)


# Unsigned indices spare the kernel the question whether one counts from the end: with parts apart, four times faster.
@njit(cache=True, fastmath=True)
def _march(starts, columns, values, weights, step, state):  # type: ignore[no-untyped-def]
    steered = np.flatnonzero(np.abs(values[:, 1:]).sum(axis=2).sum(axis=1))
    before, middle, after = values[:, 0].copy(), values[:, 0].copy(), values[:, 0].copy()
    slopes = [np.empty_like(state) for _ in range(4)]
    _weigh(steered, values, weights[0], before)
    for index in range(len(weights) // 2):
        _weigh(steered, values, weights[2 * index + 1], middle)
        _weigh(steered, values, weights[2 * index + 2], after)
        _apply(starts, columns, before, state, slopes[0])
        _apply(starts, columns, middle, state + step / 2 * slopes[0], slopes[1])
        _apply(starts, columns, middle, state + step / 2 * slopes[1], slopes[2])
        _apply(starts, columns, after, state + step * slopes[2], slopes[3])
        state = state + step / 6 * (slopes[0] + 2 * slopes[1] + 2 * slopes[2] + slopes[3])
        before, after = after, before
    return state


@njit(cache=True, fastmath=True)
def _hold(starts, columns, values, weights, steps, counts, halves, state):  # type: ignore[no-untyped-def]
    steered = np.flatnonzero(np.abs(values[:, 1:]).sum(axis=2).sum(axis=1))
    total = values[:, 0].copy()
    first, second = np.empty_like(state), np.empty_like(state)
    third, fourth, between = np.empty_like(state), np.empty_like(state), np.empty_like(state)
    for index in range(len(weights)):
        _weigh(steered, values, weights[index], total)
        step, half = steps[index], halves[index]
        for _ in range(counts[index]):
            _apply(starts, columns, total, state, first)
            between[:] = state + step / 2 * first
            _turn(half, between)
            _apply(starts, columns, total, between, second)
            between[:] = state
            _turn(half, between)
            between += step / 2 * second
            _apply(starts, columns, total, between, third)
            # y and the first slope go the whole step, the second and third a half of it.
            state = state + step / 6 * first
            _turn(half, state)
            between += step * third - step / 2 * second
            _turn(half, between)
            _apply(starts, columns, total, between, fourth)
            state += step / 3 * (second + third)
            _turn(half, state)
            state += step / 6 * fourth
    return state


@njit(cache=True, fastmath=True)
def _turn(factors, state):  # type: ignore[no-untyped-def]
    for lane in range(state.shape[0]):
        for row in range(state.shape[1]):
            x, y = state[lane, row, 0], state[lane, row, 1]
            state[lane, row, 0] = factors[row, 0] * x - factors[row, 1] * y
            state[lane, row, 1] = factors[row, 0] * y + factors[row, 1] * x


@njit(cache=True, fastmath=True)
def _weigh(steered, values, weights, total):  # type: ignore[no-untyped-def]
    for entry in steered:
        real, imag = values[entry, 0, 0], values[entry, 0, 1]
        for part in range(1, values.shape[1]):
            real += weights[part] * values[entry, part, 0]
            imag += weights[part] * values[entry, part, 1]
        total[entry, 0], total[entry, 1] = real, imag


@njit(cache=True, fastmath=True)
def _apply(starts, columns, values, state, slope):  # type: ignore[no-untyped-def]
    for lane in range(state.shape[0]):
        for row in range(len(starts) - 1):
            real, imag = 0.0, 0.0
            for entry in range(starts[row], starts[row + 1]):
                a, b = values[entry, 0], values[entry, 1]
                column = columns[entry]
                x, y = state[lane, column, 0], state[lane, column, 1]
                real += a * x - b * y
                imag += a * y + b * x
            slope[lane, row, 0], slope[lane, row, 1] = real, imag
