"""The interpreter of the tProcessor v2: executes decoded instructions and writes down what its ports do.

Semantics are those of the upstream HDL (qcore_cpu.sv, qcore_ctrl_hazard.sv, qcore_reg_bank.sv, qick_processor.sv,
qproc_dispatcher.sv). `reference/processor.py` says the same in plain Python: read that first.
The pipeline is modelled by when each instruction executes: one core cycle apart, later by the stalls of the hazard
unit, two more after a taken branch. That is enough for waits and for finding pushes that come too late.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...compiled import compiled
from .arithmetic import calculate, divide, multiply
from .core import BREAK, EACH, ENDED, EXTERNAL, FULL, INPUT, NO_CALL, OUTSIDE, STACK, STUCK, TIME_MASK, TOO_DEEP
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
    FLAG_USED,
    JUMP_ADDRESS,
    PORT_HIGH,
    PORT_LOW,
    PORT_READ,
    QUOTIENT,
    REGISTER_WRITE,
    STATUS,
    TIME,
    TRIGGER,
    WAVE_LOAD,
    WAVE_PORT,
    WAVE_REGISTERS,
    WAVE_STORE,
    WORD_HIGH,
    WORD_LOW,
)
from .event import DATA, TRIG, WAVE
from .host import DATA_MASK
from .pushes import count, own_wave, push
from .special import arrive, clear, look_up, promise, selected_flag, set_register, settle
from .stalls import claim, holds, leave_decoder, read_operands, tick_of
from .waits import is_wait, slept


@compiled
def _peripheral(
    code: Any, registers: NDArray[np.int64], core: Any, d0: int, d1: int, a0: int, delayed: NDArray[np.int64]
) -> None:
    second = code.immediate if code.literal else d1
    if code.kind == TIME:
        core.reference = (second + (core.reference if code.operation == 8 else 0)) & TIME_MASK
    elif code.kind == FLAG:
        core.flag = 1 if code.operation == 1 else 0 if code.operation == 2 else 1 - core.flag
    elif code.kind == ARITH:
        result = multiply(code.operation, d0, second, a0, registers[code.a1])
        _start_multiplier(core, delayed, result)
    else:
        _start_divider(core, delayed, registers[code.a1], second)
    core.peripheral_at = core.cycle


@compiled
def _start_multiplier(core: Any, delayed: NDArray[np.int64], result: int) -> None:
    """The result comes after six cycles. A start in another's last cycle keeps it busy for one more; others do not."""
    promise(core, delayed, core.cycle + 6, ARITH_RESULT, result)
    started = core.cycle + 1
    if started >= core.arith_ready:
        core.arith_ready = started + 5
    elif started == core.arith_ready - 1:
        core.arith_ready += 1


@compiled
def _start_divider(core: Any, delayed: NDArray[np.int64], dividend: int, divisor: int) -> None:
    """The result comes after 35 cycles; an earlier division is lost, but one that is just ending loses the new one."""
    last = core.divide_ready - 1
    started = core.cycle + 1
    if started == last:
        return
    if started < last:
        kept = 0
        for n in range(core.waiting):
            if delayed[n, 1] != QUOTIENT:
                delayed[kept] = delayed[n]
                kept += 1
        core.waiting = kept
    quotient, remainder = divide(dividend, divisor)
    promise(core, delayed, core.cycle + 35, QUOTIENT, quotient << 32 | remainder)
    core.divide_ready = started + 33


@compiled
def _branch(code: Any, registers: NDArray[np.int64], core: Any, stack: NDArray[np.int64]) -> int:
    """Address of the next instruction; negative: why there is none."""
    if code.operation == 2:
        if core.depth == 0 and not core.wraps:
            return -NO_CALL
        back = int(stack[core.depth])
        core.depth = max(core.depth - 1, 0)
        return back
    target = int(registers[JUMP_ADDRESS] & 0xFFFF if code.a0 >= 0 else code.address)
    if code.operation == 1:
        if core.depth == STACK and not core.wraps:
            return -TOO_DEEP
        core.depth = (core.depth + 1) % (STACK + 1)
        stack[core.depth] = core.pc + 1
    elif target == core.pc and code.condition == 0:
        return -ENDED
    return target


@compiled
def _sleep(program: Any, core: Any, target: int, registers: NDArray[np.int64], clock: NDArray[np.float64]) -> None:
    """Pass over whole turns of a WAIT: a comparison of s11 that jumps back to itself while negative."""
    test = program[target]
    if not is_wait(program, core.pc, target) or target <= core.until <= core.pc:
        return
    late = test.immediate if test.operand else registers[test.d1]
    core.cycle += slept(late, core.reference, core.cycle, 3 * (1 + core.pc - target), clock)


@compiled
def _move_wave(
    code: Any,
    wave: NDArray[np.int64],
    a0: int,
    registers: NDArray[np.int64],
    core: Any,
    wmem: NDArray[np.int64],
) -> None:
    """Between wave registers, wave memory and `wave`, which a port may be given.

    An instruction that writes one wave register itself loads none.
    """
    row = a0 & (wmem.shape[0] - 1)
    if code.store_wave:
        own_wave(wave, registers)
        for n in range(6):
            wmem[row, n] = wave[n]
    if code.wave_register or code.kind == WAVE_STORE:
        own_wave(wave, registers)
    else:
        for n in range(6):
            wave[n] = wmem[row, n]
    if code.kind == WAVE_LOAD and code.destination < WAVE_REGISTERS:
        for n in range(6):
            registers[WAVE_REGISTERS + n] = wave[n]
    if code.kind == WAVE_LOAD:
        core.load_at = core.cycle


@compiled
def _sees_input(code: Any) -> bool:
    """What it does may depend on what has come to the input ports."""
    looks = code.special & (1 << WORD_LOW | 1 << WORD_HIGH | 1 << STATUS | FLAG_USED)
    return bool(code.kind == PORT_READ or code.destination == CONFIGURATION or looks)


@compiled
def execute(
    program: Any,
    cores: Any,
    registers: NDArray[np.int64],
    dmem: NDArray[np.int64],
    wmem: NDArray[np.int64],
    stack: NDArray[np.int64],
    delayed: NDArray[np.int64],
    clock: NDArray[np.float64],
    host: NDArray[np.int64],
    inputs: NDArray[np.int64],
    latch: NDArray[np.int64],
    ports: Any,
    queue: NDArray[np.int64],
    events: Any,
    patience: int,
) -> tuple[int, int]:
    """Run until the program ends, reaches its breakpoint or fills `events`; returns why, and how many events there are.

    All arguments but `program`, `clock`, `host` and `inputs` are state: calling again goes on where it stopped.
    """
    # In one body: with the operands' part in a function of its own the loop was three times slower.
    core = cores[0]
    wave = np.zeros(6, np.int64)
    filled = 0
    standing = core.standing
    core.standing = 0
    while filled + 1 < events.shape[0]:
        if core.pc >= program.shape[0]:
            return OUTSIDE, filled
        if core.pc == core.until and not standing:
            core.visits -= 1
            if core.visits == 0:
                core.standing = 1
                return BREAK, filled
        code = program[core.pc]
        if core.attended and not standing and (core.attended == EACH or _sees_input(code)):
            core.standing = 1
            return INPUT, filled
        standing = 0
        core.executed += 1
        core.idle += 1
        if core.idle > patience:
            return STUCK, filled
        entered = leave_decoder(code, core)
        if code.special & FLAG_USED:
            arrive(core, tick_of(entered - 1, clock), inputs, latch)
            core.level = selected_flag(core, registers[CONFIGURATION] >> 4 & 15, entered - 1, host)
        met = holds(code.condition, core)
        if code.kind == BRANCH and code.a0 >= 0 and code.operation != 2 and met:
            entered = max(entered, core.jump_at + 4)
        core.cycle = read_operands(code, core, entered)
        if core.waiting:
            settle(core, registers, delayed)
        if code.special and not look_up(code, core, entered, registers, delayed, clock, host, inputs, latch):
            return EXTERNAL, filled
        d0, d1 = registers[code.d0], registers[code.d1]
        a0 = code.address if code.a0 < 0 else registers[code.a0]
        result = calculate(code.alu, d0, code.immediate if code.operand else d1)
        value = code.immediate if code.source == 3 else result

        if code.kind == REGISTER_WRITE and code.source == 1:
            value = dmem[(a0 + registers[code.a1]) & (dmem.size - 1)]
            if met and code.destination >= 0:
                core.memory_at, core.memory_to = core.cycle, code.destination
        elif code.kind == DATA_WRITE and met:
            dmem[(a0 + registers[code.a1]) & (dmem.size - 1)] = code.immediate if code.literal else result
        elif code.kind == PORT_READ:
            arrive(core, tick_of(core.cycle, clock), inputs, latch)
            registers[PORT_LOW], registers[PORT_HIGH] = latch[code.port, 0], latch[code.port, 1]
            core.read_at = core.cycle
        elif code.kind == TRIGGER or code.kind == DATA_PORT:
            for n in range(6):
                wave[n] = 0
            kind, word = (TRIG, a0 & 1) if code.kind == TRIGGER else (DATA, a0 & host[DATA_MASK])
            push(events[filled], kind, code, word, wave, registers, core, clock, ports, queue)
            filled += 1
        elif code.kind == WAVE_PORT or code.kind == WAVE_LOAD or code.kind == WAVE_STORE:
            _move_wave(code, wave, a0, registers, core, wmem)
            if code.port >= 0:
                push(events[filled], WAVE, code, 0, wave, registers, core, clock, ports, queue)
                filled += 1
        elif TIME <= code.kind <= DIVIDE and met:
            _peripheral(code, registers, core, d0, d1, a0, delayed)

        if code.destination >= 0:
            claim(code.destination, core)
            if met:
                if code.destination == COUNTER and value != registers[COUNTER]:
                    count(events[filled], value, registers, core, clock)
                    filled += 1
                if code.destination == CONFIGURATION and value >> 16:
                    clear(value >> 16 & 0xFF, core, clock, inputs, latch)
                set_register(code.destination, value, registers, core, delayed, host)

        target = core.pc + 1
        if code.kind == BRANCH and (met or code.operation == 2):
            target = _branch(code, registers, core, stack)
            if target < 0:
                return -target, filled
        if code.flags and met:
            core.zero, core.sign, core.flags_at = int(result == 0), result >> 31, core.cycle
        if target != core.pc + 1:
            core.cycle += 2
            if target <= core.pc:
                _sleep(program, core, target, registers, clock)
        core.pc = target
    return FULL, filled
