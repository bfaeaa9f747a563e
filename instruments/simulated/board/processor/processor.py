"""The tProcessor v2: registers, memories and ports, executing a program image and giving its events."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .....sequences.errors import BoardError
from .core import BREAK, ENDED, EXTERNAL, NO_CALL, OUTSIDE, PORT, STACK, STUCK, TIME_MASK, TOO_DEEP, UNDER_WAY, reset
from .decode import (
    ARITH,
    COUNTER,
    DATA_REGISTERS,
    DIVIDE,
    OUT_TIME,
    RANDOM,
    REGISTERS,
    USER_TIME,
    WAVE_REGISTERS,
    decode,
)
from .event import EVENT
from .execute import execute
from .host import Host
from .stop import Stop

ENABLE_TICK: Final = 7
"""Tick at which the core starts after the time counter has been released."""
PATIENCE: Final = 200_000_000
"""Instructions without an event after which a program counts as one that never ends (1 s of board time)."""

_WAVE_MASKS: Final = (0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFF)
BLOCK: Final = 1 << 13
"""Events handed over at once."""
_ATTENDED: Final = 1 << 8
_INPUTS: Final = 16
_STOPS: Final = {
    TOO_DEEP: f"calls are nested deeper than {STACK}: the return stack wraps; call less deeply",
    NO_CALL: "it returns without a call; jump over the subroutines",
    STUCK: "it ran {idle} instructions without an event: it never ends; let a loop end or wait for a time",
    EXTERNAL: "s2 selects a peripheral outside the processor for s6, s7 or the flag it reads; select another source",
    OUTSIDE: "it ran off the end of the program; end it with a jump to itself",
}
NOBODY: Final = Host()


class Processor:
    """One run of a program image, from reset.

    program: From `decode`. wmem: Rows of freq, phase, env, gain, length, conf. dmem: 32-bit words.
    tproc: soccfg["tprocs"][0]. inputs: (tick, port, low word, high word) that arrive at the input ports.
    host: What the host and the board's pins hold still. The power-on state is that of a processor just configured:
    random numbers and "new" bits of an earlier run, which a real one keeps, are gone.
    """

    def __init__(
        self,
        program: NDArray[Any],
        wmem: Sequence[Sequence[int]] | NDArray[Any] | None,
        dmem: Sequence[int] | NDArray[Any] | None,
        tproc: Mapping[str, Any],
        *,
        inputs: Sequence[tuple[int, int, int, int]] = (),
        host: Host = NOBODY,
        enable_tick: int = ENABLE_TICK,
        patience: int = PATIENCE,
    ) -> None:
        _check_units(program, tproc)
        self.program = program
        self.tproc = tproc
        self.patience = patience
        self.ended = False
        self.core = reset()
        self.registers = np.zeros(REGISTERS, np.int64)
        self.wmem = _wave_memory(wmem, int(tproc["wmem_size"]))
        self.dmem = _data_memory(dmem, int(tproc["dmem_size"]))
        self.clock = np.array([tproc["f_time"] / tproc["f_core"], enable_tick])
        self._ports_in = int(tproc.get("in_port_qty", _INPUTS))
        self.inputs = _arrivals(inputs, self._ports_in)
        self._host = np.array(host.settings(int(tproc.get("out_dport_dw", 8))), np.int64)
        self.stack = np.zeros(STACK + 1, np.int64)
        self._delayed = np.zeros((UNDER_WAY, 3), np.int64)
        self._latch = np.zeros((32, 2), np.int64)
        self.ports = np.zeros((3, 32), PORT)
        self.queue = np.zeros((3, 32, int(tproc.get("fifo_depth", 512))), np.int64)

    @property
    def counter(self) -> int:
        """The host's counter (s12)."""
        return int(self.registers[COUNTER])

    @property
    def executed(self) -> int:
        """Instructions executed."""
        return int(self.core["executed"][0])

    def run(self, *, block: int = BLOCK) -> Iterator[NDArray[Any]]:
        """Execute to the end of the program; yields blocks of at most `block` events (EVENT) in the order of pushes.

        Raises BoardError where the program goes wrong, after the events until there.
        """
        self.core["until"], self.core["attended"] = -1, 0
        while not self.ended:
            reason, events = self.advance(block)
            if events.size or reason == ENDED:
                yield events
            self.check(reason)

    def attended(self) -> Iterator[NDArray[Any]]:
        """As `run`, but it also comes back before each instruction that can see an input, so that `inject` is in time.

        A block may be empty then.
        """
        self.core["until"], self.core["attended"] = -1, 1
        while not self.ended:
            reason, events = self.advance(_ATTENDED)
            yield events
            self.check(reason)

    def inject(self, tick: int, port: int, low: int, high: int) -> None:
        """Let two words arrive at an input port; before what is already on its way to later ticks."""
        coming = self.inputs[int(self.core["injected"][0]) :]
        self.inputs = _arrivals([*coming, (tick, port, low, high)], self._ports_in)
        self.core["injected"] = 0

    def tick_of(self, cycle: int) -> int:
        """Tick of a core cycle."""
        return int(cycle * self.clock[0] + self.clock[1])

    def stop_at(self, address: int, visit: int = 1) -> Stop | None:
        """Run on until the instruction at `address` is about to execute for the `visit`-th time; None: it never is.

        An instruction before which the processor stands already counts when it is reached again. Raises as `run` does.
        """
        if not 0 <= address < self.program.size or visit < 1:
            raise BoardError(
                f"no breakpoint at instruction {address}, visit {visit}: "
                f"instructions are 0 to {self.program.size - 1}, visits begin with 1"
            )
        self.core["until"], self.core["visits"], self.core["attended"] = address, visit, 0
        events = [np.zeros(0, EVENT)]
        while not self.ended:
            reason, block = self.advance(BLOCK)
            events.append(block)
            if reason == BREAK:
                return self._stop(visit, np.concatenate(events))
            self.check(reason)
        return None

    def advance(self, block: int) -> tuple[int, NDArray[Any]]:
        """Execute until there are `block` events or a reason (core.ENDED ...) to come back; it, and the events."""
        events = np.empty(block, EVENT)
        reason, filled = execute(
            self.program,
            self.core,
            self.registers,
            self.dmem,
            self.wmem,
            self.stack,
            self._delayed,
            self.clock,
            self._host,
            self.inputs,
            self._latch,
            self.ports,
            self.queue,
            events,
            self.patience,
        )
        self.ended = reason == ENDED
        return reason, events[:filled]

    def check(self, reason: int) -> None:
        """Raise BoardError if `advance` came back because the program goes wrong."""
        if reason in _STOPS:
            address = int(self.core["pc"][0])
            where = f"instruction {address}"
            if address < self.program.size:
                code = self.program[address]
                where += f", word 0x{int(code['high']) << 36 | int(code['low']):018x}"
            raise BoardError(f"the program stopped at {where}: {_STOPS[reason].format(idle=self.patience)}")

    def _stop(self, visit: int, events: NDArray[Any]) -> Stop:
        state = {name: int(self.core[name][0]) for name in self.core.dtype.names or ()}
        tick = self.tick_of(state["cycle"])
        self.registers[USER_TIME] = (tick - state["reference"]) & 0xFFFFFFFF
        places = {f"s{n}": n for n in range(16)} | {f"r{n}": DATA_REGISTERS + n for n in range(32)}
        places |= {f"w{n}": WAVE_REGISTERS + n for n in range(6)}
        return Stop(
            address=state["pc"],
            visit=visit,
            cycle=state["cycle"],
            tick=tick,
            reference=state["reference"],
            zero=bool(state["zero"]),
            sign=bool(state["sign"]),
            flag=bool(state["flag"]),
            registers={name: int(self.registers[place]) for name, place in places.items()},
            calls=tuple(self.stack[1 : state["depth"] + 1].tolist()),
            dmem=self.dmem.copy(),
            wmem=self.wmem.copy(),
            events=events,
        )

    def final(self) -> dict[str, Any]:
        """Registers as the golden records list them."""
        data = self.registers[DATA_REGISTERS : DATA_REGISTERS + 16]
        return {
            "s12": self.counter,
            "s13": int(self.registers[COUNTER + 1]),
            "s14": int(self.registers[OUT_TIME]),
            "ref": int(self.core["reference"][0]) & TIME_MASK,
            "r": data.tolist(),
            "w": self.registers[WAVE_REGISTERS : WAVE_REGISTERS + 6].tolist(),
        }


def load(image: Mapping[str, Any], tproc: Mapping[str, Any], **settings: Any) -> Processor:
    """A processor at reset with the vendor's `binprog` in its memories; settings: See `Processor`."""
    program = decode(image["pmem"], data_registers=int(tproc.get("dreg_qty", 16)))
    return Processor(program, image["wmem"], image["dmem"], tproc, **settings)


def _wave_memory(rows: Sequence[Sequence[int]] | NDArray[Any] | None, size: int) -> NDArray[np.int64]:
    memory = np.zeros((size, 6), np.int64)
    if rows is not None and len(rows):
        memory[: len(rows)] = np.asarray(rows, np.int64)[:, :6] & np.array(_WAVE_MASKS)
    return memory


def _data_memory(words: Sequence[int] | NDArray[Any] | None, size: int) -> NDArray[np.int64]:
    memory = np.zeros(size, np.int64)
    if words is not None and len(words):
        memory[: len(words)] = np.asarray(words, np.int64).ravel() & 0xFFFFFFFF
    return memory


def _arrivals(inputs: Sequence[tuple[int, int, int, int]], ports: int) -> NDArray[np.int64]:
    for _, port, _, _ in inputs:
        if not 0 <= port < ports:
            raise BoardError(f"input port {port} does not exist: the processor has {ports}, from 0")
    rows = np.array(sorted(tuple(row) for row in inputs), np.int64).reshape(-1, 4)
    rows[:, 2:] &= 0xFFFFFFFF
    return rows


def _check_units(program: NDArray[Any], tproc: Mapping[str, Any]) -> None:
    """Refuse a program that uses a unit which this firmware was built without."""
    used = {
        "has_arith": program["kind"] == ARITH,
        "has_divider": program["kind"] == DIVIDE,
        "has_lfsr": program["special"] >> RANDOM & 1 != 0,
        "has_time_read": program["special"] >> USER_TIME & 1 != 0,
    }
    for unit, where in used.items():
        if not tproc.get(unit, 1) and where.any():
            raise BoardError(f"instruction {where.argmax()} needs a unit that this firmware lacks ({unit} is 0)")
