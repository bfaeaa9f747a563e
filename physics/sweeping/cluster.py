"""Cluster: workers of a sweep behind a Dask scheduler, on this machine or on many."""

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ...sequences.errors import ConnectionFailed, SweepFailed

if TYPE_CHECKING:
    from distributed import Client

PATIENCE: Final = 60.0
"""How long a cluster may be without any worker (s)."""
GLANCE: Final = 1.0
"""How often that is looked at (s)."""
CONNECT: Final = 10.0
"""Time for a scheduler to answer (s)."""
Job = Callable[[], list[Any]]


@dataclass(frozen=True)
class Cluster:
    """client: Of the scheduler. patience: How long there may be no worker (s).

    Dask gives what a dead worker had to another one.
    """

    client: "Client"
    patience: float = PATIENCE

    @classmethod
    @contextmanager
    def open(cls, place: Any) -> "Iterator[Cluster]":
        """place: Address of a scheduler, or a Dask cluster or client; ConnectionFailed if it does not answer."""
        with _connected(place) as client, client.as_current():
            yield cls(client)

    @property
    def count(self) -> int:
        """Threads of all workers, at least one: more may join."""
        return max(1, sum(int(threads) for threads in self.client.nthreads().values()))

    def finished(self, chunks: Mapping[int, Job]) -> Generator[tuple[int, list[Any]], None, None]:
        """Results as they come."""
        from distributed import KilledWorker

        # Equal points have equal names in Dask, and would be computed once: they have different generators.
        waiting = {self.client.submit(job, pure=False): first for first, job in chunks.items()}
        try:
            while waiting:
                for future in self._ended(waiting):
                    first = waiting.pop(future)
                    yield first, future.result()
        except KilledWorker as error:
            raise SweepFailed(f"a part of the sweep killed every worker that tried it: {error}", _HINT) from error
        finally:
            self.client.cancel(list(waiting))

    def _ended(self, waiting: Mapping[Any, int]) -> list[Any]:
        """Futures that have ended, at least one; SweepFailed if nobody is left to work."""
        from distributed import wait

        alone_since = time.monotonic()
        while True:
            try:
                return list(wait(list(waiting), timeout=GLANCE, return_when="FIRST_COMPLETED").done)
            except TimeoutError:
                if self.client.nthreads():
                    alone_since = time.monotonic()
                elif time.monotonic() - alone_since > self.patience:
                    raise SweepFailed(f"the cluster has had no worker for {self.patience:.0f} s", _HINT) from None


_HINT: Final = "look at the workers' logs and their memory, start workers with one thread, then sweep again"


_PRIVATE: Final = {"set_as_default": False}
"""Whoever has a client of his own goes on using it."""


def _connected(place: Any) -> "Client":
    try:
        from distributed import Client
    except ImportError:
        raise SweepFailed("a cluster needs Dask, which is not installed", 'pip install "coldlink[cluster]"') from None
    try:
        return Client(place.scheduler.address if isinstance(place, Client) else place, timeout=CONNECT, **_PRIVATE)
    except (OSError, TypeError, ValueError) as error:
        raise ConnectionFailed({"the cluster": f"{place}: {error}"}) from None
