"""Buffers: the memories behind a board's readouts, and the portions in which a run's data are handed over."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ....sequences.errors import BoardError

Accumulated = list[tuple[int, tuple[list[NDArray[np.int64]], Any]]]
"""What `poll_data` gives: (repetitions, (per readout an array (n, 2) of I and Q, statistics))."""
SHARE: Final = 0.1
"""Part of the smallest buffer that a portion fills, unless `stride` says otherwise."""
_SUM: Final = 2**31
_SAMPLE: Final = 2**15


class Memory:
    """A ring of I and Q words behind one readout: the newest overwrite the oldest.

    size: In words. limit: First magnitude that a word cannot hold.
    """

    def __init__(self, name: str, size: int, limit: int) -> None:
        self.name, self.size, self.limit = name, size, limit
        self.words: NDArray[np.int64] = np.zeros((size, 2), np.int64)
        self.next = 0

    def arm(self, address: int) -> None:
        """Let the next result go to `address`."""
        self.next = address % self.size

    def write(self, words: NDArray[np.int64]) -> None:
        """Append results, shape (n, 2)."""
        _fit(words, self.limit, self.name)
        kept = words[-self.size :]
        first = self.next + len(words) - len(kept)
        self.words[(first + np.arange(len(kept))) % self.size] = kept
        self.next = (self.next + len(words)) % self.size

    def read(self, address: int, length: int | None) -> NDArray[np.int64]:
        """`length` words from `address` on, shape (length, 2)."""
        if length is None or length > self.size:
            raise BoardError(f"{self.name} holds {self.size} words, {length} were asked for; give a shorter length")
        return self.words[(address + np.arange(length)) % self.size]


class Buffers:
    """The accumulated and the decimated memory of every readout. readouts: soccfg["readouts"]."""

    def __init__(self, readouts: Sequence[Mapping[str, Any]]) -> None:
        self.readouts = readouts
        self.sums = [
            Memory(f"the accumulated buffer of readout {n}", int(config["avg_maxlen"]), _SUM)
            for n, config in enumerate(readouts)
        ]
        self.samples = [
            Memory(f"the decimated buffer of readout {n}", int(config["buf_maxlen"]), _SAMPLE)
            for n, config in enumerate(readouts)
        ]

    def stride(self, channels: Sequence[int], reads: Sequence[int]) -> int:
        """Repetitions of a portion."""
        room = [self.sums[channel].size / max(1, count) for channel, count in zip(channels, reads, strict=True)]
        return max(1, int(SHARE * min(room, default=1.0)))

    def portions(
        self, data: Sequence[NDArray[np.int64]], channels: Sequence[int], total: int, stride: int | None
    ) -> Accumulated:
        """Cut a run's data, per readout an array (total, reads, 2), as the host's reader takes them.

        Of a portion that its buffer cannot hold, the host finds what the ring does: the newest in place of the oldest.
        What a sum makes of a word that it does not fit is not known off-board: that is an error in any case.
        """
        reads = [array.shape[1] for array in data]
        size = stride or self.stride(channels, reads)
        for array, channel in zip(data, channels, strict=True):
            _fit(array, _SUM, self.sums[channel].name)
            self.sums[channel].write(array[-self.sums[channel].size :].reshape(-1, 2)[-self.sums[channel].size :])
        rings = [self.sums[channel].size for channel in channels]
        return [
            (
                min(size, total - n),
                ([_held(iq[n : n + size].reshape(-1, 2), ring) for iq, ring in zip(data, rings, strict=True)], None),
            )
            for n in range(0, total, size)
        ]

    def overruns(
        self, channels: Sequence[int], reads: Sequence[int], total: int, stride: int | None
    ) -> Iterator[tuple[int, int, int, str]]:
        """Buffers that a portion fills: readout, shot and read of the first result that finds no room, and why."""
        size = min(stride or self.stride(channels, reads), total)
        for channel, count in zip(channels, reads, strict=True):
            ring = self.sums[channel]
            if count and size * count >= ring.size:
                shot, read = divmod(min(ring.size, size * count - 1), count)
                why = f"{size * count} unread results, it holds {ring.size}, and the newest overwrite the oldest"
                mend = "read in smaller portions or lower the number of reads a repetition"
                yield channel, shot, read, f"{ring.name} overflows: {why}; {mend}"


def _held(words: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """What a ring of `size` words gives for these, shape (n, 2), when all of them have been written."""
    if len(words) <= size:
        return words
    places = np.arange(len(words))
    return np.asarray(words[places + (len(words) - 1 - places) // size * size])


def _fit(words: NDArray[np.int64], limit: int, name: str) -> None:
    largest = int(np.abs(words).max(initial=0))
    if largest >= limit:
        raise BoardError(f"{name} overflows: {largest} does not fit, the limit is {limit - 1}; lower gain or length")
