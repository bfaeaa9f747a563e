"""Budget: what each imperfection costs an experiment, found by leaving out one at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

import numpy as np

from .imperfection import Imperfection


class Predicted(Protocol):
    """A prediction that has a fidelity."""

    @property
    def fidelity(self) -> float:
        """True."""
        ...

    @property
    def raw_fidelity(self) -> float:
        """As it is read."""
        ...


class Predictable(Protocol):
    """What can be predicted."""

    def predict(self) -> Predicted:
        """What it does."""
        ...


class Imperfect(Predictable, Protocol):
    """An experiment that can leave out imperfections: `Handshake` or `BellPair`."""

    @property
    def without(self) -> frozenset[Imperfection]:
        """What is left out."""
        ...


_Experiment = TypeVar("_Experiment", bound=Imperfect)


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What would be gained without an imperfection. true, raw: Difference of the fidelities, positive if it costs."""

    imperfection: Imperfection
    true: float
    raw: float


def predicted(point: Predictable, _: np.random.Generator) -> Any:
    """What `point` does; for a `sweep`, whose chance it has no use for."""
    return point.predict()


def variations(experiment: _Experiment) -> list[_Experiment]:
    """The experiment as it is, without each imperfection in turn, and without all of them."""
    alone = [frozenset({imperfection}) for imperfection in Imperfection]
    return [_without(experiment, left_out) for left_out in (frozenset(), *alone, frozenset(Imperfection))]


def costs(predictions: Sequence[Predicted]) -> list[Cost]:
    """From what the `variations` do. The costs need not add up: imperfections act on each other."""
    base = predictions[0]
    return [
        Cost(
            imperfection=imperfection,
            true=one.fidelity - base.fidelity,
            raw=one.raw_fidelity - base.raw_fidelity,
        )
        for imperfection, one in zip(Imperfection, predictions[1:-1], strict=True)
    ]


def budget(experiment: Imperfect) -> list[Cost]:
    """What each imperfection costs, one after the other in this process; see `sweep` for several at once."""
    return costs([one.predict() for one in variations(experiment)])


def _without(experiment: _Experiment, left_out: frozenset[Imperfection]) -> _Experiment:
    changed: _Experiment = replace(experiment, without=frozenset(experiment.without) | left_out)  # type: ignore[type-var]
    return changed
