"""Distribution: the shots of one repetition, spread over the branches into which its readouts lead them."""

from collections.abc import Iterable

import numpy as np

from .board.output import Played
from .branch import Branch, Branches, Readout
from .cycle import Cycle
from .ensemble import Ensemble
from .hearing import State, drawn, hear
from .jumps import Levels


class Distribution:
    """Where `shots` are while they go through `cycle` together, which plays `played`.

    error: By which a probability may be wrong, as alike branches are followed as one.
    """

    def __init__(self, cycle: Cycle, played: Iterable[Played], shots: int, rng: np.random.Generator) -> None:
        self.cycle, self.played, self.rng = cycle, tuple(played), rng
        self.error = 0.0
        self._branches: list[Branch] = []
        self._places = np.zeros(shots, np.int64)

    def echoes(self, number: int, mean: Ensemble, *, sampled: bool = False) -> list[State]:
        """What each window of a trial records, shape (shots, parts); asked for each trial in order.

        mean: Of all shots when the trial begins. They are one branch if nothing is remembered of the trial before.
        sampled: In each sample, else in all of them together.
        """
        trial = self.cycle.trials[number]
        if number and not self.cycle.forgotten(number - 1):
            readouts = [branch.readout(number, lambda: self.cycle, trial) for branch in self._branches]
        else:
            readouts, self._places = [Readout(self.cycle, trial, mean, Branch(mean))], np.zeros_like(self._places)
        begun = self._drawn(readouts)
        remembered = number + 1 < len(self.cycle.trials) and not self.cycle.forgotten(number)
        heard = hear(self.cycle, trial, self.played, list(begun), self.rng, remembered=remembered, sampled=sampled)
        if remembered:
            self._leave(readouts, begun, heard.left)
        return heard.echoes

    def _drawn(self, readouts: list[Readout]) -> Levels:
        """Levels when the trial begins, shape (Q, shots)."""
        if len(readouts) == 1:
            return np.array(drawn(readouts[0].joint, self._places.size, self.rng))
        levels = np.empty((self.cycle.count, self._places.size), np.int64)
        for place, readout in enumerate(readouts):
            shots = np.flatnonzero(self._places == place)
            levels[:, shots] = drawn(readout.joint, shots.size, self.rng)
        return levels

    def _leave(self, readouts: list[Readout], begun: Levels, left: dict[int, Levels]) -> None:
        """Find the branch of each shot; of branches that are one, it is the one with most shots that is followed."""
        qubits, branches = sorted(left), Branches()
        told = np.stack([self._places, *(begun[qubit] for qubit in qubits), *(left[qubit] for qubit in qubits)])
        kinds, kind, counts = np.unique(told, axis=1, return_inverse=True, return_counts=True)
        found: dict[int, int] = {}
        for index in np.argsort(-counts, kind="stable").tolist():
            place, *levels = kinds[:, index].tolist()
            first, last = dict(zip(qubits, levels, strict=False)), dict(zip(qubits, levels[len(qubits) :], strict=True))
            joined = readouts[place].branch(first, last, branches)
            found[index] = branches.kept.index(joined.branch)
            self.error += joined.error * float(counts[index] / counts.sum())
        self._branches = branches.kept
        self._places = np.array([found[index] for index in range(len(found))], np.int64)[kind.ravel()]
