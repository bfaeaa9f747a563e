"""Reference: the tProcessor v2 in plain Python, for reading. `processor/execute.py` is the same machine, fast.

The core has a program memory, a data memory (32-bit words), a wave memory (rows of freq, phase, env, gain, length,
conf), 16 special registers, 16 or more data registers and the 6 wave registers (freq ... conf). It executes one
instruction a cycle of its clock, unless one must wait for another; whoever takes a branch loses two cycles.

The ports live on another clock, whose ticks are counted from the start. A push hands a port a word and a time, which
counts from the time reference; each port keeps its pushes in order and fires each one LATENCY after its time. So a
program runs ahead of its pulses, and waits for the time (s11, the ticks since the reference) where it must not.

Special registers: s0 zero, s1 random number, s2 what s6, s7 and the flag show, s3 product, s4 and s5 quotient and
remainder, s6 and s7 two words from outside, s8 and s9 the input port that was read, s10 status, s11 the time now, s12
and s13 the host's counters, s14 the time of pushes, s15 the address of jumps.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Final

from numpy.typing import NDArray

from .....sequences.errors import BoardError
from ..processor.decode import (
    ARITH,
    BRANCH,
    DATA_PORT,
    DATA_REGISTERS,
    DATA_WRITE,
    DIVIDE,
    FLAG,
    INSTRUCTION,
    PORT_READ,
    REGISTER_WRITE,
    REGISTERS,
    TIME,
    TRIGGER,
    WAVE_LOAD,
    WAVE_PORT,
    WAVE_REGISTERS,
    WAVE_STORE,
    decode,
)
from ..processor.event import DATA, TRIG, WAVE
from ..processor.host import Host, RandomStep
from .arithmetic import ALU, WORD, Unit, divided, multiplied, number, randoms
from .ports import NOTHING, Ports, Words, wave
from .waits import Waits

CALLS: Final = 7
"""That may be nested."""


class Outside(Exception):  # noqa: N818
    """The program looks at something outside the processor."""


class ReferenceProcessor:
    """One run of a program image ("pmem", "wmem", "dmem") from reset; arguments as those of `processor.load`."""

    def __init__(
        self,
        image: Mapping[str, Any],
        tproc: Mapping[str, Any],
        *,
        inputs: Sequence[tuple[int, int, int, int]] = (),
        host: Host | None = None,
        enable_tick: int = 7,
        patience: int = 10**6,
    ) -> None:
        table = decode(image["pmem"], data_registers=int(tproc.get("dreg_qty", 16)))
        self.program = [
            SimpleNamespace(**dict(zip(INSTRUCTION.names or (), row, strict=True))) for row in table.tolist()
        ]
        self.dmem = [0] * int(tproc["dmem_size"])
        self.wmem = [NOTHING] * int(tproc["wmem_size"])
        for place, word in enumerate(() if image["dmem"] is None else image["dmem"]):
            self.dmem[place] = int(word) & WORD
        for place, row in enumerate(() if image["wmem"] is None else image["wmem"]):
            self.wmem[place] = wave([int(word) for word in row[:6]])
        self.inputs = deque(sorted(inputs))
        self.host = host or Host()
        self.patience = patience
        self.ticks_per_cycle, self.enable_tick = tproc["f_time"] / tproc["f_core"], enable_tick
        self.data_bits = int(tproc.get("out_dport_dw", 8))
        self.registers = [0] * REGISTERS
        self.product = 0
        self.address = self.cycle = self.reference = 0
        self.zero = self.sign = self.flag = self.seen_flag = False
        self.calls: list[int] = []
        self.waits = Waits()
        self.multiplier, self.divider = Unit(), Unit()
        self.promises: list[tuple[int, str, Callable[[], None]]] = []
        self.random_since = 0
        self.latches: dict[int, tuple[int, int]] = {}
        self.fresh: set[int] = set()
        self.ports = Ports(int(tproc.get("fifo_depth", 512)))
        self.idle = 0
        self.ended = False

    def run(self) -> NDArray[Any]:
        """Execute to the end; all events (EVENT) in the order of pushes."""
        while not self.ended:
            if self.address >= len(self.program):
                raise BoardError(f"the program stopped at instruction {self.address}: it ran off the end")
            code = self.program[self.address]
            self.idle += 1
            if self.idle > self.patience:
                raise self.stopped(code, f"it ran {self.patience} instructions without an event: it never ends")
            try:
                self.execute(code)
            except Outside:
                raise self.stopped(code, "s2 selects a peripheral outside the processor") from None
        return self.ports.table()

    def stopped(self, code: Any, why: str) -> BoardError:
        """What to raise at an instruction."""
        return BoardError(
            f"the program stopped at instruction {self.address}, word 0x{code.high << 36 | code.low:018x}: {why}"
        )

    def execute(self, code: Any) -> None:
        """Execute one instruction and go to the next."""
        entered = self.leave_decoder(code)
        holds = self.holds(code.condition)
        if code.kind == BRANCH and code.operation != 2 and code.a0 >= 0 and holds:
            entered = max(entered, self.waits.jump)
        self.cycle = max([entered, *(self.waits.read.get(register, 0) for register in self.sources(code))])
        self.settle()
        self.look_up(code, entered)

        d0, d1 = self.registers[code.d0], self.registers[code.d1]
        a0 = code.address if code.a0 < 0 else self.registers[code.a0]
        a1 = self.registers[code.a1]
        result = ALU[code.alu](d0, code.immediate if code.operand else d1) & WORD
        value = code.immediate if code.source == 3 else result
        data_address = (a0 + a1) % len(self.dmem)

        if code.kind == REGISTER_WRITE and code.source == 1:
            value = self.dmem[data_address]
        elif code.kind == DATA_WRITE and holds:
            self.dmem[data_address] = code.immediate if code.literal else result
        elif code.kind == PORT_READ:
            self.read_port(code.port)
        elif code.kind in (TRIGGER, DATA_PORT):
            bits = 1 if code.kind == TRIGGER else self.data_bits
            self.push(code, TRIG if code.kind == TRIGGER else DATA, NOTHING, a0 & ((1 << bits) - 1))
        elif code.kind in (WAVE_PORT, WAVE_LOAD, WAVE_STORE):
            self.move_wave(code, a0 % len(self.wmem))
        elif code.kind in (TIME, FLAG, ARITH, DIVIDE) and holds:
            self.command(code, d0, code.immediate if code.literal else d1, a0, a1)

        if code.destination >= 0:
            self.write(code, value, holds)
        following = self.branch(code) if code.kind == BRANCH and (holds or code.operation == 2) else self.address + 1
        if code.flags and holds:
            self.zero, self.sign = result == 0, bool(result >> 31)
            self.waits.condition = max(self.waits.condition, self.cycle + 3)
        if self.ended:
            return
        if following != self.address + 1:
            self.cycle += 2
        self.address = following

    def now(self, cycle: int) -> int:
        """Tick at a cycle of the core."""
        return int(cycle * self.ticks_per_cycle + self.enable_tick)

    def leave_decoder(self, code: Any) -> int:
        """The first cycle at which nothing keeps the instruction in the decoder."""
        cycle = max(self.cycle + 1, self.waits.decode)
        if code.condition:
            cycle = max(cycle, self.waits.condition)
        if code.condition in (5, 6):
            self.take_inputs(self.now(cycle - 1))
            self.seen_flag = self.selected_flag(self.registers[2] >> 4 & 15, cycle - 1)
        if code.store_wave:
            cycle = max(cycle, self.waits.store)
        if code.kind in (PORT_READ, DATA_PORT, TRIGGER, WAVE_PORT):
            cycle = max(cycle, self.waits.port)
        return cycle

    def sources(self, code: Any) -> set[int]:
        """Registers for which it waits. Addresses wait only for a word on its way from the data memory."""
        return {code.d0, code.d1} | ({code.a0, code.a1} - {6, 7, 8, 9, 10, 11})

    def holds(self, condition: int) -> bool:
        """The condition is true."""
        z, s, f = self.zero, self.sign, self.seen_flag
        return (True, z, s, not z, not s, f, not f, False)[condition]

    def promise(self, cycles: int, what: str, done: Callable[[], None]) -> None:
        """Something happens a number of cycles from now."""
        self.promises.append((self.cycle + cycles, what, done))

    def settle(self) -> None:
        """Let happen what was promised until now."""
        due = [promise for promise in self.promises if promise[0] <= self.cycle]
        self.promises = [promise for promise in self.promises if promise[0] > self.cycle]
        for _, _, done in due:
            done()

    def look_up(self, code: Any, entered: int) -> None:
        """Bring the registers that the instruction reads up to date."""
        now = self.now(self.cycle)
        self.registers[11] = (now - self.reference) & WORD
        used = {code.d0, code.d1, code.a0, code.a1}
        if 1 in used:
            self.look_up_random(code, entered)
        if used & {6, 7, 10}:
            self.take_inputs(now)
            self.registers[10] = self.status()
        if used & {6, 7}:
            self.registers[6], self.registers[7] = self.selected_words(self.registers[2] & 15)

    def look_up_random(self, code: Any, entered: int) -> None:
        """s1 may count cycles, or how long an instruction stands and reads it as its first operand."""
        if self.host.random == RandomStep.EVERY_CYCLE:
            self.registers[1] = randoms(self.registers[1], self.cycle - self.random_since)
            self.random_since = self.cycle
        elif self.host.random == RandomStep.READ and code.d0 == 1:
            self.registers[1] = randoms(self.registers[1], self.cycle - entered)
            self.promise(1, "random", self.next_random)
        if 1 in (code.d0, code.d1):
            self.waits.decode = self.cycle + 2

    def next_random(self) -> None:
        """s1 goes on to its next number."""
        self.registers[1] = randoms(self.registers[1], 1)

    def selected_flag(self, source: int, cycle: int) -> bool:
        """The flag of conditions F and NF."""
        if source in (5, 6, 7):
            raise Outside
        new = self.multiplier.new(cycle) or self.divider.new(cycle)
        levels = {0: self.flag, 1: self.host.flag, 2: self.host.pin, 3: new, 4: bool(self.fresh)}
        return levels.get(source, False)

    def selected_words(self, source: int) -> tuple[int, int]:
        """s6 and s7."""
        if source in (2, 3, 4, 5, 8, 9, 10, 11):
            raise Outside
        low, high = self.host.words
        other_core = (0, 0)
        sources = {1: (self.product & WORD, self.product >> 32 & WORD), 6: other_core, 7: self.latches.get(0, (0, 0))}
        return sources.get(source, (low & WORD, high & WORD))

    def status(self) -> int:
        """s10: whether multiplier and divider are free, and have something new; which ports have."""
        bits = 0
        for place, unit in ((0, self.multiplier), (2, self.divider)):
            bits |= (self.cycle >= unit.free) << place | unit.new(self.cycle) << (place + 1)
        return bits | bool(self.fresh) << 15 | sum(1 << (16 + port) for port in self.fresh)

    def take_inputs(self, now: int) -> None:
        """Keep what has come to the input ports."""
        while self.inputs and self.inputs[0][0] <= now:
            _, port, low, high = self.inputs.popleft()
            self.latches[port] = (low & WORD, high & WORD)
            self.fresh.add(port)

    def read_port(self, port: int) -> None:
        """The newest input of a port goes to s8 and s9."""
        self.take_inputs(self.now(self.cycle))
        self.registers[8], self.registers[9] = self.latches.get(port, (0, 0))
        self.waits.until((8, 9), self.cycle + 3)

    def move_wave(self, code: Any, row: int) -> None:
        """Six words from the wave memory or the wave registers, to the other of them and to a port."""
        registers = slice(WAVE_REGISTERS, WAVE_REGISTERS + 6)
        own = wave(self.registers[registers])
        if code.store_wave:
            self.wmem[row] = own
        moved = own if code.wave_register or code.kind == WAVE_STORE else self.wmem[row]
        if code.kind == WAVE_LOAD:
            if code.destination < WAVE_REGISTERS:
                self.registers[registers] = moved
            self.waits.store = max(self.waits.store, self.cycle + 4)
            self.waits.until(range(WAVE_REGISTERS, WAVE_REGISTERS + 6), self.cycle + 3)
        if code.port >= 0:
            self.push(code, WAVE, moved, 0)

    def push(self, code: Any, kind: int, words: Words, value: int) -> None:
        """Hand a port its next event; a port whose queue is full holds the core until it has fired."""
        room = self.ports.room(kind, code.port)
        if self.now(self.cycle) < room:
            self.cycle = int((room - self.enable_tick) / self.ticks_per_cycle) + 1
        time = code.immediate if code.port_time else self.registers[14]
        asked = (number(time) + self.reference) % (1 << 48)
        self.ports.push(kind, code.port, asked, self.now(self.cycle), words, value, (self.reference, self.address))
        self.waits.port = max(self.waits.port, self.cycle + 3)
        self.idle = 0

    def command(self, code: Any, d0: int, second: int, a0: int, a1: int) -> None:
        """Time reference, flag, multiplier, divider."""
        if code.kind == TIME:
            self.reference = (second + (self.reference if code.operation == 8 else 0)) % (1 << 48)
        elif code.kind == FLAG:
            self.flag = {1: True, 2: False}.get(code.operation, not self.flag)
        elif code.kind == ARITH:
            self.multiply(multiplied(code.operation, d0, second, a0, a1))
        else:
            self.divide(*divided(a1, second))
        self.waits.condition = max(self.waits.condition, self.cycle + 4)
        self.waits.until((6, 7, 10, 11), self.cycle + 3)

    def multiply(self, product: int) -> None:
        """A product comes after six cycles; others may follow at once."""
        self.promise(6, "product", lambda: self.deliver_product(product))
        start, unit = self.cycle + 1, self.multiplier
        if start >= unit.free:
            unit.free = start + 5
        elif start == unit.free - 1:
            unit.free += 1

    def deliver_product(self, product: int) -> None:
        """s3 shows its lower word, s7 can show the upper one."""
        self.product = product
        self.registers[3] = product & WORD

    def divide(self, *result: int) -> None:
        """A quotient comes after 35 cycles. A new division ends one under way, unless that is in its last cycle."""
        start = self.cycle + 1
        if start == self.divider.free - 1:
            return
        if start < self.divider.free - 1:
            self.promises = [promise for promise in self.promises if promise[1] != "quotient"]
        self.promise(35, "quotient", lambda: self.registers.__setitem__(slice(4, 6), result))
        self.divider.free = start + 33

    def branch(self, code: Any) -> int:
        """The address where a jump, call or return leads."""
        if code.operation == 2:
            if not self.calls:
                raise self.stopped(code, "it returns without a call")
            return self.calls.pop()
        target = self.registers[15] & 0xFFFF if code.a0 >= 0 else int(code.address)
        if code.operation == 1:
            if len(self.calls) == CALLS:
                raise self.stopped(code, f"calls are nested deeper than {CALLS}")
            self.calls.append(self.address + 1)
        elif target == self.address and code.condition == 0:
            self.ended = True
        return target

    def write(self, code: Any, value: int, holds: bool) -> None:
        """Write the destination register; users wait for some, whether they are written or not."""
        register = code.destination
        if register == 1:
            self.waits.decode = self.cycle + 4
        elif register == 2:
            self.waits.condition = max(self.waits.condition, self.cycle + 5)
            self.waits.until((6, 7, 10), self.cycle + 4)
        elif register == 15:
            self.waits.jump = self.cycle + 4
        elif register >= WAVE_REGISTERS:
            self.waits.store = max(self.waits.store, self.cycle + 4)
        if not holds:
            return
        if code.kind == REGISTER_WRITE and code.source == 1:
            self.waits.until((register,), self.cycle + 2)
        if register == 12 and value != self.registers[12]:
            now = self.now(self.cycle)
            self.ports.count(now, value, self.registers[12], (self.reference, self.address))
            self.idle = 0
        if register == 2:
            self.clear(value >> 16)
        self.registers[register] = value
        self.keep(register, value)

    def keep(self, register: int, value: int) -> None:
        """What is left of a written word three cycles later; until then the next instructions read all of it."""
        kept = {0: 0, 2: value & 0xFF, 15: value & 0xFFFF}
        if register in kept:
            self.promise(3, "kept", lambda: self.registers.__setitem__(register, kept[register]))
        if register == 0 and self.host.random == RandomStep.WRITE_ZERO:
            self.promise(3, "random", self.next_random)
        if register == 1:
            self.random_since = self.cycle + 3

    def clear(self, bits: int) -> None:
        """Clear "new" bits: bit 0 the multiplier's, 1 the divider's, 6 the ports'."""
        for bit, unit in ((1, self.multiplier), (2, self.divider)):
            if bits & bit:
                unit.cleared = self.cycle + 4
        if bits & 64:
            self.take_inputs(self.now(self.cycle))
            self.fresh.clear()

    def final(self) -> dict[str, Any]:
        """Registers as the golden records list them."""
        return {
            "s12": self.registers[12],
            "s13": self.registers[13],
            "s14": self.registers[14],
            "ref": self.reference,
            "r": self.registers[DATA_REGISTERS : DATA_REGISTERS + 16],
            "w": self.registers[WAVE_REGISTERS : WAVE_REGISTERS + 6],
        }
