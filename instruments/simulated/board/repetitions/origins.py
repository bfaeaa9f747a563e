"""Origins: when the repetitions of a run begin."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..processor.event import COUNT
from .stretch import Stretch


class Origins:
    """Collects blocks of events in order; a repetition begins with the first event after a step of the counter."""

    def __init__(self) -> None:
        self._found: list[NDArray[np.int64]] = []
        self._begun = False

    def see(self, events: NDArray[Any]) -> None:
        """Take the next block of the run."""
        if not events.size:
            return
        counts = events["kind"] == COUNT
        first = np.concatenate([[not self._begun], counts[:-1]])
        self._found.append(events["reference"][first])
        self._begun = not counts[-1]

    def repeat(self, stretch: Stretch) -> None:
        """Take repetitions that differ in nothing but their time; the run stands at a step of the counter."""
        counts = np.flatnonzero(stretch.events["kind"] == COUNT)
        origins = stretch.events["reference"][np.concatenate([[0], counts[:-1] + 1])]
        self._found.append((origins + stretch.shifts[:, None]).ravel())

    def ticks(self, repetitions: int) -> NDArray[np.int64]:
        """Time reference at the begin of each repetition, shape (repetitions,)."""
        return np.concatenate([np.zeros(0, np.int64), *self._found])[:repetitions]
