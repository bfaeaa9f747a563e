"""Block: the repetitions cut out of a block of events, numbered by their words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..processor.event import COUNT, EVENT, FIELDS
from .alike import alike
from .stretch import Stretch

_NAMES: Final = EVENT.names or ()
COLUMNS: Final = np.array(
    [_NAMES.index(name) for name in ("tick", "asked", "kind", "port", *FIELDS, "value", "before")]
)
"""Words of an event that the plant can tell from others."""
TIMES: Final = 2
"""The first of them are ticks."""
_SHAPE: Final = COLUMNS[_NAMES.index("gain") != COLUMNS]


@dataclass(frozen=True, kw_only=True)
class Block:
    """Repetitions in time order, and what they have in common.

    first: Row of the first event. frames: Of the origin. kinds: Index into the rest, numbered by first occurrence.
    scores: Equal where all words are. bases: Of the origin. periods: (ticks).
    """

    first: NDArray[np.int64]
    frames: NDArray[np.int64]
    kinds: NDArray[np.int64]
    scores: NDArray[np.int64]
    bases: NDArray[np.int64]
    periods: NDArray[np.int64]

    def after(self, begin: int) -> "Block":
        """Without the first `begin` repetitions."""
        if not begin:
            return self
        left = np.bincount(self.kinds[begin:]) > 0
        chosen = np.flatnonzero(left)
        return Block(
            first=self.first[begin:],
            frames=self.frames[begin:],
            kinds=(np.cumsum(left) - 1)[self.kinds[begin:]],
            scores=self.scores[chosen],
            bases=self.bases[chosen],
            periods=self.periods[chosen],
        )


def cut(
    events: NDArray[Any],
    counts: NDArray[np.int64],
    alignment: int,
    counted: int | None,
    scored: dict[bytes, int],
) -> Block:
    """Repetitions that end at the rows `counts`.

    counted: Time reference at the last count before them, None at the run's begin. scored: The number of all words that
    have been met, which grows.
    """
    first = np.concatenate([[0], counts[:-1] + 1])
    words = events.view(np.int64).reshape(-1, len(_NAMES))
    origins, ends = events["reference"][first], events["reference"][counts]
    index, same = alike(words, COLUMNS, TIMES, first, counts, origins)
    known = [scored.setdefault(row, len(scored)) for row in _rows(words, first[index], counts[index], origins[index])]
    periods = np.diff(ends, prepend=origins[0] if counted is None else counted)
    return _numbered(first, origins, np.array(known, np.int64)[same], periods, alignment)


def repeated(stretch: Stretch, alignment: int, counted: int, scored: dict[bytes, int]) -> Block:
    """The repetitions of a stretch; counted: Time reference at the last count before it."""
    counts = np.flatnonzero(stretch.events["kind"] == COUNT)
    first = np.concatenate([[0], counts[:-1] + 1])
    words = stretch.events.view(np.int64).reshape(-1, len(_NAMES))
    origins = stretch.events["reference"][first]
    scores = [scored.setdefault(row, len(scored)) for row in _rows(words, first, counts, origins)]
    ends = (stretch.events["reference"][counts] + stretch.shifts[:, None]).ravel()
    return _numbered(
        (first + np.arange(0, stretch.times * len(words), len(words))[:, None]).ravel(),
        (origins + stretch.shifts[:, None]).ravel(),
        np.tile(scores, stretch.times),
        np.diff(ends, prepend=counted),
        alignment,
    )


def _numbered(
    first: NDArray[np.int64],
    origins: NDArray[np.int64],
    scores: NDArray[np.int64],
    periods: NDArray[np.int64],
    alignment: int,
) -> Block:
    index, kinds = _distinct(np.stack([scores, origins % alignment, periods], axis=1))
    return Block(
        first=first,
        frames=origins // alignment,
        kinds=kinds,
        scores=scores[index],
        bases=origins[index] % alignment,
        periods=periods[index],
    )


def score(events: NDArray[Any], scored: dict[bytes, int]) -> int:
    """The number of the words of one repetition."""
    words = events.view(np.int64).reshape(-1, len(_NAMES))
    (row,) = _rows(words, np.array([0]), np.array([len(words)]), events["reference"][:1])
    return scored.setdefault(row, len(scored))


def shape(events: NDArray[Any]) -> bytes:
    """The words of one repetition but for its gains."""
    words = events.view(np.int64).reshape(-1, len(_NAMES))
    (row,) = _rows(words, np.array([0]), np.array([len(words)]), events["reference"][:1], _SHAPE)
    return row


def _distinct(rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First row of each kind, and the kind of each row."""
    numbers = np.arange(len(rows))
    return alike(rows, np.arange(rows.shape[1]), 0, numbers, numbers + 1, numbers)


def _rows(
    words: NDArray[np.int64],
    first: NDArray[np.int64],
    stop: NDArray[np.int64],
    origins: NDArray[np.int64],
    columns: NDArray[np.int64] = COLUMNS,
) -> Iterator[bytes]:
    """Some words of some repetitions, times relative to the origin."""
    for begin, end, origin in zip(first.tolist(), stop.tolist(), origins.tolist(), strict=True):
        row = words[begin:end, columns]
        row[:, :TIMES] -= origin
        yield row.tobytes()
