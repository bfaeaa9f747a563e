"""Replay: when the core comes to each push of repetitions whose words are known, without executing them.

A repetition is steps of a fixed number of core cycles between pushes, steps of the host's counter and WAITs. How long a
WAIT takes is not the same each time, for the core's clock and that of the time are two: it is found as the interpreter
finds it. After a WAIT nothing before it can hold up the core any more: a WAIT takes four cycles, and the hazard unit
looks back as far (`stalls.py`; s2, which it would look at longer, is not written).
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...compiled import compiled
from ..processor.arithmetic import MASK
from ..processor.event import COUNT, DISPATCH, LATENCY
from ..processor.stalls import tick_of
from ..processor.waits import slept
from .induction import Wait
from .trail import Trail

WAIT: Final = 4
"""Kind of a step, beside those of events."""
SOON: Final = 1 << 30
"""Ticks by which a push may come before it fires."""
_TURNS: Final = 16
"""Of a WAIT that are not passed over, more than there ever are."""

STEP: Final = np.dtype(
    [
        ("kind", "i8"),
        ("port", "i8"),
        ("cycles", "i8"),  # since the step before it
        ("nth", "i8"),  # push of the repetition on this port
        ("asked", "i8"),  # tick that a push asks for in the repetition watched; of a WAIT: s11
        ("tick", "i8"),  # at which it then fires; of a WAIT: the time reference
        ("own", "i8"),  # 1: the jump of a WAIT tests by itself
    ]
)


def steps(trail: Trail, waits: Sequence[Wait]) -> NDArray[Any]:
    """The steps of a repetition that has been watched, shape (n,), of STEP."""
    rows: list[tuple[int, int, tuple[int, ...]]] = []
    pushes: dict[tuple[int, int], int] = {}
    for event, place in zip(trail.events, trail.pushers, strict=True):
        kind, port = int(event["kind"]), int(event["port"])
        nth = pushes.setdefault((kind, port), 0)
        pushes[kind, port] += 1
        rows.append((place, place, (kind, port, nth, int(event["asked"]), int(event["tick"]), 0)))
    for wait in waits:
        rows.append((wait.first, wait.last, (WAIT, 0, 0, wait.until, wait.reference, int(wait.own))))
    found, cycle = [], trail.start.core["cycle"]
    for first, last, (kind, port, *rest) in sorted(rows, key=lambda row: row[0]):
        found.append((kind, port, trail.cycles[first] - cycle, *rest))
        cycle = trail.cycles[last]
    return np.array(found, STEP)


@compiled
def replay(
    repetition: Any,
    period: int,
    before: int,
    clock: NDArray[np.float64],
    cycle: int,
    ports: Any,
    queue: NDArray[np.int64],
    pushed: NDArray[np.int64],
) -> tuple[int, int]:
    """Repetitions after the first `before` ones, as long as each push finds room and fires when it is asked to.

    pushed: Tick of each push and count, (repetitions, of each), filled. Returns the number of repetitions and the cycle
    at which they have ended; `ports` and `queue` are left as if they had been executed.
    """
    for n in range(pushed.shape[0]):
        shift = period * (before + n + 1)
        end = _pass(repetition, shift, clock, cycle, ports, queue, pushed[n])
        if end < 0:
            return n, cycle
        cycle = end
        for m in range(repetition.size):
            step = repetition[m]
            if step.kind < COUNT:
                port = ports[step.kind, step.port]
                port.fires, port.asked = step.tick + shift, step.asked + shift
                queue[step.kind, step.port, port.slot] = port.fires
                port.pushes += 1
                port.slot = port.slot + 1 if port.slot + 1 < queue.shape[2] else 0
    return pushed.shape[0], cycle


@compiled
def _pass(
    repetition: Any,
    shift: int,
    clock: NDArray[np.float64],
    cycle: int,
    ports: Any,
    queue: NDArray[np.int64],
    pushed: NDArray[np.int64],
) -> int:
    """The core's way through one repetition, to the cycle at its end; -1: a push would be held up or late."""
    column = 0
    for m in range(repetition.size):
        step = repetition[m]
        cycle += step.cycles
        if step.kind == WAIT:
            cycle = _wait(step.asked, step.tick + shift, step.own, cycle, clock)
            if cycle < 0:
                return -1
            continue
        tick = tick_of(cycle, clock)
        pushed[column] = tick
        column += 1
        if step.kind == COUNT:
            continue
        port = ports[step.kind, step.port]
        slots = queue.shape[2]
        free = queue[step.kind, step.port, (port.slot + step.nth) % slots]
        ahead = step.asked + shift + LATENCY - DISPATCH - tick
        if (port.pushes + step.nth >= slots and tick < free) or ahead < 0 or ahead > SOON:
            return -1
    return cycle


@compiled
def _wait(until: int, reference: int, own: int, cycle: int, clock: NDArray[np.float64]) -> int:
    """The cycle at which the jump of a WAIT is not taken, as the interpreter turns in it; -1: not after a few turns.

    cycle: Of its first test.
    """
    tested, jump = cycle, cycle + 3
    for _ in range(_TURNS):
        if not _early(until, reference, tested, clock):
            return jump
        back = jump + 3 + slept(until, reference, jump + 2, 3 if own else 6, clock)
        tested, jump = (jump, back) if own else (back, back + 3)
    return -1


@compiled
def _early(until: int, reference: int, cycle: int, clock: NDArray[np.float64]) -> bool:
    """S after s11 - until."""
    return bool((tick_of(cycle, clock) - reference - until & MASK) >> 31)
