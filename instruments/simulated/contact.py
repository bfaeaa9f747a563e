"""Contact: the part of a flux cluster in which couplers of a link are on: its qubits and line evolve together."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ...physics import HotWindow
from ...physics.controls import Controls, Rates
from ...physics.segment import NEGLIGIBLE_COUPLING
from .flux_cluster import FluxCluster

FORGOTTEN = 14.0
"""Integral of the line's loss after which two contacts are independent: correlations have fallen by e^-7."""

LEVELS = 3
"""Of each qubit."""

State = NDArray[np.complex128]
Trace = NDArray[np.float64]


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

    called: ClassVar[str] = "coupler pulse"

    @property
    def active(self) -> frozenset[int]:
        """Nodes whose coupler is on at some time."""
        on = (np.abs(self.controls.coupling) > NEGLIGIBLE_COUPLING).any(axis=0)
        return frozenset(self.nodes[end] for end in np.flatnonzero(on))

    @property
    def spans(self) -> tuple[tuple[float, float], ...]:
        """From when to when each node evolves with the line (s)."""
        return ((self.start, self.end),) * len(self.nodes)

    @property
    def course(self) -> tuple[Trace, ...]:
        """All that tells two contacts of a link apart but their time, to be compared as rounded to whole numbers."""
        controls = self.controls
        return controls.duration * 1e15, controls.qubit, controls.coupling, controls.mode, controls.load

    def window(self, rates: Rates, initial: Trace, read: frozenset[int], error: float) -> HotWindow:
        """The map. rates: Of the link. initial: Occupations of its modes. read: Ends that matter later."""
        controls = self.controls
        return HotWindow(rates=rates, controls=controls, initial=initial, read=read, levels=LEVELS, error=error)

    def frames(self, rest: Controls) -> tuple[State, State]:
        """Factors from the frames of the resting qubits to the frame of the mode as it begins, and back as it ends."""
        turning = np.multiply.outer(rest.qubit[0], np.arange(LEVELS))
        return turn(-turning * self.start), turn(-turning * self.end).conj()


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


def turn(phases: Trace) -> State:
    """Factors of a matrix of qubits whose levels take the `phases` (Q, levels) (rad), (levels**Q, levels**Q)."""
    ahead = np.exp(1j * reduce(np.add.outer, phases).ravel())
    return np.asarray(ahead[:, None] * ahead.conj()[None, :])
