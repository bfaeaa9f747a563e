"""Readout: how the single shots of a session become states, and how often wrongly."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..analysis import Discriminator, Preparation, ReadoutErrors, confusion


@dataclass(frozen=True, kw_only=True)
class Readout:
    """How single shots become states.

    discriminators, errors: Of each node read. counts: Shape (prepared, outcomes), preparations and outcomes in the
    order gg, ge, eg, ee. preparations: How well g and e were prepared.
    """

    discriminators: dict[str, Discriminator]
    errors: dict[str, ReadoutErrors]
    counts: NDArray[np.int64]
    preparations: dict[str, Preparation]

    def single(self, node: str) -> NDArray[np.int64]:
        """Counts of one node alone, shape (2, 2), the other one's states summed over."""
        axis = list(self.discriminators).index(node)
        other = 1 - axis
        return np.asarray(self.counts.reshape(2, 2, 2, 2).sum(axis=(other, other + 2)))

    def confusion(self, counts: NDArray[np.generic], *nodes: str) -> NDArray[np.float64]:
        """P(read | true) of `nodes` from calibration `counts` (or resampled ones, with leading axes)."""
        return confusion(counts, [self.preparations[node] for node in nodes])
