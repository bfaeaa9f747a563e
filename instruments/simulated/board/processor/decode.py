"""Instruction words of the tProcessor v2 (72 bits) as a table of decoded fields.

The encoding is that of the vendor's assembler (qick.tprocv2_assembler) and of the decoder in qcore_cpu.sv:
header [71:69] AI [68] DF [67:66] COND [65:63] SO [62] TO [61] UF [60] WR [59] RDI [58] ALU [57:56]
address [55:39] data [38:7] rd [6:0].

Refused are words that the HDL gives no meaning (header 7), instructions of peripherals outside the processor (header 3:
NET, COM, PA, PB), TIME rst and updt, which set the board's time counter across two clocks and so at a tick that nobody
can tell, and instructions that make the core wait for themselves for ever. A write of a special register that cannot be
written does nothing; that the HDL forwards such a word to the next two instructions all the same is not modelled for s3
to s11.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .....sequences.errors import BoardError

# Kinds of instruction
CONFIG: Final = 0
BRANCH: Final = 1
TIME: Final = 2
FLAG: Final = 3
ARITH: Final = 4
DIVIDE: Final = 5
REGISTER_WRITE: Final = 6
WAVE_LOAD: Final = 7
DATA_WRITE: Final = 8
WAVE_STORE: Final = 9
PORT_READ: Final = 10
DATA_PORT: Final = 11
TRIGGER: Final = 12
WAVE_PORT: Final = 13

# Flat register numbers: special 0-15, data 32-63, wave 64-69
RANDOM: Final = 1
CONFIGURATION: Final = 2
ARITH_RESULT: Final = 3
QUOTIENT: Final = 4
REMAINDER: Final = 5
WORD_LOW: Final = 6
WORD_HIGH: Final = 7
PORT_LOW: Final = 8
PORT_HIGH: Final = 9
STATUS: Final = 10
USER_TIME: Final = 11
COUNTER: Final = 12
OUT_TIME: Final = 14
JUMP_ADDRESS: Final = 15
ARITH_HIGH: Final = 16
"""Not a register: the upper word of the multiplier's result, which s7 shows on demand."""
DATA_REGISTERS: Final = 32
WAVE_REGISTERS: Final = 64
REGISTERS: Final = 72

INSTRUCTION: Final = np.dtype(
    [
        ("kind", "i8"),
        ("condition", "i8"),  # 0 always, 1 Z, 2 S, 3 NZ, 4 NS, 5 F, 6 NF, 7 never
        ("alu", "i8"),
        ("d0", "i8"),  # flat register numbers
        ("d1", "i8"),
        ("a0", "i8"),  # -1: `address` is meant
        ("a1", "i8"),
        ("address", "i8"),
        ("immediate", "i8"),
        ("operand", "i8"),  # 1: the ALU's second operand is the immediate
        ("literal", "i8"),  # 1: memory and peripherals take the immediate, not the ALU's result
        ("source", "i8"),  # of the register write: 0 ALU, 1 data memory, 3 immediate
        ("destination", "i8"),  # -1: none
        ("flags", "i8"),  # 1: Z and S are updated
        ("port", "i8"),  # -1: nothing is pushed
        ("port_time", "i8"),  # 1: the immediate is the time, else s14
        ("wave_register", "i8"),  # 1: the wave is r_wave, else the wave memory's
        ("store_wave", "i8"),  # 1: r_wave goes to the wave memory
        ("operation", "i8"),  # of TIME, FLAG, ARITH; of BRANCH: 0 jump, 1 call, 2 return
        ("special", "i8"),  # bit n: it reads s_n, whose value changes by itself; bit 16: it looks at the flag
        ("high", "i8"),  # the word's bits 71:36
        ("low", "i8"),  # and 35:0
    ]
)

_PORTS: Final = 32
_DESTINATIONS: Final = {0, RANDOM, CONFIGURATION, COUNTER, COUNTER + 1, OUT_TIME, JUMP_ADDRESS}
_CHANGING: Final = {RANDOM, WORD_LOW, WORD_HIGH, STATUS, USER_TIME}
FLAG_USED: Final = 1 << 16
"""In `special`."""
_UNITS: Final = {0: (TIME, {4, 8}), 1: (FLAG, {1, 2, 4}), 2: (ARITH, set(range(9))), 3: (DIVIDE, {0})}


def decode(pmem: Sequence[Sequence[int]] | NDArray[Any], *, data_registers: int = 16) -> NDArray[Any]:
    """Decode program memory rows (three little-endian 32-bit words each) into an array of INSTRUCTION."""
    table = np.zeros(len(pmem), INSTRUCTION)
    for address, row in enumerate(pmem):
        word = (int(row[2]) & 0xFF) << 64 | (int(row[1]) & 0xFFFFFFFF) << 32 | (int(row[0]) & 0xFFFFFFFF)
        try:
            fields = _Word(word, data_registers).fields()
            table[address] = tuple(fields[name] for name in INSTRUCTION.names or ())
        except _Undefined as why:
            raise BoardError(f"instruction {address}, word 0x{word:018x}: {why}") from None
    return table


class _Undefined(Exception):  # noqa: N818
    """The word has no meaning here."""


class _Word:
    """One instruction word being decoded."""

    def __init__(self, word: int, data_registers: int) -> None:
        self.word = word
        self.data_registers = data_registers
        self.so, self.to, self.update, self.write, self.rdi = (self.bits(n, n) for n in (62, 61, 60, 59, 58))
        self.format = self.bits(67, 66)
        self.condition_bits = self.bits(65, 63)

    def bits(self, high: int, low: int) -> int:
        return (self.word >> low) & ((1 << (high - low + 1)) - 1)

    def fields(self) -> dict[str, int]:
        """Every field of INSTRUCTION."""
        kind, operation = self.kind()
        fields = {
            "kind": kind,
            "operation": operation,
            "condition": self.condition_bits if kind <= REGISTER_WRITE or kind == DATA_WRITE else 0,
            "alu": self.alu(kind),
            "d0": self.source_register(self.bits(37, 31)) if self.format != 3 else 0,
            "d1": self.source_register(self.bits(29, 23)) if self.format == 1 else 0,
            "a0": -1 if self.bits(68, 68) else self.source_register(self.bits(50, 45)),
            "a1": 0,
            "address": self.bits(55, 45),
            "immediate": self.immediate(),
            "operand": int(self.format == 2),
            "literal": int(self.format == 3 or (self.to and kind in (DATA_WRITE, WAVE_STORE, CONFIG))),
            "source": self.bits(62, 61) if kind == REGISTER_WRITE else 3 * self.rdi,
            "destination": self.destination(kind),
            "flags": int(self.update and kind not in (TIME, FLAG, ARITH, DIVIDE)),
        }
        fields |= self.ports(kind)
        self.check_progress(fields)
        return fields | {"special": self.special(fields), "high": self.word >> 36, "low": self.word & ((1 << 36) - 1)}

    def special(self, fields: dict[str, int]) -> int:
        """What the interpreter must look up before it executes this instruction."""
        sources = {fields[name] for name in ("d0", "d1", "a0", "a1")} & _CHANGING
        return sum(1 << register for register in sources) | FLAG_USED * (fields["condition"] in (5, 6))

    def check_progress(self, fields: dict[str, int]) -> None:
        """Refuse what waits in the read stage for its own end (qcore_ctrl_hazard.sv)."""
        kind, read = fields["kind"], {fields["d0"], fields["d1"]}
        changed: set[int] = set()
        if TIME <= kind <= DIVIDE:
            changed = {WORD_LOW, WORD_HIGH, STATUS, USER_TIME}
        elif kind == PORT_READ:
            changed = {PORT_LOW, PORT_HIGH}
        if self.bits(6, 0) == CONFIGURATION:
            changed |= {WORD_LOW, WORD_HIGH, STATUS}
        for register in sorted(read & changed):
            raise _Undefined(f"it reads s{register}, which it changes itself: the core stalls for ever; read it before")

    def kind(self) -> tuple[int, int]:
        header = self.bits(71, 69)
        if header == 1 and self.to and not self.so:
            raise _Undefined("a branch with SO = 0, TO = 1 is not defined")
        if header == 2:
            return self.control()
        if header == 3:
            name = ("NET", "COM", "PA", "PB")[self.bits(62, 61)]
            raise _Undefined(f"{name} (header 3) is a peripheral outside the processor; remove the instruction")
        if header == 7:
            raise _Undefined("header 7 is not defined")
        kinds = {
            0: CONFIG,
            1: BRANCH,
            4: WAVE_LOAD if self.so and not self.to else REGISTER_WRITE,
            5: WAVE_STORE if self.so else DATA_WRITE,
            6: self.port_kind(),
        }
        return kinds[header], (1 + self.to) * self.so if header == 1 else 0

    def port_kind(self) -> int:
        if self.so:
            return WAVE_PORT
        if not self.condition_bits & 1:
            return PORT_READ
        return TRIGGER if self.bits(44, 44) else DATA_PORT

    def control(self) -> tuple[int, int]:
        unit, operation = self.bits(62, 60), self.bits(59, 56)
        if unit == 0 and operation in (1, 2):
            raise _Undefined(
                f"TIME {('rst', 'updt')[operation - 1]} sets the board's time counter at a tick that nobody can tell; "
                "move the reference (set_ref, inc_ref) instead"
            )
        if unit not in _UNITS or operation not in _UNITS[unit][1]:
            raise _Undefined(f"control unit {unit} operation {operation} is not defined")
        return _UNITS[unit][0], operation

    def alu(self, kind: int) -> int:
        if kind == REGISTER_WRITE and self.bits(62, 61) == 0:
            return self.bits(59, 56)
        return self.bits(57, 56) << 1

    def immediate(self) -> int:
        if self.format == 0:
            return self.bits(55, 45)
        width, value = {1: (16, self.bits(22, 7)), 2: (24, self.bits(30, 7)), 3: (32, self.bits(38, 7))}[self.format]
        return (value - (1 << width) if value >> (width - 1) else value) & 0xFFFFFFFF

    def source_register(self, number: int) -> int:
        return self.flat(number >> 5, number & 31)

    def flat(self, page: int, index: int) -> int:
        if page == 0:
            return index & 15
        limit = {1: self.data_registers, 2: 6}.get(page, 0)
        if index >= limit:
            raise _Undefined(f"register {'?rw?'[page]}{index} does not exist (limit {limit})")
        return 32 * page + index

    def destination(self, kind: int) -> int:
        dual = kind in (CONFIG, BRANCH) or kind >= WAVE_LOAD
        if kind != REGISTER_WRITE and not (dual and self.write):
            return -1
        page, index = self.bits(6, 5), self.bits(4, 0)
        if page == 0 and index not in _DESTINATIONS:
            return -1
        return self.flat(page, index)

    def ports(self, kind: int) -> dict[str, int]:
        """Fields of what is pushed or stored; COND is three enables here: store, r_wave, push."""
        store, register, push = (self.condition_bits >> n & 1 for n in (2, 1, 0))
        number = self.bits(44, 39)
        out = {"port": -1, "port_time": 0, "wave_register": register, "store_wave": 0}
        if kind in (DATA_WRITE, ARITH, DIVIDE) or (kind == REGISTER_WRITE and self.bits(62, 61) == 1):
            return out | {"a1": self.source_register(number)}
        operands = self.bits(37, 36) * (self.format != 3), self.bits(29, 28) * (self.format == 1)
        if kind == WAVE_LOAD and 2 in operands:
            raise _Undefined("it loads r_wave while its ALU reads a wave register: the core stalls for ever")
        both = {WAVE_LOAD: store, WAVE_STORE: push and not register, WAVE_PORT: store and not register}
        if both.get(kind):
            raise _Undefined("it reads and writes the wave memory at once, which is not defined")
        if kind in (WAVE_PORT, WAVE_LOAD, WAVE_STORE):
            out["store_wave"] = int(kind == WAVE_STORE or (kind == WAVE_PORT and store))
        if kind in (PORT_READ, DATA_PORT, TRIGGER, WAVE_PORT) or (kind in (WAVE_LOAD, WAVE_STORE) and push):
            out["port"] = self.port_number(kind, number)
            out["port_time"] = int(self.bits(71, 69) == 6 and self.to)
        return out

    def port_number(self, kind: int, number: int) -> int:
        port = number & 31 if kind in (TRIGGER, DATA_PORT) else number
        if port >= _PORTS:
            raise _Undefined(f"port {port} does not exist (limit {_PORTS})")
        return port
