"""Sweep: a function at many points, spread over processes or over a cluster, with the same numbers wherever it runs."""

import os
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from ...sequences.errors import ModelError
from ..check import whole
from .cluster import Cluster
from .processes import Processes

Point = TypeVar("Point")
Result = TypeVar("Result")
Progress = Callable[[int, int], None]
PIECES = 16
"""Chunks for each worker: so few that they cost nothing, so many that no worker waits long for the last one."""
SHOWN = 100
"""Longest description of a point that is told with what went wrong there."""
LARGEST = 64
"""Points of a chunk; that many are computed again where a worker dies."""


class Workers(Protocol):
    """Those who do the chunks of a sweep."""

    @property
    def count(self) -> int:
        """How many there are now."""
        ...

    def finished(self, chunks: "Mapping[int, Chunk[Any, Any]]") -> Generator[tuple[int, list[Any]], None, None]:
        """Number and results of each chunk, in the order in which they end."""
        ...


@dataclass(frozen=True)
class Chunk(Generic[Point, Result]):
    """Neighbouring points of a sweep. first: Number of the first one. seeds: One for each."""

    function: Callable[[Point, np.random.Generator], Result]
    points: tuple[Point, ...]
    seeds: tuple[np.random.SeedSequence, ...]
    first: int

    def __call__(self) -> list[Result]:
        """Compute them here, on one thread: what a sum is rounded to may depend on the number of threads."""
        with threadpool_limits(limits=1):
            return [self._at(place) for place in range(len(self.points))]

    def _at(self, place: int) -> Result:
        try:
            return self.function(self.points[place], np.random.default_rng(self.seeds[place]))
        # Whatever it was, it goes on to the caller, who is told where.
        except Exception as error:
            point = repr(self.points[place])
            shown = f": {point}" if len(point) <= SHOWN else ""
            error.add_note(f"at point {self.first + place} of the sweep{shown}")
            raise


def sweep(
    function: Callable[[Point, np.random.Generator], Result],
    points: Sequence[Point],
    *,
    seed: int = 0,
    workers: int | None = None,
    cluster: Any = None,
    progress: Progress | None = None,
) -> list[Result]:
    """`function(point, generator)` of each of the `points`, in their order.

    function: Pure, and importable by name (spawned processes import it; a script guards its own lines by
    `if __name__ == "__main__":`). seed: Of the generators, one spawned for each point from one SeedSequence, so that a
    result depends on seed and place alone: it is the same, bit for bit, for any number of workers on machines of one
    kind. workers: Processes on this machine, as many as it has cores if None; 1 computes here, without any. cluster:
    Address of a Dask scheduler such as `tcp://10.0.0.1:8786`, or a Dask cluster or client, instead of processes.
    progress: Called with points done and points in all.

    A worker that dies costs only time: what it had is computed again, SweepFailed after several deaths. What the
    function raises ends the sweep, with the point in a note. Ctrl-C ends the workers.
    """
    if not isinstance(points, Sequence | np.ndarray):
        raise ModelError("points", points, "a list of points is needed, a single one in brackets")
    whole("seed of the sweep", seed)
    if seed < 0:
        raise ModelError("seed of the sweep", seed, "0 or more is needed")
    seeds = np.random.SeedSequence(seed).spawn(len(points))
    results: dict[int, list[Result]] = {}
    with _team(workers, cluster) as team:
        if isinstance(team, Processes):
            _check_importable(function)
        size = max(1, min(LARGEST, -(-len(points) // (PIECES * team.count))))
        chunks = {
            first: Chunk(function, tuple(points[first : first + size]), tuple(seeds[first : first + size]), first)
            for first in range(0, len(points), size)
        }
        with closing(team.finished(chunks)) as parts:
            for first, found in parts:
                results[first] = found
                if progress is not None:
                    progress(sum(map(len, results.values())), len(points))
    return [result for first in sorted(results) for result in results[first]]


class _Here:
    """No worker but this process."""

    count = 1

    def finished(self, chunks: Mapping[int, Chunk[Any, Any]]) -> Generator[tuple[int, list[Any]], None, None]:
        return ((first, chunk()) for first, chunk in chunks.items())


def _team(workers: int | None, cluster: Any) -> AbstractContextManager[Workers]:
    if cluster is not None:
        if workers is not None:
            raise ModelError("workers", workers, "a cluster has its own; give a number of workers or a cluster")
        return Cluster.open(cluster)
    count = _cores() if workers is None else workers
    whole("workers", count)
    if count < 1:
        raise ModelError("workers", count, "a sweep needs one at least; None takes one for each core")
    return nullcontext(_Here() if count == 1 else Processes(count))


def _check_importable(function: Callable[..., Any]) -> None:
    """ModelError where spawned processes would look for `function` in vain."""
    name, module = getattr(function, "__qualname__", ""), getattr(function, "__module__", "")
    typed_in = module == "__main__" and not hasattr(sys.modules["__main__"], "__file__")
    if typed_in or "<" in name:
        why = "other processes cannot import it: put it into a module, at its top level, or ask for workers=1"
        raise ModelError("function of the sweep", name, why)


def _cores() -> int:
    """That this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
