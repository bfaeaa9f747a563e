"""Proof: that a program goes on as it did in a period that has been watched, and how many times.

`induction` proves it of the words; here the core and its ports must be at the period's end what they were at its begin,
but for the time that has passed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..processor.decode import COUNTER
from ..processor.event import COUNT, LATENCY
from .induction import Induction, Unproven
from .replay import steps
from .trail import Trail

_LATEST: Final = 1 << 47
"""Tick from which on a time would count as one before the start."""
_FORGOTTEN: Final = 8
"""Core cycles after which the hazard unit has forgotten an instruction (it looks back at most 5)."""
_SOON: Final = 8
"""Ticks within which the core goes on after a full queue has room (a cycle of the core is shorter)."""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """trail: The period. period: (ticks). times: Periods that can be told without executing them.

    One more is like them: its execution leaves behind whatever a period only writes. repetition: Of STEP. counted: By
    which the host's counter changes in a period. registers, words: By which those change that a period also reads.
    """

    trail: Trail
    period: int
    times: int
    repetition: NDArray[Any]
    registers: dict[int, int]
    words: dict[int, int]
    counted: int


def prove(codes: Sequence[SimpleNamespace], table: Any, trail: Trail) -> Proof:
    """Unproven if the program may go on otherwise.

    codes, table: The decoded program, as objects and as an array.
    """
    start, end = trail.start.core, trail.end.core
    period = end["reference"] - start["reference"]
    _check_core(start, end)
    if period <= 0:
        raise Unproven(f"the time reference moves by {period} ticks")
    _check_pushes(trail)
    _check_ports(trail, period)
    found = Induction(codes, table, trail)
    if not found.comparisons:
        raise Unproven("no count ends it")
    last = int(max(trail.events["asked"].max(), end["reference"]))
    times = min(comparison.lasting() for comparison in found.comparisons)
    times = min(times, (_LATEST - last) // period) - 1
    if times < 1:
        raise Unproven("it ends")
    return Proof(
        trail=trail,
        period=period,
        times=times,
        repetition=steps(trail, found.waits),
        registers=found.moving,
        words=found.moving_words,
        counted=found.moving.get(COUNTER, 0),
    )


def _check_core(start: dict[str, int], end: dict[str, int]) -> None:
    """Nobody waits for anything, or all do as at the begin."""
    if start["waiting"] or end["waiting"] or start["random_until"] > start["cycle"]:
        raise Unproven("a result is still under way")
    for name in (name for name in start if name.endswith("_at")):
        since = [min(core["cycle"] - core[name], _FORGOTTEN) for core in (start, end)]
        if since[0] != since[1]:
            raise Unproven(f"the core waits otherwise than at the period's begin ({name})")
    if start["pc"] != end["pc"] or start["memory_to"] != end["memory_to"]:
        raise Unproven("it goes on elsewhere than at the period's begin")


def _check_pushes(trail: Trail) -> None:
    """Every push is on time."""
    pushes = trail.events[trail.events["kind"] != COUNT]
    if (pushes["possible"] > pushes["asked"] + LATENCY).any() or (pushes["asked"] >= _LATEST).any():
        raise Unproven("a push is late")


def _check_ports(trail: Trail, period: int) -> None:
    """Each port is left as it was found, and its queue had room."""
    pushes = trail.events[trail.events["kind"] != COUNT]
    slots = trail.start.queue.shape[2]
    for kind, port in set(zip(pushes["kind"].tolist(), pushes["port"].tolist(), strict=True)):
        found, left = (state.ports[kind, port] for state in (trail.start, trail.end))
        moved = {left[name] - found[name] for name in ("fires", "asked")}
        if not found["pushes"] or found["level"] != left["level"] or moved != {period}:
            raise Unproven(f"port {port} is not left as it was found")
        own = pushes[(pushes["kind"] == kind) & (pushes["port"] == port)]
        count = own.size
        if count > slots:
            raise Unproven(f"port {port} takes more than its queue holds")
        places = np.arange(count)
        free = trail.start.queue[kind, port, (found["slot"] + places) % slots]
        if ((found["pushes"] + places >= slots) & (own["pushed"] < free + _SOON)).any():
            raise Unproven(f"the queue of port {port} is full")
