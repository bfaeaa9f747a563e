"""Stop: what a processor holds before the instruction at a breakpoint."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Stop:
    """address: Of the instruction that comes next. visit: How many times it was about to execute since the run went on.

    cycle, tick: Of the last instruction's execution. reference: Time reference (ticks). zero, sign, flag: Levels.
    registers: s0-s15, r0..., w0-w5 by name (32-bit words). Results still under way are not in them; s1, s6, s7 and s10
    are what the program last read there.
    calls: Return addresses, the innermost last. dmem (words,), wmem (words, 6). events: EVENT since the run went on.
    """

    address: int
    visit: int
    cycle: int
    tick: int
    reference: int
    zero: bool
    sign: bool
    flag: bool
    registers: dict[str, int]
    calls: tuple[int, ...]
    dmem: NDArray[np.int64]
    wmem: NDArray[np.int64]
    events: NDArray[Any]
