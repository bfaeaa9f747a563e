"""Routine: one measurement with what it says about the link; `calibrate` runs any of them."""

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import xarray as xr

from ..sequences.link import Link
from ..sequences.sequence import Sequence
from .bench import Bench

Fit = TypeVar("Fit")


class Routine(Protocol[Fit]):
    """Three pure steps: what to play, what it tells, and what changes in the link because of it."""

    @property
    def shots(self) -> int:
        """Per point of the sequence."""
        ...

    def sequence(self, link: Link) -> Sequence:
        """What to play."""
        ...

    def fit(self, data: xr.Dataset, link: Link) -> Fit:
        """What `data` tell; FitRejected if they do not."""
        ...

    def update(self, link: Link, fit: Fit) -> Link:
        """`link` with what the fit found; storing it is the caller's decision."""
        ...


@dataclass(frozen=True)
class Outcome(Generic[Fit]):
    """Data of a routine and what they tell."""

    data: xr.Dataset
    fit: Fit


def calibrate(routine: Routine[Fit], bench: Bench) -> Outcome[Fit]:
    """Play a routine on `bench` and fit it."""
    data = bench.run(routine.sequence(bench.link), routine.shots)
    return Outcome(data, routine.fit(data, bench.link))
