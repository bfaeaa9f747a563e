"""The interpreter of the tProcessor v2: executes decoded instructions and writes down what its ports do.

Semantics are those of the upstream HDL (qcore_cpu.sv, qcore_ctrl_hazard.sv, qcore_reg_bank.sv, qproc_dispatcher.sv).
The pipeline is modelled by when each instruction executes: one core cycle apart, later by the stalls of the hazard
unit, two more after a taken branch. That is enough for waits and for finding pushes that come too late.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .core import ENDED, EXTERNAL, FULL, NO_CALL, OUTSIDE, STACK, STUCK, TIME_MASK, TOO_DEEP
from .decode import (
    ARITH,
    ARITH_RESULT,
    BRANCH,
    CONFIGURATION,
    COUNTER,
    DATA_PORT,
    DATA_WRITE,
    DIVIDE,
    FLAG,
    JUMP_ADDRESS,
    OUT_TIME,
    PORT_HIGH,
    PORT_LOW,
    PORT_READ,
    QUOTIENT,
    REGISTER_WRITE,
    REMAINDER,
    TIME,
    TRIGGER,
    USER_TIME,
    WAVE_LOAD,
    WAVE_PORT,
    WAVE_REGISTERS,
    WAVE_STORE,
)
from .event import COUNT, DATA, DISPATCH, LATENCY, SPACING, TRIG, WAVE

MASK: Final = 0xFFFFFFFF
_F = TypeVar("_F", bound=Callable[..., Any])


def compiled(function: _F) -> _F:
    """Compile on the first call, and keep it on disk."""
    fast: _F = njit(cache=True)(function)
    return fast


@compiled
def _signed(value: int, bits: int) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


@compiled
def _parity(value: int) -> int:
    for shift in (16, 8, 4, 2, 1):
        value ^= value >> shift
    return value & 1


@compiled
def _alu(operation: int, a: int, b: int) -> int:
    shift = b & 15
    if operation == 0:
        out = a + b
    elif operation == 2:
        out = a - b
    elif operation == 4:
        out = a & b
    elif operation == 6:
        out = _signed(a, 32) >> shift
    elif operation == 8:
        out = abs(_signed(b, 32))
    elif operation == 10:
        out = a >> 16
    elif operation == 12:
        out = a & 0xFFFF
    elif operation == 14:
        out = (a & 0xFFFF) << 16 | a >> 16
    else:
        out = _logic(operation, a, b, shift)
    return out & MASK


@compiled
def _logic(operation: int, a: int, b: int, shift: int) -> int:
    if operation == 1:
        return ~a
    if operation == 3:
        return a | b
    if operation == 5:
        return a ^ b
    if operation == 7:
        return (a & 0xFFFF) << 16 | (b & 0xFFFF)
    if operation == 9:
        return 0
    if operation == 11:
        return _parity(a)
    if operation == 13:
        return a << shift
    return a >> shift


@compiled
def _multiply(operation: int, a: int, b: int, c: int, d: int) -> int:
    """(0, +a, -a then d) times b, plus 0, c, -c: the DSP's 27 x 18 bits."""
    a, b, c, d = _signed(a, 27), _signed(b, 18), _signed(c, 32), _signed(d, 27)
    factor = a if operation < 3 else d + a if operation < 6 else d - a
    addend = operation % 3
    return (factor * b + (c if addend == 1 else -c if addend == 2 else 0)) & MASK


@compiled
def _divide(registers: NDArray[np.int64], dividend: int, divisor: int) -> None:
    """The divider never sets bit 31 of the quotient: it saturates, and the remainder with it."""
    quotient = 0x7FFFFFFF if divisor == 0 else min(dividend // divisor, 0x7FFFFFFF)
    registers[QUOTIENT] = quotient
    registers[REMAINDER] = (dividend - quotient * divisor) & MASK


@compiled
def _holds(condition: int, core: Any) -> bool:
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
        return bool(core.flag)
    if condition == 6:
        return not core.flag
    return False


@compiled
def _now(cycle: int, clock: NDArray[np.float64]) -> int:
    """Tick of a core cycle; clock: ticks per core cycle, tick of cycle 0."""
    return int(cycle * clock[0] + clock[1])


@compiled
def _issue(core: Any, code: Any) -> None:
    """Advance to the cycle at which the hazard unit lets the instruction execute."""
    cycle = core.cycle + 1
    if code.condition:
        cycle = max(cycle, core.flags_at + 3, core.peripheral_at + 4, core.config_at + 5)
    if code.store_wave:
        cycle = max(cycle, core.load_at + 4, core.wave_at + 4)
    if code.kind >= PORT_READ:
        cycle = max(cycle, core.push_at + 3)
    for d in (code.d0, code.d1):
        if d >= WAVE_REGISTERS:
            cycle = max(cycle, core.load_at + 3)
        elif d in (PORT_LOW, PORT_HIGH):
            cycle = max(cycle, core.read_at + 3)
        elif d == USER_TIME:
            cycle = max(cycle, core.peripheral_at + 3)
        if d == core.memory_to:
            cycle = max(cycle, core.memory_at + 2)
    core.cycle = cycle


@compiled
def _value(register: int, registers: NDArray[np.int64], core: Any, clock: NDArray[np.float64]) -> int:
    if register == USER_TIME:
        return int((_now(core.cycle, clock) - core.reference) & MASK)
    return int(registers[register])


@compiled
def _set(destination: int, value: int, registers: NDArray[np.int64], core: Any) -> None:
    if destination == JUMP_ADDRESS:
        value &= 0xFFFF
        core.jump_at = core.cycle
    elif destination == CONFIGURATION:
        value &= 0xFF
        core.config_at = core.cycle
    elif destination >= WAVE_REGISTERS:
        core.wave_at = core.cycle
    registers[destination] = value


@compiled
def _wave(wave: Any, registers: NDArray[np.int64]) -> None:
    for n in range(6):
        wave[n] = registers[WAVE_REGISTERS + n]
    wave[2] &= 0xFFFFFF
    wave[5] &= 0xFFFF


@compiled
def _push(
    event: Any,
    kind: int,
    code: Any,
    registers: NDArray[np.int64],
    core: Any,
    clock: NDArray[np.float64],
    queue: NDArray[np.int64],
    pops: NDArray[np.int64],
    asked: NDArray[np.int64],
) -> None:
    """Queue an event on a port: it fires LATENCY after the tick asked for, SPACING after its predecessor.

    A port's queue that is full holds the core until its oldest event has fired.
    """
    port, slots = code.port, queue.shape[2]
    count = pops[kind, port]
    if count >= slots:
        free = queue[kind, port, count % slots]
        if _now(core.cycle, clock) < free:
            core.cycle = int((free - clock[1]) / clock[0]) + 1
    time = code.immediate if code.port_time else registers[OUT_TIME]
    event.kind, event.port = kind, port
    event.asked = (_signed(time, 32) + core.reference) & TIME_MASK
    event.pushed = _now(core.cycle, clock)
    event.possible = event.pushed + DISPATCH
    event.tick = max(event.asked + LATENCY, event.possible)
    if count:
        event.tick = max(event.tick, queue[kind, port, (count - 1) % slots] + SPACING)
    event.previous = asked[kind, port] if count else -1
    asked[kind, port] = event.asked
    queue[kind, port, count % slots] = event.tick
    pops[kind, port] = count + 1
    core.push_at = core.cycle
    core.idle = 0


@compiled
def _describe(event: Any, wave: Any, value: int, core: Any, levels: NDArray[np.int64]) -> None:
    event.freq, event.phase, event.env = wave[0], wave[1], wave[2]
    event.gain, event.length, event.conf = wave[3], wave[4], wave[5]
    event.value, event.reference, event.address = value, core.reference, core.pc
    event.before = levels[event.kind, event.port]
    levels[event.kind, event.port] = value


@compiled
def _read_port(
    port: int, registers: NDArray[np.int64], core: Any, now: int, inputs: NDArray[np.int64], latch: NDArray[np.int64]
) -> None:
    """Take the newest input of `port`; inputs: rows of tick, port, low and high word in order of time."""
    while core.injected < inputs.shape[0] and inputs[core.injected, 0] <= now:
        arrived = core.injected
        latch[inputs[arrived, 1], 0] = inputs[arrived, 2]
        latch[inputs[arrived, 1], 1] = inputs[arrived, 3]
        core.injected += 1
    registers[PORT_LOW], registers[PORT_HIGH] = latch[port, 0], latch[port, 1]
    core.read_at = core.cycle


@compiled
def _peripheral(
    code: Any, registers: NDArray[np.int64], core: Any, d0: int, d1: int, a0: int, clock: NDArray[np.float64]
) -> None:
    second = code.immediate if code.literal else d1
    if code.kind == TIME:
        core.reference = (second + (core.reference if code.operation == 8 else 0)) & TIME_MASK
    elif code.kind == FLAG:
        core.flag = 1 if code.operation == 1 else 0 if code.operation == 2 else 1 - core.flag
    elif code.kind == ARITH:
        a1 = _value(code.a1, registers, core, clock)
        registers[ARITH_RESULT] = _multiply(code.operation, d0, d1, a0, a1)
    else:
        _divide(registers, _value(code.a1, registers, core, clock), second)
    core.peripheral_at = core.cycle


@compiled
def _count(event: Any, value: int, registers: NDArray[np.int64], core: Any, clock: NDArray[np.float64]) -> None:
    """Write down a change of the host's counter."""
    event.kind, event.port, event.value, event.before = COUNT, 0, value, registers[COUNTER]
    event.pushed = event.tick = event.asked = event.possible = _now(core.cycle, clock)
    event.reference, event.address, event.previous = core.reference, core.pc, -1
    event.freq = event.phase = event.env = event.gain = event.length = event.conf = 0
    core.idle = 0


@compiled
def _branch(code: Any, registers: NDArray[np.int64], core: Any, stack: NDArray[np.int64]) -> int:
    """Address of the next instruction; negative: why there is none."""
    if code.operation == 2:
        if core.depth == 0:
            return -NO_CALL
        core.depth -= 1
        return int(stack[core.depth])
    if code.a0 >= 0:
        core.cycle = max(core.cycle, core.jump_at + 4)
    target = int(registers[JUMP_ADDRESS] if code.a0 >= 0 else code.address)
    if code.operation == 1:
        if core.depth == STACK:
            return -TOO_DEEP
        stack[core.depth] = core.pc + 1
        core.depth += 1
    elif target == core.pc and code.condition == 0:
        return -ENDED
    return target


@compiled
def _sleep(program: Any, core: Any, target: int, registers: NDArray[np.int64], clock: NDArray[np.float64]) -> None:
    """Pass over whole turns of a WAIT: a comparison of s11 that jumps back to itself while negative."""
    code, test = program[core.pc], program[target]
    if code.condition != 2 or test.d0 != USER_TIME or test.alu != 2 or not test.flags or core.pc - target > 1:
        return
    late = test.immediate if test.operand else registers[test.d1]
    until = _signed(late, 32) + core.reference
    turn = 3 * (1 + core.pc - target)
    turns = int((until - clock[1]) / clock[0] - core.cycle) // turn
    if turns > 1:
        core.cycle += (turns - 1) * turn


@compiled
def _read_memory(
    code: Any,
    a0: int,
    registers: NDArray[np.int64],
    core: Any,
    dmem: NDArray[np.int64],
    clock: NDArray[np.float64],
) -> int:
    a1 = _value(code.a1, registers, core, clock)
    core.memory_at, core.memory_to = core.cycle, code.destination
    return int(dmem[(a0 + a1) & (dmem.size - 1)])


@compiled
def _move_wave(
    code: Any,
    wave: NDArray[np.int64],
    a0: int,
    registers: NDArray[np.int64],
    core: Any,
    wmem: NDArray[np.int64],
) -> None:
    """Between wave registers, wave memory and `wave`, which a port may be given."""
    row = a0 & (wmem.shape[0] - 1)
    _wave(wave, registers)
    if code.store_wave:
        wmem[row] = wave
    if not code.wave_register and code.kind != WAVE_STORE:
        wave[:] = wmem[row]
    if code.kind == WAVE_LOAD:
        registers[WAVE_REGISTERS : WAVE_REGISTERS + 6] = wave
        core.load_at = core.cycle


@compiled
def execute(
    program: Any,
    cores: Any,
    registers: NDArray[np.int64],
    dmem: NDArray[np.int64],
    wmem: NDArray[np.int64],
    stack: NDArray[np.int64],
    clock: NDArray[np.float64],
    inputs: NDArray[np.int64],
    latch: NDArray[np.int64],
    queue: NDArray[np.int64],
    pops: NDArray[np.int64],
    asked: NDArray[np.int64],
    levels: NDArray[np.int64],
    events: Any,
    patience: int,
) -> tuple[int, int]:
    """Run until the program ends or `events` is full; returns why, and how many events there are.

    All arguments but `program`, `clock` and `inputs` are state: calling again goes on where it stopped.
    """
    core = cores[0]
    wave = np.zeros(6, np.int64)
    filled = 0
    while filled + 1 < events.shape[0]:
        if core.pc >= program.shape[0]:
            return OUTSIDE, filled
        code = program[core.pc]
        core.executed += 1
        core.idle += 1
        if core.idle > patience:
            return STUCK, filled
        _issue(core, code)
        holds = _holds(code.condition, core)
        d0 = _value(code.d0, registers, core, clock)
        d1 = _value(code.d1, registers, core, clock)
        a0 = code.address if code.a0 < 0 else _value(code.a0, registers, core, clock)
        result = _alu(code.alu, d0, code.immediate if code.operand else d1)
        value = code.immediate if code.source == 3 else result

        if code.kind == REGISTER_WRITE and code.source == 1:
            value = _read_memory(code, a0, registers, core, dmem, clock)
        elif code.kind == DATA_WRITE and holds:
            a1 = _value(code.a1, registers, core, clock)
            dmem[(a0 + a1) & (dmem.size - 1)] = code.immediate if code.literal else result
        elif code.kind == PORT_READ:
            _read_port(code.port, registers, core, _now(core.cycle, clock), inputs, latch)
        elif code.kind == TRIGGER or code.kind == DATA_PORT:
            wave[:] = 0
            kind, word = (TRIG, a0 & 1) if code.kind == TRIGGER else (DATA, a0 & 0xFF)
            _push(events[filled], kind, code, registers, core, clock, queue, pops, asked)
            _describe(events[filled], wave, word, core, levels)
            filled += 1
        elif code.kind == WAVE_PORT or code.kind == WAVE_LOAD or code.kind == WAVE_STORE:
            _move_wave(code, wave, a0, registers, core, wmem)
            if code.port >= 0:
                _push(events[filled], WAVE, code, registers, core, clock, queue, pops, asked)
                _describe(events[filled], wave, 0, core, levels)
                filled += 1
        elif TIME <= code.kind <= DIVIDE and holds:
            _peripheral(code, registers, core, d0, d1, a0, clock)

        if code.destination >= 0 and holds:
            if code.destination == COUNTER and value != registers[COUNTER]:
                _count(events[filled], value, registers, core, clock)
                filled += 1
            _set(code.destination, value, registers, core)
            if code.destination == CONFIGURATION and registers[CONFIGURATION]:
                return EXTERNAL, filled

        target = core.pc + 1
        if code.kind == BRANCH and (holds or code.operation == 2):
            target = _branch(code, registers, core, stack)
            if target < 0:
                return -target, filled
        if code.flags and holds:
            core.zero, core.sign, core.flags_at = int(result == 0), result >> 31, core.cycle
        if target != core.pc + 1:
            core.cycle += 2
            if target <= core.pc:
                _sleep(program, core, target, registers, clock)
        core.pc = target
    return FULL, filled
