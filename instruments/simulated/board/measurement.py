"""Measurement: what a plant answers to a run's repetitions, as the integers that readouts make of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ....sequences.errors import BoardError
from .converters.readouts import Readout
from .output import FeedbackPlant, Followed, Plant, Repetition, TracedRun, TracingPlant

Words = NDArray[np.int64]
NONE: Final[Words] = np.zeros((0, 2), np.int64)


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What was answered while a program ran, in time order.

    sums: Per readout (windows of the run, 2). samples: Of the readouts that keep them, (samples of all windows, 2).
    """

    sums: Mapping[int, Words]
    samples: Mapping[int, Words]


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """A run and the plant that answers it.

    readout: Of the board, by its index. groups: Distinct repetitions. owner: Of each repetition, in time order. heard:
    None if nothing was answered while the program ran. together: Sums (False) or samples (True) by readout, of a board
    that is measured together with others.
    """

    readout: Callable[[int], Readout]
    plant: Plant
    groups: Sequence[Repetition]
    owner: NDArray[np.int64]
    heard: Heard | None = None
    together: Callable[[bool], Mapping[int, Words]] | None = None

    def accumulated(self, channels: Sequence[int]) -> list[Words]:
        """Sums over each window of `channels`: per channel (windows of the run, 2) in time order."""
        if self.heard is not None:
            return [self.heard.sums.get(channel, NONE) for channel in channels]
        if self.together is not None or self._remembered():
            answered = (self.together or self._followed)(False)
            return [answered.get(channel, NONE) for channel in channels]
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
                unit = self.readout(channel)
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
        if self.heard is not None:
            return [self.heard.samples.get(channel, NONE) for channel in channels]
        if channels and (self.together is not None or self._remembered()):
            answered = (self.together or self._followed)(True)
            return [answered.get(channel, NONE) for channel in channels]
        out: dict[int, list[Words]] = {channel: [] for channel in channels}
        for number in self.owner.tolist() if channels else ():
            repetition = self.groups[number]
            heard = tracing(self.plant).traces(repetition, repetition.windows)
            for window, samples in zip(repetition.windows, heard, strict=True):
                if window.readout in out:
                    out[window.readout].append(words(self.readout(window.readout), np.asarray(samples), 1))
        return [np.concatenate(windows) if windows else NONE for windows in out.values()]

    def _remembered(self) -> bool:
        """Some repetition finds what the one before has left."""
        return isinstance(self.plant, FeedbackPlant) and any(map(self.plant.remembers, self.groups))

    def _followed(self, sampled: bool) -> Mapping[int, Words]:
        """Sums or samples by readout, repetition by repetition."""
        found: dict[int, list[Words]] = {}
        with answering(self.plant).follow() as run:
            for repetition in (self.groups[number] for number in self.owner.tolist()):
                for number, window in enumerate(repetition.windows):
                    heard = self._asked(run, repetition, number, sampled)
                    found.setdefault(window.readout, []).append(heard)
                run.close(repetition)
        return {index: np.concatenate(answers) for index, answers in found.items()}

    def _asked(self, run: Followed, repetition: Repetition, number: int, sampled: bool) -> Words:
        unit = self.readout(repetition.windows[number].readout)
        if sampled:
            return words(unit, np.asarray(traced(run).samples(repetition, number)), 1)
        return words(unit, np.array([run.answer(repetition, number)], np.complex128), unit.length)

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
            f"{type(plant).__name__} has no traces(): it gives accumulated results only; use acquire(), or a Loopback"
        )
    return plant


def traced(run: Followed) -> TracedRun:
    """The run, if it is followed sample by sample."""
    if not isinstance(run, TracedRun):
        raise BoardError(
            f"{type(run).__name__} has no samples(): of a program that reads results on the board it gives their sums "
            "only; use acquire(), or a Loopback"
        )
    return run


def _columns(repetition: Repetition, channel: int) -> list[int]:
    return [n for n, window in enumerate(repetition.windows) if window.readout == channel]
