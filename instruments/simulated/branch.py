"""Branch: the shots whose readouts left the link alike; each is followed once, whatever the number of its shots.

A readout projects the qubits that it reads; until its end they may jump, which is drawn shot by shot (`dispersive`). A
branch is what is left then, given the level of each read qubit when the readout begins and when it ends.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from .cycle import Cycle
from .ensemble import Ensemble, Trace
from .recent import Recent
from .trial import Trial

KEPT = 256
"""Ways to go on from one branch that are kept."""
NEGLIGIBLE = 2e-6
"""A branch joins another if it moves no probability of all shots by more than this."""


@dataclass(eq=False)
class Branch:
    """ensemble: After a readout, or at the origin. weight: At most this part of all shots is in it."""

    ensemble: Ensemble
    weight: float = 1.0
    _coming: Recent["Readout"] = field(default_factory=lambda: Recent(KEPT), repr=False)
    _closed: Recent["Joined"] = field(default_factory=lambda: Recent(KEPT), repr=False)

    @cached_property
    def free(self) -> frozenset[int]:
        """Qubits whose state tells no phase."""
        return self.ensemble.free

    def readout(self, key: Hashable, cycle: Callable[[], Cycle], trial: Trial) -> "Readout":
        """What it meets as a trial of a cycle. key: Of all that happens from here to the end of that trial."""

        def find() -> Readout:
            found = cycle()
            return Readout(found, trial, found.arriving(self.ensemble, trial), self)

        return self._coming.get(key, find)

    def closed(self, key: Hashable, cycle: Callable[[], Cycle], branches: "Branches") -> "Joined":
        """What it has become at the origin of the next repetition. key: Of all that happens until then."""
        return self._closed.get(key, lambda: branches.joined(cycle().closing(self.ensemble), 1.0))


@dataclass(eq=False)
class Readout:
    """A trial as one branch meets it. arrived: The ensemble of the branch `origin` when the trial begins."""

    cycle: Cycle
    trial: Trial
    arrived: Ensemble
    origin: Branch
    _left: dict[Hashable, "Joined"] = field(default_factory=dict, repr=False)

    @cached_property
    def joint(self) -> Trace:
        """Populations when it begins, shape (levels,) * Q."""
        return self.arrived.joint

    def branch(self, begun: Mapping[int, int], left: Mapping[int, int], branches: "Branches") -> "Joined":
        """That of the shots whose read qubits were in the levels `begun` at first and `left` at last."""
        key = (*sorted(begun.items()), *sorted(left.items()))
        if key not in self._left:
            part = self.cycle.leaving(self.arrived, self.trial, begun, left)
            share = float(part.joint.sum())
            self._left[key] = branches.joined(part.normalised(), self.origin.weight * share)
        return self._left[key]


@dataclass(frozen=True)
class Joined:
    """A branch that shots go on in. error: By which their probabilities may be wrong, since it is an alike one."""

    branch: Branch
    error: float


@dataclass
class Branches:
    """All branches at one time, `kept` in the order in which they were met."""

    kept: list[Branch] = field(default_factory=list)

    def joined(self, ensemble: Ensemble, weight: float) -> Joined:
        """The branch of these shots, which is another one's if the difference is negligible."""
        apart = [ensemble.distance(branch.ensemble) for branch in self.kept]
        nearest = min(range(len(apart)), key=apart.__getitem__, default=-1)
        if nearest >= 0 and weight * apart[nearest] <= NEGLIGIBLE:
            self.kept[nearest].weight = min(1.0, self.kept[nearest].weight + weight)
            return Joined(self.kept[nearest], apart[nearest])
        self.kept.append(Branch(ensemble, weight))
        return Joined(self.kept[-1], 0.0)
