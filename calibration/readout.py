"""Readout calibration: axis and threshold of each node, and the matrix of readout errors."""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ..analysis import (
    Discriminator,
    Preparation,
    ReadoutErrors,
    confusion,
    discriminate,
    outcome_counts,
    readout_errors,
)
from ..sequences.link import Link, Node
from ..sequences.protocols import readout_calibration
from ..sequences.sequence import Sequence


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


@dataclass(frozen=True)
class ReadoutCalibration:
    """Prepare all combinations of g and e of both nodes and read them together."""

    shots: int = 10_000

    def sequence(self, link: Link) -> Sequence:
        """Four preparations."""
        return readout_calibration(link.node_a, link.node_b)

    def fit(self, data: xr.Dataset, link: Link) -> Readout:
        """Discriminators and errors of both nodes."""
        nodes = {node.name: node for node in (link.node_a, link.node_b)}
        preparations = {name: _preparation(node) for name, node in nodes.items()}
        discriminators = {
            name: discriminate(data, name, preparations[name], node.tone.window, node.t1)
            for name, node in nodes.items()
        }
        counts = outcome_counts(data, discriminators).values
        readout = Readout(discriminators=discriminators, errors={}, counts=counts, preparations=preparations)
        errors = {name: readout_errors(readout.single(name), preparations[name]) for name in nodes}
        return Readout(discriminators=discriminators, errors=errors, counts=counts, preparations=preparations)

    def update(self, link: Link, fit: Readout) -> Link:
        """Nothing in the link depends on it."""
        return link


def _preparation(node: Node) -> Preparation:
    return Preparation(node.residual_population, node.preparation_error)
