"""Contact: the part of a flux cluster in which couplers of a link are on: its qubits and line evolve together."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...physics.controls import Controls
from ...physics.segment import NEGLIGIBLE_COUPLING
from .flux_cluster import FluxCluster

FORGOTTEN = 14.0
"""Integral of the line's loss after which two contacts are independent: correlations have fallen by e^-7."""


@dataclass(frozen=True)
class Contact:
    """Controls from the first to the last step with a coupler on. link: Its number. nodes: At the link's ends.

    start, end: (s).
    """

    link: int
    nodes: tuple[int, ...]
    start: float
    end: float
    controls: Controls

    @property
    def active(self) -> frozenset[int]:
        """Nodes whose coupler is on at some time."""
        on = (np.abs(self.controls.coupling) > NEGLIGIBLE_COUPLING).any(axis=0)
        return frozenset(self.nodes[end] for end in np.flatnonzero(on))


def contacts(cluster: FluxCluster, link: int, nodes: tuple[int, ...]) -> Iterator[Contact]:
    """Contacts of `link` in `cluster`; those between which the line keeps its memory are one."""
    controls = cluster.controls[link]
    on = np.flatnonzero((np.abs(controls.coupling) > NEGLIGIBLE_COUPLING).any(axis=1))
    if not on.size:
        return
    loss = np.concatenate([[0.0], np.cumsum(controls.load[:, 0] * controls.duration)])
    breaks = np.flatnonzero(loss[on[1:]] - loss[on[:-1] + 1] > FORGOTTEN)
    for first, last in zip(on[np.append(0, breaks + 1)], on[np.append(breaks, on.size - 1)], strict=True):
        steps = slice(int(first), int(last) + 1)
        yield Contact(
            link,
            nodes,
            float(cluster.edges[first]),
            float(cluster.edges[last + 1]),
            controls.steps(steps),
        )
