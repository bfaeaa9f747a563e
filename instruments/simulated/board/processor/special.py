"""Special registers: those whose value changes by itself, and those that do not keep what is written.

Facts from the upstream HDL (qcore_reg_bank.sv, qick_processor.sv): s2's lowest 4 bits choose what s6 and s7 show (0 and
12 to 15 the host's words, 1 the product, 6 another core, 7 input port 0; peripherals and debugging are refused), its
next 4 the flag (0 the program's, 1 the host's, 2 the pin, 3 a new product or quotient, 4 a new input; 5 to 7 belong to
peripherals), and bits 16, 17, 22 of a write clear "new" bits. s10 has bits 0 and 2 for a free multiplier and divider,
1 and 3 for new results, 15 and 16 upwards for new inputs; peripherals' bits are 0, and so is bit 14, a full queue, for
the core stands still until it has room. The host sets when random numbers go on (`Host.random`), not s2.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...compiled import compiled
from .arithmetic import MASK, leap, step
from .decode import (
    ARITH_HIGH,
    ARITH_RESULT,
    CONFIGURATION,
    COUNTER,
    FLAG_USED,
    JUMP_ADDRESS,
    QUOTIENT,
    RANDOM,
    REMAINDER,
    STATUS,
    USER_TIME,
    WORD_HIGH,
    WORD_LOW,
)
from .host import FLAG_LEVEL, PIN_LEVEL, RANDOM_STEP, WORD
from .host import RandomStep as Step
from .stalls import tick_of

_EACH_CYCLE, _EACH_READ, _EACH_ZERO = int(Step.EVERY_CYCLE), int(Step.READ), int(Step.WRITE_ZERO)


@compiled
def promise(core: Any, delayed: NDArray[np.int64], cycle: int, register: int, value: int) -> None:
    """A register takes a value at a later cycle."""
    delayed[core.waiting, 0], delayed[core.waiting, 1], delayed[core.waiting, 2] = cycle, register, value
    core.waiting += 1


@compiled
def settle(core: Any, registers: NDArray[np.int64], delayed: NDArray[np.int64]) -> None:
    """Give the registers what was promised until now."""
    kept = 0
    for n in range(core.waiting):
        due, register, value = delayed[n, 0], delayed[n, 1], delayed[n, 2]
        if due > core.cycle:
            delayed[kept] = delayed[n]
            kept += 1
        elif register == RANDOM:
            registers[RANDOM] = step(registers[RANDOM])
        elif register == ARITH_RESULT:
            registers[ARITH_RESULT], registers[ARITH_HIGH] = value & MASK, value >> 32 & MASK
        elif register == QUOTIENT:
            registers[QUOTIENT], registers[REMAINDER] = value >> 32, value & MASK
        else:
            registers[register] = value
    core.waiting = kept


@compiled
def arrive(core: Any, now: int, inputs: NDArray[np.int64], latch: NDArray[np.int64]) -> None:
    """Take what has come to the input ports; inputs: rows of tick, port, low and high word in order of time."""
    while core.injected < inputs.shape[0] and inputs[core.injected, 0] <= now:
        port = inputs[core.injected, 1]
        latch[port, 0] = inputs[core.injected, 2]
        latch[port, 1] = inputs[core.injected, 3]
        core.fresh |= 1 << (port & 15)
        core.injected += 1


@compiled
def _is_new(ready: int, cleared: int, cycle: int) -> bool:
    """A unit's "new" bit: set a cycle after it is free again, until it is cleared."""
    return cycle > ready and cleared <= ready + 1 and ready >= 0


@compiled
def selected_flag(core: Any, selected: int, cycle: int, host: NDArray[np.int64]) -> int:
    """Level of the flag that s2 selects; -1: it is a peripheral's."""
    if selected == 0:
        return int(core.flag)
    if selected == 1:
        return int(host[FLAG_LEVEL])
    if selected == 2:
        return int(host[PIN_LEVEL])
    if selected == 3:
        return int(
            _is_new(core.arith_ready, core.arith_cleared, cycle)
            or _is_new(core.divide_ready, core.divide_cleared, cycle)
        )
    if selected == 4:
        return int(core.fresh != 0)
    return -1 if selected < 8 else 0


@compiled
def _word(
    selected: int, high: int, registers: NDArray[np.int64], host: NDArray[np.int64], latch: NDArray[np.int64]
) -> int:
    """s6 or s7 as s2 selects it; -1: it is a peripheral's or for debugging."""
    if selected == 0 or selected > 11:
        return int(host[WORD + high])
    if selected == 1:
        return int(registers[ARITH_HIGH] if high else registers[ARITH_RESULT])
    if selected == 6:
        return 0
    return int(latch[0, high]) if selected == 7 else -1


@compiled
def _status(core: Any) -> int:
    """s10: multiplier and divider free and new, and the ports with new inputs; peripherals count as absent."""
    cycle = core.cycle
    bits = int(cycle >= core.arith_ready) | int(_is_new(core.arith_ready, core.arith_cleared, cycle)) << 1
    bits |= int(cycle >= core.divide_ready) << 2 | int(_is_new(core.divide_ready, core.divide_cleared, cycle)) << 3
    return int(bits | int(core.fresh != 0) << 15 | core.fresh << 16)


@compiled
def look_up(
    code: Any,
    core: Any,
    entered: int,
    registers: NDArray[np.int64],
    delayed: NDArray[np.int64],
    clock: NDArray[np.float64],
    host: NDArray[np.int64],
    inputs: NDArray[np.int64],
    latch: NDArray[np.int64],
) -> bool:
    """Fill the registers that change by themselves; False: what the instruction needs lies outside the processor."""
    now = tick_of(core.cycle, clock)
    registers[USER_TIME] = (now - core.reference) & MASK
    if code.special & (1 << RANDOM):
        _look_up_random(code, core, entered, registers, delayed, host)
    if code.special & (1 << WORD_LOW | 1 << WORD_HIGH | 1 << STATUS):
        arrive(core, now, inputs, latch)
        registers[STATUS] = _status(core)
    if code.special & (1 << WORD_LOW | 1 << WORD_HIGH):
        for high in range(2):
            registers[WORD_LOW + high] = _word(registers[CONFIGURATION] & 15, high, registers, host, latch)
    outside = code.special & (1 << WORD_LOW | 1 << WORD_HIGH) and registers[WORD_LOW] < 0
    return not (outside or (code.special & FLAG_USED and core.level < 0))


@compiled
def _look_up_random(
    code: Any,
    core: Any,
    entered: int,
    registers: NDArray[np.int64],
    delayed: NDArray[np.int64],
    host: NDArray[np.int64],
) -> None:
    if host[RANDOM_STEP] == _EACH_CYCLE:
        registers[RANDOM] = leap(registers[RANDOM], core.cycle - core.random_since)
        core.random_since = core.cycle
    elif host[RANDOM_STEP] == _EACH_READ and code.d0 == RANDOM:
        registers[RANDOM] = leap(registers[RANDOM], core.cycle - entered)
        promise(core, delayed, core.cycle + 1, RANDOM, 0)
    if code.d0 == RANDOM or code.d1 == RANDOM:
        core.random_until = core.cycle + 2


@compiled
def set_register(
    destination: int,
    value: int,
    registers: NDArray[np.int64],
    core: Any,
    delayed: NDArray[np.int64],
    host: NDArray[np.int64],
) -> None:
    """Write a register. The next two instructions read the word as it was written, even bits that are not kept."""
    registers[destination] = value
    if destination > JUMP_ADDRESS or (COUNTER <= destination < JUMP_ADDRESS):
        return
    later = core.cycle + 3
    if destination == RANDOM:
        core.random_since = later
    elif destination == JUMP_ADDRESS:
        promise(core, delayed, later, destination, value & 0xFFFF)
    elif destination == CONFIGURATION:
        promise(core, delayed, later, destination, value & 0xFF)
    else:
        promise(core, delayed, later, destination, 0)
        if host[RANDOM_STEP] == _EACH_ZERO:
            promise(core, delayed, later, RANDOM, 0)


@compiled
def clear(
    bits: int, core: Any, clock: NDArray[np.float64], inputs: NDArray[np.int64], latch: NDArray[np.int64]
) -> None:
    """The upper half of a word for s2: "new" bits to clear, four cycles later."""
    if bits & 1:
        core.arith_cleared = core.cycle + 4
    if bits & 2:
        core.divide_cleared = core.cycle + 4
    if bits & 64:
        arrive(core, tick_of(core.cycle, clock), inputs, latch)
        core.fresh = 0
