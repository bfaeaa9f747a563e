"""Waits: the loop in which a program lets time pass, found in its instructions and passed over in whole turns.

A WAIT tests s11 - t, and jumps back while that is negative: to the test, or to itself with the test in the jump.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...compiled import compiled
from .arithmetic import signed
from .decode import CONFIG, USER_TIME


@compiled
def is_wait(program: Any, address: int, target: int) -> bool:
    """The jump at `address` to `target` closes a WAIT."""
    code, test = program[address], program[target]
    if code.condition != 2 or test.d0 != USER_TIME or test.alu != 2 or not test.flags or address - target > 1:
        return False
    if code.destination >= 0 or test.destination >= 0:
        return False
    return bool(target == address or (test.kind == CONFIG and not test.condition))


@compiled
def slept(late: int, reference: int, cycle: int, turn: int, clock: NDArray[np.float64]) -> int:
    """Cycles of whole turns after which a WAIT for s11 = `late` still goes on."""
    until = signed(late, 32) + reference
    turns = int((until - clock[1]) / clock[0] - cycle) // turn
    return (turns - 1) * turn if turns > 1 else 0
