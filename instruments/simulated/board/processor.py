"""The tProcessor v2: registers, memories and ports, executing a program image and giving its events."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ....sequences.errors import BoardError
from .core import CORE, ENDED, EXTERNAL, FULL, NO_CALL, OUTSIDE, STACK, STUCK, TIME_MASK, TOO_DEEP
from .decode import COUNTER, DATA_REGISTERS, OUT_TIME, REGISTERS, WAVE_REGISTERS, decode
from .event import EVENT
from .execute import execute

ENABLE_TICK: Final = 7
"""Tick at which the core starts after the time counter has been released."""
PATIENCE: Final = 200_000_000
"""Instructions without an event after which a program counts as one that never ends (1 s of board time)."""

_WAVE_MASKS: Final = (0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFF)
_STOPS: Final = {
    TOO_DEEP: f"calls are nested deeper than {STACK}: the return stack wraps; call less deeply",
    NO_CALL: "it returns without a call; jump over the subroutines",
    STUCK: "it ran {idle} instructions without an event: it never ends; let a loop end or wait for a time",
    EXTERNAL: "it selects a peripheral or an external flag in s2, which is not modelled",
    OUTSIDE: "it ran off the end of the program; end it with a jump to itself",
}


class Processor:
    """One run of a program image, from reset.

    program: From `decode`. wmem: Rows of freq, phase, env, gain, length, conf. dmem: 32-bit words.
    tproc: soccfg["tprocs"][0]. inputs: (tick, port, low word, high word) that arrive at the input ports.
    """

    def __init__(
        self,
        program: NDArray[Any],
        wmem: Sequence[Sequence[int]] | NDArray[Any] | None,
        dmem: Sequence[int] | NDArray[Any] | None,
        tproc: Mapping[str, Any],
        *,
        inputs: Sequence[tuple[int, int, int, int]] = (),
        enable_tick: int = ENABLE_TICK,
        patience: int = PATIENCE,
    ) -> None:
        self.program = program
        self.patience = patience
        self.ended = False
        self.core = np.zeros(1, CORE)
        for name in CORE.names or ():
            if name.endswith("_at"):
                self.core[name] = -100
        self.core["memory_to"] = -1
        self.registers = np.zeros(REGISTERS, np.int64)
        self.wmem = _wave_memory(wmem, int(tproc["wmem_size"]))
        self.dmem = _data_memory(dmem, int(tproc["dmem_size"]))
        self.clock = np.array([tproc["f_time"] / tproc["f_core"], enable_tick])
        self.inputs = np.array(sorted(inputs), np.int64).reshape(-1, 4)
        self._stack = np.zeros(STACK, np.int64)
        self._latch = np.zeros((32, 2), np.int64)
        self._queue = np.zeros((3, 32, int(tproc.get("fifo_depth", 512))), np.int64)
        self._pops = np.zeros((3, 32), np.int64)
        self._asked = np.zeros((3, 32), np.int64)
        self._levels = np.zeros((3, 32), np.int64)

    @property
    def counter(self) -> int:
        """The host's counter (s12)."""
        return int(self.registers[COUNTER])

    @property
    def executed(self) -> int:
        """Instructions executed."""
        return int(self.core["executed"][0])

    def run(self, *, block: int = 1 << 15) -> Iterator[NDArray[Any]]:
        """Execute to the end of the program; yields blocks of at most `block` events (EVENT) in the order of pushes."""
        while not self.ended:
            events = np.zeros(block, EVENT)
            reason, filled = execute(
                self.program,
                self.core,
                self.registers,
                self.dmem,
                self.wmem,
                self._stack,
                self.clock,
                self.inputs,
                self._latch,
                self._queue,
                self._pops,
                self._asked,
                self._levels,
                events,
                self.patience,
            )
            if reason not in (ENDED, FULL):
                address = int(self.core["pc"][0])
                why = _STOPS[reason].format(idle=self.patience)
                raise BoardError(f"the program stopped at instruction {address}: {why}")
            self.ended = reason == ENDED
            yield events[:filled]

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
