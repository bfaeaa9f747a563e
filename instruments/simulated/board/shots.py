"""Shots: what several boards play and hear together, on one axis of time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import tau
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .converters.readouts import Readout
from .measurement import Measurement, Words
from .output import BOARD, Plant, Played, Repetition, Window

RESOLUTION: Final = 1e-15
"""To which shifts between boards are compared when repetitions are put into one group (s)."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a board has played.

    first: Number of its generator 0 on the plant's side. rate: True seconds in one of its seconds. groups, owner: Its
    distinct repetitions and that of each one. origins: When each one begins, on the board's own time (s).
    """

    first: int
    skew: float
    rate: float
    groups: tuple[Repetition, ...]
    owner: NDArray[np.int64]
    origins: NDArray[np.float64]

    def heard(self, others: "list[Run]", reach: float) -> tuple[list[Repetition], NDArray[np.int64]]:
        """The board's repetitions with what all boards play around their windows, and the group of each one."""
        known: dict[tuple[tuple[int, int, int], ...], int] = {}
        groups: list[Repetition] = []
        owner = np.empty(len(self.owner), np.int64)
        for n in range(len(self.owner)):
            parts = [(other, k, shift) for other in others for k, shift in self._around(n, other, reach)]
            key = tuple((other.first, int(other.owner[k]), round(shift / RESOLUTION)) for other, k, shift in parts)
            owner[n] = known.setdefault(((self.first, int(self.owner[n]), 0), *key), len(groups))
            if owner[n] == len(groups):
                groups.append(self._joined(n, parts))
        return groups, owner

    @cached_property
    def times(self) -> NDArray[np.float64]:
        """When each repetition begins, true time from the common start on (s)."""
        return self.skew + self.rate * self.origins

    def _around(self, n: int, other: "Run", reach: float) -> Iterator[tuple[int, float]]:
        """Repetitions of another board that sound around the windows of repetition n; how much later they begin."""
        windows = self.groups[self.owner[n]].windows
        if not windows:
            return
        begin = min(window.start for window in windows) * self.rate - reach
        end = max(window.start + window.length for window in windows) * self.rate + reach
        first, last = np.searchsorted(other.times, self.times[n] + np.array([begin, end]))
        for k in range(max(int(first) - 1, 0), int(last)):
            shift = self._shift(n, other, k)
            starts = [(shift + other.rate * wave.start, wave.duration) for wave in other.groups[other.owner[k]].played]
            if any(start < end and start + duration > begin for start, duration in starts):
                yield k, shift

    def _shift(self, n: int, other: "Run", k: int) -> float:
        """The difference of `times`, exactly the same for pairs that lie equally far apart on clocks that agree."""
        drifted = (other.rate - 1) * other.origins[k] - (self.rate - 1) * self.origins[n]
        return float((other.origins[k] - self.origins[n]) + (other.skew - self.skew) + drifted)

    def later(self, other: "Run") -> NDArray[np.float64]:
        """How much later than in another run, of as many repetitions, each one begins (s); see `_shift`."""
        drifted = (self.rate - 1) * self.origins - (other.rate - 1) * other.origins
        return np.asarray((self.origins - other.origins) + (self.skew - other.skew) + drifted)

    def _joined(self, n: int, parts: "list[tuple[Run, int, float]]") -> Repetition:
        own = self.groups[self.owner[n]]
        played = self.played(n, 0.0) + [wave for other, k, shift in parts for wave in other.played(k, shift)]
        return Repetition(
            played=tuple(sorted(played, key=lambda wave: wave.start)),
            windows=tuple(self._window(window, 0.0) for window in own.windows),
            period=self.rate * own.period,
        )

    def played(self, n: int, shift: float) -> list[Played]:
        """By a repetition that begins at `shift` (s), in true time."""
        return [self._sound(wave, shift) for wave in self.groups[self.owner[n]].played]

    def windows(self, n: int, shift: float) -> list[Window]:
        """Of a repetition that begins at `shift` (s), in true time, with the names that the plant has for readouts."""
        found = [self._window(window, shift) for window in self.groups[self.owner[n]].windows]
        return [replace(window, readout=self.first + window.readout) for window in found]

    def _sound(self, wave: Played, shift: float) -> Played:
        """A wave in true time, its repetition `shift` (s) after the axis' zero; the phase at its start stays."""
        start, oscillator = shift + self.rate * wave.start, wave.oscillator / self.rate
        return replace(
            wave,
            generator=self.first + wave.generator,
            start=start,
            sample_rate=wave.sample_rate / self.rate,
            oscillator=oscillator,
            frequency=wave.frequency / self.rate,
            sampling=wave.sampling / self.rate,
            phase=wave.phase + tau * (wave.oscillator * wave.start - oscillator * start),
        )

    def _window(self, window: Window, shift: float) -> Window:
        start, length, frequency = (
            shift + self.rate * window.start,
            self.rate * window.length,
            window.frequency / self.rate,
        )
        return replace(window, start=start, length=length, frequency=frequency, sampling=window.sampling / self.rate)


@dataclass(frozen=True, eq=False)
class Shots:
    """The n-th repetitions of all boards, which are one to the `plant`.

    runs: Of each board. readout: Of a board, by its number on the plant's side.
    """

    runs: Sequence[Run]
    plant: Plant
    readout: Callable[[int], Readout]

    @cached_property
    def together(self) -> bool:
        """All boards begin each shot before any of them begins the next one."""
        if len({len(run.owner) for run in self.runs}) > 1:
            return False
        times = np.array([run.times for run in self.runs])
        return bool(np.all(times.max(axis=0)[:-1] < times.min(axis=0)[1:]))

    def heard(self, board: int, sampled: bool) -> dict[int, Words]:
        """What the windows of one board record, by readout: sums, (windows of the run, 2), or all samples."""
        found = self._samples if sampled else self._sums
        return {index % BOARD: words for index, words in found.items() if index // BOARD == board}

    @cached_property
    def _sums(self) -> dict[int, Words]:
        """Of all boards, measured when the first of them asks."""
        return dict(zip(self._channels, self._measurement.accumulated(self._channels), strict=True))

    @cached_property
    def _samples(self) -> dict[int, Words]:
        """As `_sums`, of other shots."""
        return dict(zip(self._channels, self._measurement.traces(self._channels), strict=True))

    @property
    def _channels(self) -> list[int]:
        return sorted({window.readout for group in self._measurement.groups for window in group.windows})

    @cached_property
    def _measurement(self) -> Measurement:
        """Of distinct shots."""
        shifts = self._shifts()
        kinds = np.concatenate([[run.owner for run in self.runs], np.round(shifts / RESOLUTION).astype(np.int64)])
        _, first, owner = np.unique(kinds, axis=1, return_index=True, return_inverse=True)
        groups = [self._shot(n, shifts[:, n].tolist()) for n in first.tolist()]
        return Measurement(readout=self.readout, plant=self.plant, groups=groups, owner=owner.ravel())

    def _shifts(self) -> NDArray[np.float64]:
        """By how much later than the first board each one begins a shot, shape (boards, shots) (s)."""
        late = np.array([run.later(self.runs[0]) for run in self.runs])
        return np.asarray(late - late.min(axis=0))

    def _shot(self, n: int, shifts: Sequence[float]) -> Repetition:
        runs = list(zip(self.runs, shifts, strict=True))
        played = [wave for run, shift in runs for wave in run.played(n, shift)]
        windows = [window for run, shift in runs for window in run.windows(n, shift)]
        first = min(runs, key=lambda one: one[1])[0]
        return Repetition(
            played=tuple(sorted(played, key=lambda wave: wave.start)),
            windows=tuple(sorted(windows, key=lambda window: window.start)),
            period=first.rate * first.groups[first.owner[n]].period,
        )
