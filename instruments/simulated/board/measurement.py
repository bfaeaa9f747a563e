"""Measurement: what a plant answers to a run's repetitions, as the integers that readouts make of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ....sequences.errors import BoardError
from .converters.readouts import Readout
from .converters.wiring import Wiring
from .output import FeedbackPlant, Plant, Repetition, TracingPlant

Words = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """A run and the plant that answers it.

    groups: Distinct repetitions. owner: Of each repetition, in time order. heard: What was answered while the program
    ran, by readout: (windows of the run, 2); None if nothing was.
    """

    wiring: Wiring
    plant: Plant
    groups: Sequence[Repetition]
    owner: NDArray[np.int64]
    heard: Mapping[int, Words] | None = None

    def accumulated(self, channels: Sequence[int]) -> list[Words]:
        """Sums over each window of `channels`: per channel (windows of the run, 2) in time order."""
        heard = self._followed() if self.heard is None and self._remembered() else self.heard
        if heard is not None:
            return [heard.get(channel, np.zeros((0, 2), np.int64)) for channel in channels]
        counts = {channel: self._counts(channel) for channel in channels}
        first = {channel: np.cumsum(counts[channel]) - counts[channel] for channel in channels}
        out = [np.zeros((int(counts[channel].sum()), 2), np.int64) for channel in channels]
        order = np.argsort(self.owner, kind="stable")
        bounds = np.searchsorted(self.owner[order], np.arange(len(self.groups) + 1))
        for number, repetition in enumerate(self.groups):
            rows = order[bounds[number] : bounds[number + 1]]
            iq = np.asarray(self.plant.measure(repetition, len(rows)))
            if iq.shape != (len(rows), len(repetition.windows)):
                raise BoardError(f"the plant gave {iq.shape}, {(len(rows), len(repetition.windows))} were asked for")
            for array, channel in zip(out, channels, strict=True):
                columns = _columns(repetition, channel)
                places = first[channel][rows][:, None] + np.arange(len(columns))
                unit = self.wiring.readout(channel)
                array[places] = words(unit, iq[:, columns], unit.length)
        return out

    def reads(self, channels: Sequence[int], reads: Sequence[int]) -> list[Words]:
        """As `accumulated`, with the windows of each repetition apart: per channel (repetitions, reads, 2)."""
        for channel, count in zip(channels, reads, strict=True):
            wrong = np.flatnonzero(self._counts(channel) != count)
            if wrong.size:
                raise BoardError(
                    f"readout {channel} fired {self._counts(channel)[wrong[0]]} times in repetition {wrong[0]}, "
                    f"{count} were expected; correct its triggers"
                )
        arrays = self.accumulated(channels)
        return [array.reshape(len(self.owner), count, 2) for array, count in zip(arrays, reads, strict=True)]

    def traces(self, channels: Sequence[int]) -> list[Words]:
        """Decimated samples of every window of `channels`: per channel (samples of all windows, 2)."""
        if self.heard is not None and channels:
            raise BoardError(
                "the program reads results on the board, so only their sums are simulated; use acquire() for its data"
            )
        out: list[list[Words]] = [[] for _ in channels]
        for number in self.owner.tolist():
            repetition = self.groups[number]
            for window in repetition.windows:
                if window.readout in channels:
                    heard = np.asarray(tracing(self.plant).trace(repetition, window))
                    unit = self.wiring.readout(window.readout)
                    out[list(channels).index(window.readout)].append(words(unit, heard, 1))
        return [np.concatenate(windows) if windows else np.zeros((0, 2), np.int64) for windows in out]

    def _remembered(self) -> bool:
        """Some repetition finds what the one before has left."""
        return isinstance(self.plant, FeedbackPlant) and any(map(self.plant.remembers, self.groups))

    def _followed(self) -> Mapping[int, Words]:
        """As `heard`, repetition by repetition."""
        found: dict[int, list[Words]] = {}
        with answering(self.plant).follow() as run:
            for repetition in (self.groups[number] for number in self.owner.tolist()):
                for number, window in enumerate(repetition.windows):
                    unit = self.wiring.readout(window.readout)
                    iq = np.array(run.answer(repetition, number), np.complex128)
                    found.setdefault(unit.index, []).append(words(unit, iq, unit.length))
                run.close(repetition)
        return {index: np.array(answers, np.int64) for index, answers in found.items()}

    def _counts(self, channel: int) -> NDArray[np.int64]:
        """Windows of a channel in each repetition."""
        each = np.array([len(_columns(repetition, channel)) for repetition in self.groups], np.int64)
        return each[self.owner]


def words(readout: Readout, iq: NDArray[np.complex128], samples: int) -> Words:
    """I and Q on a new last axis, with the readout's offset in each sample."""
    both: Words = (np.stack([iq.real, iq.imag], axis=-1) + readout.offset * samples).round().astype(np.int64)
    return both


def answering(plant: Plant) -> FeedbackPlant:
    """The plant, if it can answer while the program runs."""
    if not isinstance(plant, FeedbackPlant):
        raise BoardError(
            f"{type(plant).__name__} has no follow(): it gives results after the run, but the program reads one on the "
            "board; decide on the host, or use a Loopback"
        )
    return plant


def tracing(plant: Plant) -> TracingPlant:
    """The plant, if it can answer sample by sample."""
    if not isinstance(plant, TracingPlant):
        raise BoardError(
            f"{type(plant).__name__} has no trace(): it gives accumulated results only; use acquire(), or a Loopback"
        )
    return plant


def _columns(repetition: Repetition, channel: int) -> list[int]:
    return [n for n, window in enumerate(repetition.windows) if window.readout == channel]
