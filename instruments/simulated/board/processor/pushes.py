"""Pushes: what the core hands to its ports, written down as events with the tick at which each fires."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...compiled import compiled
from .arithmetic import signed
from .core import TIME_MASK
from .decode import COUNTER, OUT_TIME, WAVE_REGISTERS
from .event import COUNT, DISPATCH, LATENCY, SPACING
from .stalls import tick_of


@compiled
def own_wave(wave: Any, registers: NDArray[np.int64]) -> None:
    """Copy r_wave: env has 24 bits, conf 16."""
    for n in range(6):
        wave[n] = registers[WAVE_REGISTERS + n]
    wave[2] &= 0xFFFFFF
    wave[5] &= 0xFFFF


@compiled
def push(
    event: Any,
    kind: int,
    code: Any,
    value: int,
    wave: NDArray[np.int64],
    registers: NDArray[np.int64],
    core: Any,
    clock: NDArray[np.float64],
    ports: Any,
    queue: NDArray[np.int64],
) -> None:
    """Queue an event on a port: it fires LATENCY after the tick asked for, SPACING after its predecessor.

    A port's queue that is full holds the core until its oldest event has fired.
    """
    number = code.port
    port = ports[kind, number]
    slots = queue.shape[2]
    if port.pushes >= slots:
        free = queue[kind, number, port.slot]
        if tick_of(core.cycle, clock) < free:
            core.cycle = int((free - clock[1]) / clock[0]) + 1
            if not core.held:
                core.held_port, core.held_pc = kind << 8 | number, core.pc
                core.held_until, core.held_count = free, registers[COUNTER]
            core.held += 1
    time = code.immediate if code.port_time else registers[OUT_TIME]
    asked = (signed(time, 32) + core.reference) & TIME_MASK
    pushed = tick_of(core.cycle, clock)
    tick = max(asked + LATENCY, pushed + DISPATCH)
    event.previous = -1
    if port.pushes:
        tick = max(tick, port.fires + SPACING)
        event.previous = port.asked
    event.kind, event.port, event.tick, event.asked = kind, number, tick, asked
    event.pushed, event.possible = pushed, pushed + DISPATCH
    event.reference, event.address = core.reference, core.pc
    event.freq, event.phase, event.env = wave[0], wave[1], wave[2]
    event.gain, event.length, event.conf = wave[3], wave[4], wave[5]
    event.value, event.before = value, port.level
    queue[kind, number, port.slot] = tick
    port.pushes += 1
    port.slot = port.slot + 1 if port.slot + 1 < slots else 0
    port.fires, port.asked, port.level = tick, asked, value
    core.push_at = core.cycle
    core.idle = 0


@compiled
def count(event: Any, value: int, registers: NDArray[np.int64], core: Any, clock: NDArray[np.float64]) -> None:
    """Write down a change of the host's counter."""
    event.kind, event.port, event.value, event.before = COUNT, 0, value, registers[COUNTER]
    event.pushed = event.tick = event.asked = event.possible = tick_of(core.cycle, clock)
    event.reference, event.address, event.previous = core.reference, core.pc, -1
    event.freq = event.phase = event.env = event.gain = event.length = event.conf = 0
    core.idle = 0
