"""Disassembly: the assembler text of instruction words, such that the vendor's assembler gives the same words again.

It reads the bits of the word, not the fields of `decode`: those keep what an instruction does, and two words that do
the same are one there. Layout: see `decode`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from numpy.typing import NDArray

Words = Sequence[Sequence[int]] | NDArray[Any]

_CONDITIONS: Final = ("1", "Z", "S", "NZ", "NS", "F", "NF", "0")
_FULL: Final = ("+", "NOT", "-", "OR", "AND", "XOR", "ASR", "CAT", "ABS", "RFU", "MSH", "PAR", "LSH", "SL", "SWP", "SR")
_SHORT: Final = ("+", "-", "AND", "ASR")
_ALONE: Final = ("NOT", "MSH", "PAR", "LSH", "SWP")
_ARITH: Final = ("T", "TP", "TM", "PT", "PTP", "PTM", "MT", "MTP", "MTM")
_TIME: Final = {1: "rst", 2: "updt", 4: "set_ref", 8: "inc_ref"}
_FLAG: Final = {1: "set", 2: "clr", 4: "inv"}
_BRANCHES: Final = {0: "JUMP", 2: "CALL", 3: "RET"}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One instruction. word: 72 bits. text: For the assembler.

    source, macro: The line of the assembler's text and the vendor's macro that it came from, None if nobody knows.
    """

    address: int
    word: int
    text: str
    source: str | None = None
    macro: str | None = None

    @property
    def origin(self) -> str:
        """What a person looks for in the program: its macro, then its line or text."""
        return "; ".join(part for part in (self.macro, self.source or self.text) if part)

    def __str__(self) -> str:
        return f"{self.address:5d}  {self.word:018x}  {self.text}"


def disassemble(pmem: Words, sources: Mapping[int, str] | None = None, macros: Sequence[str] = ()) -> list[Line]:
    """Every word of a program memory (rows of three 32-bit words) as a line.

    The assembler puts an empty word at address 0 by itself: it is given the text from address 1 on.
    """
    known = sources or {}
    return [
        Line(
            address=address,
            word=number,
            text=text(number),
            source=known.get(address),
            macro=macros[address] if macros else None,
        )
        for address, number in enumerate(map(word, pmem))
    ]


class Texts(Mapping[int, str]):
    """The text of each instruction of `pmem` by its address; found only if somebody looks."""

    def __init__(self, pmem: Words) -> None:
        self._pmem = pmem

    def __getitem__(self, address: int) -> str:
        if not 0 <= address < len(self._pmem):
            raise KeyError(address)
        return text(word(self._pmem[address]))

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self._pmem)))

    def __len__(self) -> int:
        return len(self._pmem)


def word(row: Sequence[int] | NDArray[Any]) -> int:
    """The 72-bit word of a row of program memory."""
    return (int(row[2]) & 0xFF) << 64 | (int(row[1]) & 0xFFFFFFFF) << 32 | (int(row[0]) & 0xFFFFFFFF)


def text(number: int) -> str:
    """The assembler text of one word."""
    if number == 0:
        return "NOP"
    instruction = _Instruction(number)
    parts = {
        0: instruction.test,
        1: instruction.branch,
        2: instruction.control,
        3: instruction.peripheral,
        4: instruction.register_write,
        5: instruction.memory_write,
        6: instruction.port,
    }.get(instruction.bits(71, 69), instruction.unknown)()
    return " ".join(part for part in parts if part)


class _Instruction:
    """One word being put into text."""

    def __init__(self, number: int) -> None:
        self.word = number
        self.format = self.bits(67, 66)
        self.so, self.to, self.update, self.write, self.immediate = (self.bits(n, n) for n in (62, 61, 60, 59, 58))

    def bits(self, high: int, low: int) -> int:
        return (self.word >> low) & ((1 << (high - low + 1)) - 1)

    def signed(self, high: int, low: int) -> int:
        value, width = self.bits(high, low), high - low + 1
        return value - (1 << width) if value >> (width - 1) else value

    def literal(self) -> str:
        return f"#{self.signed(38, 7)}"

    def condition(self) -> str:
        held = self.bits(65, 63)
        return f"-if({_CONDITIONS[held]})" if held else ""

    def operation(self, *, full: bool = False) -> list[str]:
        """What the ALU does, the flags it updates, the register it writes, and the literal beside it."""
        return [*self.alu(full), "-uf" if self.update else "", self.written(), self.beside()]

    def alu(self, full: bool) -> list[str]:
        if self.format in (0, 3):
            return []
        name = _FULL[self.bits(59, 56)] if full else _SHORT[self.bits(57, 56)]
        first = register(self.bits(37, 31))
        second = f"#{self.signed(30, 7)}" if self.format == 2 else register(self.bits(29, 23))
        if self.format == 2 and not 0 <= self.signed(30, 7) < 16:
            # The assembler limits a shift only under its other name.
            name = {"SL": "<<", "SR": ">>"}.get(name, name)
        if self.format == 2 and name in _ALONE and second == "#0":
            return [f"-op({name} {first})"]
        if name == "ABS" and first == "s0" and self.format == 1:
            return [f"-op(ABS {second})"]
        if name == "+" and second == "s0":
            return [f"-op({first})"]
        return [f"-op({first} {name} {second})"]

    def written(self) -> str:
        if not self.write:
            return ""
        return f"-wr({register(self.bits(6, 0))} {'imm' if self.immediate else 'op'})"

    def beside(self) -> str:
        """The literal beside an operation; one that is an operand is repeated only where it is asked for."""
        wanted = bool(self.write and self.immediate)
        if self.format == 2:
            return f"#{self.signed(30, 7)}" if wanted else ""
        value = self.signed(38, 7) if self.format == 3 else self.signed(22, 7)
        return f"#{value}" if value or wanted else ""

    def address(self) -> str:
        """Of a memory: a register or a number, with a register added to it in the data memory."""
        first = f"&{self.bits(55, 45)}" if self.bits(68, 68) else address_register(self.bits(50, 45))
        added = self.bits(44, 39) if self.is_data_memory() else 0
        return f"[{address_register(added)} + {first}]" if added else f"[{first}]"

    def is_data_memory(self) -> bool:
        header = self.bits(71, 69)
        return (header == 5 and not self.so) or (header == 4 and (self.so, self.to) == (0, 1))

    def time(self) -> str:
        return f"@{self.signed(38, 7)}"

    def test(self) -> list[str]:
        if not self.update:
            return self.unknown()
        return ["TEST", self.condition(), *self.alu(False), self.written(), self.beside()]

    def branch(self) -> list[str]:
        name = _BRANCHES.get(2 * self.so + self.to)
        if name is None:
            return self.unknown()
        target = f"[&{self.bits(55, 45)}]" if self.bits(68, 68) else "s15"
        return [name, "" if name == "RET" else target, self.condition(), *self.operation()]

    def control(self) -> list[str]:
        unit, operation = self.bits(62, 60), self.bits(59, 56)
        value = self.literal() if self.format == 3 else register(self.bits(29, 23))
        if unit == 0 and operation in _TIME:
            return ["TIME", _TIME[operation], "" if operation == 1 and value == "s0" else value, self.condition()]
        if unit == 1 and operation in _FLAG:
            return ["FLAG", _FLAG[operation], self.condition()]
        if unit == 3:
            return ["DIV", address_register(self.bits(44, 39)), value, self.condition()]
        if unit == 2 and operation < len(_ARITH):
            return ["ARITH", _ARITH[operation], *self.factors(_ARITH[operation]), self.condition()]
        return self.unknown()

    def factors(self, name: str) -> list[str]:
        a, b = register(self.bits(37, 31)), register(self.bits(29, 23))
        before = [address_register(self.bits(44, 39))] if name[0] in "PM" else []
        after = [address_register(self.bits(50, 45))] if name[1:] and name[-1] in "PM" else []
        return [*before, a, b, *after]

    def peripheral(self) -> list[str]:
        unit = self.bits(62, 61)
        if unit < 2 or self.format != 1:
            return self.unknown()
        given = [register(self.bits(37, 31)), register(self.bits(29, 23))]
        given += [address_register(self.bits(50, 45)), address_register(self.bits(44, 39))]
        while given and given[-1] == "s0":
            given.pop()
        return ["PA" if unit == 2 else "PB", str(self.bits(60, 56)), *given, self.condition()]

    def register_write(self) -> list[str]:
        source = 2 * self.so + self.to
        if source == 2:
            return ["REG_WR r_wave wmem", self.address(), *self.stored(), *self.operation()]
        name = f"REG_WR {register(self.bits(6, 0))}"
        if source == 3:
            literal = self.beside() or "#0"
            return [name, "imm", literal, self.condition(), *self.alu(False), "-uf" if self.update else ""]
        flags = "-uf" if self.update else ""
        if source == 1:
            return [name, "dmem", self.address(), self.condition(), *self.alu(False), flags, self.beside()]
        return [name, "op", self.condition(), *self.alu(True), flags, self.beside_full()]

    def beside_full(self) -> str:
        value = self.signed(22, 7) if self.format == 1 else 0
        return f"#{value}" if value else ""

    def stored(self) -> list[str]:
        """Where else a wave goes: to the wave memory, to a port."""
        store, taken, push = (self.bits(n, n) for n in (65, 64, 63))
        port = [f"-wp({'r_wave' if taken else 'wmem'})", f"p{self.bits(44, 39)}"] if push else []
        return ["-ww" if store and self.bits(71, 69) != 5 else "", *port]

    def memory_write(self) -> list[str]:
        if self.so:
            when = self.time() if self.to else ""
            return ["WMEM_WR", self.address(), *self.stored(), *([when] if when else self.operation())]
        literal = "imm" if self.to else "op"
        parts = ["DMEM_WR", self.address(), literal, self.condition(), *self.operation()]
        return parts if not self.to or self.beside() or self.format == 2 else [*parts, "#0"]

    def port(self) -> list[str]:
        number = self.bits(44, 39)
        rest = [self.time()] if self.to else self.operation()
        store, taken, push = (self.bits(n, n) for n in (65, 64, 63))
        if self.so:
            wave = "r_wave" if taken else "wmem"
            where = self.address() if store or not taken else ""
            return [f"WPORT_WR p{number} {wave}", "-ww" if store else "", where, *rest]
        if not push:
            return [f"DPORT_RD p{number}", *rest]
        if number >= 32:
            return [f"TRIG p{number - 32}", "set" if self.bits(45, 45) else "clr", *rest]
        value = f"imm {self.bits(55, 45)}" if self.bits(68, 68) else f"reg {address_register(self.bits(50, 45))}"
        return [f"DPORT_WR p{number} {value}", *rest]

    def unknown(self) -> list[str]:
        return [f"NOP // 0x{self.word:018x} has no text in the assembler"]


def register(number: int) -> str:
    """Name of a register by its 7 bits: page and index."""
    return f"{'srw?'[number >> 5 & 3]}{number & 31}"


def address_register(number: int) -> str:
    """Name of a register by the 6 bits that an address has for it."""
    return f"{'sr'[number >> 5]}{number & 31}"
