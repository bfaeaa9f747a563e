"""Processes: workers of a sweep on this machine, spawned alike on every system, and replaced when they die."""

import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from ...sequences.errors import SweepFailed

DEATHS = 3
"""Of a worker in one sweep, after which whoever kills it is not asked again."""
Job = Callable[[], list[Any]]


@dataclass(frozen=True)
class Processes:
    """count: Of the workers, one thread each."""

    count: int

    def finished(self, chunks: Mapping[int, Job]) -> Generator[tuple[int, list[Any]], None, None]:
        """Results as they come. When a worker dies its pool breaks; a new one gets what is missing."""
        missing = dict(chunks)
        for _ in range(DEATHS + 1):
            try:
                for first, found in self._once(missing):
                    del missing[first]
                    yield first, found
                return
            except BrokenProcessPool:
                continue
        raise SweepFailed(
            f"a worker died {DEATHS + 1} times, and {len(missing)} of {len(chunks)} parts of the sweep are missing",
            "look for a lack of memory and use fewer workers; in a script, put the call under "
            '`if __name__ == "__main__":`; workers=1 computes in this process and shows what fails',
        )

    def _once(self, jobs: Mapping[int, Job]) -> Generator[tuple[int, list[Any]], None, None]:
        """One pool's results, until it is through with `jobs` or breaks."""
        context = get_context("spawn")
        leash, end = context.Pipe(duplex=False)
        pool = ProcessPoolExecutor(self.count, context, initializer=_prepare, initargs=(leash,))
        try:
            with _deaf():
                futures: dict[Future[list[Any]], int] = {pool.submit(job): first for first, job in jobs.items()}
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BaseException:
            end.close()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            end.close()
            leash.close()


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes that are started in here do not hear Ctrl-C, not even while they import; this one hears it later."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _prepare(leash: Connection) -> None:
    """Make this process a worker: one thread, deaf to Ctrl-C, and gone as soon as nobody holds the leash's end."""
    import numba

    numba.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_wait_for_the_end, args=(leash,), daemon=True).start()


def _wait_for_the_end(leash: Connection) -> None:
    try:
        leash.recv_bytes()
    except (EOFError, OSError):
        os._exit(0)
