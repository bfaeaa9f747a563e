"""The whole thread with all four modes of the 4 K station hot, against quantum trajectories.

The pulses are those of the design, and the image is executed. What a changed truth, or a longer gap, then makes of B's
populations must be what wave functions say, which share nothing with the twin's solver.
"""

from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
import pytest

from coldlink.instruments.simulated.truth import Truth
from coldlink.physics import Network
from coldlink.sequences import Link, ToneEvent, resolved

from .one_mode import OneMode, one_mode
from .test_thread import POINTS, Direct, longer_gap, stronger, transfers
from .trajectories import Trajectories

CUTOFFS, MAXIMUM = (9, 7, 6, 6), 11
"""Of the wave functions."""
COUNT, BATCHES = 4000, 40


def four_modes(held: Truth) -> Truth:
    line = replace(held.network.links[0].line, offsets=(0, -1, 1, -2))
    return replace(held, network=Network.of(replace(held.network.links[0], line=line)))


def four_stronger_modes(held: Truth) -> Truth:
    return stronger(four_modes(held))


@dataclass(frozen=True, kw_only=True)
class Sampled(Direct):
    """The same model with several modes, from trajectories; those of one input serve all of its bases."""

    kept: dict[str, np.ndarray] = field(default_factory=dict)

    def of_b(self, point: int) -> tuple[np.ndarray, np.ndarray]:
        """Populations of B at the readout of block `point` and their standard errors, shape (levels,)."""
        block = self.program.blocks[point]
        tone = self._time(next(event for event in block.events if isinstance(event, ToneEvent)).start_ticks)
        end = tone - resolved(self.setup.bench.link.node_b.x180.duration)
        readout = tone + self.program.residuals["a.readout"] - end
        key = POINTS[point][0]
        if key not in self.kept:
            self.kept[key] = self._batches(point, end)
        read = [np.diag(self._qubit(block, 1, rho, readout, before=False)).real for rho in self.kept[key]]
        return np.mean(read, axis=0), np.std(read, axis=0, ddof=1) / np.sqrt(BATCHES)

    def _batches(self, point: int, end: float) -> np.ndarray:
        """Mean state of B at `end` (s) over each batch of trajectories, shape (BATCHES, levels, levels)."""
        block, rng = self.program.blocks[point], np.random.default_rng(point)
        begin = self._time(block.reference_ticks)
        prepared = self._qubit(block, 0, self._thermal(0), 0.0, before=True)
        load = float(self._controls(block, begin - 2e-9, begin - 1e-9).load[0, 0])
        link = Trajectories(self.setup.device, CUTOFFS, MAXIMUM)
        controls = self._controls(block, begin, end)
        states = link.of_b(controls, prepared, np.diag(self._thermal(1)), load, rng, COUNT)
        return states.reshape(BATCHES, -1, *states.shape[1:]).mean(axis=1)


def populations_of_b(setup: OneMode, link: Link) -> tuple[np.ndarray, float]:
    """At each point when the executed image is played on the twin, shape (points, levels), and their error."""
    cycle = setup.cycle(setup.lowered(transfers(link)))
    return np.array([joint.sum(axis=0) for joint in cycle.populations()]), cycle.error


@cache
def undisturbed() -> np.ndarray:
    setup = one_mode(change=four_modes)
    return populations_of_b(setup, setup.bench.link)[0]


def agrees_with_trajectories(setup: OneMode, link: Link, told: float) -> np.ndarray:
    """Hold the twin's populations of B against the direct solution's; they are returned. told: Largest error that the
    twin may report.
    """
    found, error = populations_of_b(setup, link)
    sampled = Sampled(setup=setup, program=setup.bench.compile(transfers(link)))
    for point in range(len(POINTS)):
        expected, scatter = sampled.of_b(point)
        assert np.all(scatter < 0.006)
        assert np.all(abs(found[point] - expected) < 3 * scatter + error)
    assert error < told
    return found


@pytest.mark.nightly
def test_a_coupling_10_percent_off_moves_b_as_the_model_with_four_hot_modes_says():
    setup = one_mode(change=four_stronger_modes)
    assert abs(agrees_with_trajectories(setup, setup.bench.link, 5e-4) - undisturbed()).max() > 0.05


@pytest.mark.nightly
def test_a_gap_of_30_ns_moves_b_as_the_model_with_four_hot_modes_says():
    setup = one_mode(change=four_modes)
    assert abs(agrees_with_trajectories(setup, longer_gap(setup.bench.link), 5e-4) - undisturbed()).max() > 0.02
