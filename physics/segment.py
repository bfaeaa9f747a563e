"""Segment: the steps of a window in which the same couplers are on, cut as coarsely as the accuracy allows."""

import itertools
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .controls import Controls

NEGLIGIBLE_COUPLING = 2 * np.pi * 500.0
"""A coupler below this (rad/s) is off: over 1 us it moves less than (n + 1) 1e-5 of a population."""


@dataclass(frozen=True)
class Segment:
    """Steps in which the couplers of the qubits `active` are on."""

    active: tuple[int, ...]
    controls: Controls

    @property
    def duration(self) -> float:
        """Of all steps (s)."""
        return float(self.controls.duration.sum())


def segments(controls: Controls, step: float, turn: float) -> list[Segment]:
    """Cut where the set of active couplers changes; a pause belongs to what came before it.

    step: Longest step (s). turn: Largest change of a control within a step that is averaged (rad).
    """
    merged = _merged(_divided(controls, step), step, turn)
    sets: list[tuple[int, ...]] = []
    for row in np.abs(merged.coupling) > NEGLIGIBLE_COUPLING:
        active = tuple(int(qubit) for qubit in np.flatnonzero(row))
        sets.append(active or (sets[-1] if sets else ()))
    found, first = [], 0
    for active, group in itertools.groupby(sets):
        last = first + len(list(group))
        found.append(Segment(active, merged.steps(slice(first, last))))
        first = last
    return found


def _divided(controls: Controls, longest: float) -> Controls:
    """Cut samples that are longer than `longest` (s) into equal pieces."""
    pieces = np.maximum(1, np.ceil(controls.duration / longest - 1e-9)).astype(int)
    return Controls(
        duration=np.repeat(controls.duration / pieces, pieces),
        qubit=np.repeat(controls.qubit, pieces, axis=0),
        coupling=np.repeat(controls.coupling, pieces, axis=0),
        mode=np.repeat(controls.mode, pieces, axis=0),
        load=np.repeat(controls.load, pieces, axis=0),
    )


def _merged(controls: Controls, step: float, turn: float) -> Controls:
    """Average neighbouring samples while the controls stand still, or move little within one step."""
    edges = _edges(controls, step, turn)
    durations = np.add.reduceat(controls.duration, edges)

    def average(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.add.reduceat(values * controls.duration[:, None], edges, axis=0) / durations[:, None])

    return Controls(
        duration=durations,
        qubit=average(controls.qubit),
        coupling=average(controls.coupling),
        mode=average(controls.mode),
        load=average(controls.load),
    )


def _edges(controls: Controls, step: float, turn: float) -> NDArray[np.int64]:
    """First samples of the steps."""
    signals = np.hstack([controls.qubit, controls.coupling, controls.mode, controls.load])
    return np.asarray(_cut(controls.duration, signals, np.abs(controls.coupling) > NEGLIGIBLE_COUPLING, step, turn))


@njit(cache=True)
def _cut(duration, signals, on, step, turn):  # type: ignore[no-untyped-def]
    first, count, elapsed, moved = 0, 1, duration[0], False
    edges = np.zeros(duration.size, np.int64)
    for index in range(1, duration.size):
        elapsed += duration[index]
        drift, moves = 0.0, False
        for signal in range(signals.shape[1]):
            drift = max(drift, abs(signals[index, signal] - signals[first, signal]) * elapsed)
            moves |= signals[index, signal] != signals[index - 1, signal]
        # A ramp begins a step of its own: the same ramp then gives the same steps, whatever came before it.
        starts, full = moves and not moved, elapsed > step * (1 + 1e-9)
        if full or starts or drift > turn or np.any(on[index] != on[first]):
            edges[count], count = index, count + 1
            first, elapsed = index, duration[index]
        moved = moves
    return edges[:count]
