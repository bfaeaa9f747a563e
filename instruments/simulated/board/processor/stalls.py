"""Stalls: at which cycle an instruction leaves the decoder, reads its operands, and whom it keeps waiting.

The rules are those of the upstream HDL's hazard unit (qcore_ctrl_hazard.sv); cycles count from the core's start.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...compiled import compiled
from .decode import (
    CONFIGURATION,
    JUMP_ADDRESS,
    PORT_HIGH,
    PORT_LOW,
    PORT_READ,
    RANDOM,
    USER_TIME,
    WAVE_REGISTERS,
    WORD_LOW,
)


@compiled
def tick_of(cycle: int, clock: NDArray[np.float64]) -> int:
    """Tick of a core cycle; clock: ticks per core cycle, tick of cycle 0."""
    return int(cycle * clock[0] + clock[1])


@compiled
def holds(condition: int, core: Any) -> bool:
    """The condition is true."""
    if condition == 0:
        return True
    if condition == 1:
        return bool(core.zero)
    if condition == 2:
        return bool(core.sign)
    if condition == 3:
        return not core.zero
    if condition == 4:
        return not core.sign
    if condition == 5:
        return bool(core.level)
    if condition == 6:
        return not core.level
    return False


@compiled
def leave_decoder(code: Any, core: Any) -> int:
    """The cycle at which the hazard unit lets the instruction out of the decoder."""
    cycle = max(core.cycle + 1, core.random_until)
    if code.condition:
        cycle = max(cycle, core.flags_at + 3, core.peripheral_at + 4, core.config_at + 5)
    if code.store_wave:
        cycle = max(cycle, core.load_at + 4, core.wave_at + 4)
    if code.kind >= PORT_READ:
        cycle = max(cycle, core.push_at + 3)
    return int(cycle)


@compiled
def read_operands(code: Any, core: Any, cycle: int) -> int:
    """The cycle at which it has read its operands."""
    for d in (code.d0, code.d1):
        if d >= WAVE_REGISTERS:
            cycle = max(cycle, core.load_at + 3)
        elif WORD_LOW <= d <= USER_TIME:
            if PORT_LOW <= d <= PORT_HIGH:
                cycle = max(cycle, core.read_at + 3)
            else:
                cycle = max(cycle, core.peripheral_at + 3)
                if d != USER_TIME:
                    cycle = max(cycle, core.config_at + 4)
    if core.memory_at + 2 > cycle:
        to = core.memory_to
        if code.d0 == to or code.d1 == to or code.a0 == to or code.a1 == to:
            cycle = core.memory_at + 2
    return cycle


@compiled
def claim(destination: int, core: Any) -> None:
    """Registers whose users wait while an instruction that names them is on its way, whether it writes or not."""
    if destination == JUMP_ADDRESS:
        core.jump_at = core.cycle
    elif destination == CONFIGURATION:
        core.config_at = core.cycle
    elif destination == RANDOM:
        core.random_until = core.cycle + 4
    elif destination >= WAVE_REGISTERS:
        core.wave_at = core.cycle
