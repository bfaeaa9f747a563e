"""Random programs of the tProcessor v2 that end: every kind of instruction, drawn as words of the program memory."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.random import Generator

from coldlink.instruments.simulated.board.processor.decode import decode
from coldlink.instruments.simulated.board.processor.host import Host, RandomStep
from coldlink.sequences.errors import BoardError

FIELDS = {
    "header": (71, 69),
    "address_immediate": (68, 68),
    "format": (67, 66),
    "condition": (65, 63),
    "so": (62, 62),
    "to": (61, 61),
    "update": (60, 60),
    "write": (59, 59),
    "alu": (59, 56),
    "control": (62, 56),
    "address": (55, 45),
    "a0": (50, 45),
    "a1": (44, 39),
    "immediate": (38, 7),
    "short": (30, 7),
    "d0": (38, 31),
    "d1": (30, 23),
    "rd": (6, 0),
}
LOOPS = (12, 13, 14, 15)
"""Data registers that count loops; nothing else writes them."""
DATA = [32 + n for n in range(16)]
WAVE = [64 + n for n in range(6)]
READABLE = [*range(16), *DATA, *WAVE]
WRITABLE = [0, 1, 12, 13, *DATA[:12], *WAVE]
KEPT = {2, 14, 15, *(32 + n for n in LOOPS)}
CONFIG, JUMP, CONTROL, REGISTER, MEMORY, PORT = 0, 1, 2, 4, 5, 6
SOURCES = (0, 1, 6, 7, 12, 15)
"""Of s6 and s7 that lie inside the processor; of the flag: 0 to 4, 8 and 15."""


def word(**fields: int) -> int:
    """An instruction word of these FIELDS."""
    out = 0
    for name, value in fields.items():
        high, low = FIELDS[name]
        out |= (value & ((1 << (high - low + 1)) - 1)) << low
    return out


def row(instruction: int) -> list[int]:
    """As the vendor's binprog holds it."""
    return [instruction & 0xFFFFFFFF, instruction >> 32 & 0xFFFFFFFF, instruction >> 64, 0, 0, 0, 0, 0]


def code(instruction: int) -> Any:
    """Decoded; None if it is refused."""
    try:
        return decode([row(instruction)])[0]
    except BoardError:
        return None


def set_register(register: int, value: int) -> int:
    return word(header=REGISTER, format=3, so=1, to=1, immediate=value, rd=register)


@dataclass(frozen=True, kw_only=True)
class RandomProgram:
    """image, tproc and settings as `processor.load` and `ReferenceProcessor` take them."""

    image: dict[str, Any]
    tproc: dict[str, Any]
    settings: dict[str, Any]


@dataclass
class Drawing:
    """A program being drawn. far: Times may be anything (and queues are deep); else they lie within some 1000 ticks."""

    rng: Generator
    far: bool
    words: list[int] = field(default_factory=list)
    depth: int = 0
    calls: list[tuple[int, int]] = field(default_factory=list)

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def one(self, values: Any) -> int:
        return int(values[self.rng.integers(len(values))])

    def one_of(self, choices: tuple[Any, ...]) -> Any:
        return choices[self.rng.integers(len(choices))]

    def below(self, limit: int) -> int:
        return int(self.rng.integers(limit))

    def bits(self) -> dict[str, int]:
        """Random fields of any instruction, registers mostly such that exist."""
        fields = {"format": self.below(4), "immediate": self.below(1 << 32), "update": self.below(2)}
        fields |= {"address_immediate": self.below(2), "address": self.below(1 << 11), "a1": self.below(64)}
        fields["condition"] = self.below(8) if self.chance(0.3) else 0
        return fields | {"write": self.below(2), "alu": self.below(16), "rd": self.one(WRITABLE)}

    def free(self, header: int, **fixed: int) -> int:
        """A legal word of a header with random bits, that leaves alone what keeps the program going."""
        while True:
            fields = self.bits()
            immediate, d0, d1 = fields.pop("immediate"), self.one(READABLE), self.one(READABLE)
            if fields["format"] == 1:
                immediate = (immediate & 0xFFFF) | d1 << 16 | d0 << 24
            elif fields["format"] == 2:
                immediate = (immediate & 0xFFFFFF) | d0 << 24
            fields |= {"header": header, "immediate": immediate, "so": self.below(2), "to": self.below(2)} | fixed
            alu, write = fields.pop("alu"), fields.pop("write")
            instruction = word(**fields) | word(alu=alu & 7) | word(write=write)
            if header == REGISTER and not fields["so"] | fields["to"]:
                instruction |= word(alu=alu)
            if header == PORT and fields["to"]:
                instruction = self.timed(instruction)
            found = code(instruction)
            if found is not None and found["destination"] not in KEPT:
                return instruction

    def timed(self, instruction: int) -> int:
        """With a time that is not far, as the immediate; such words write no register."""
        clear = word(immediate=-1, format=3, write=1)
        instruction = instruction & ~clear | word(format=3)
        return instruction | word(immediate=self.time())

    def time(self) -> int:
        return self.below(1 << 32) if self.far and self.chance(0.2) else self.below(3000)

    def straight(self) -> None:
        """One instruction of any kind but branches."""
        kinds: list[tuple[float, Callable[[], int]]] = [
            (2, lambda: self.free(CONFIG, so=0, to=0)),
            (6, lambda: self.free(REGISTER)),
            (4, lambda: self.free(MEMORY)),
            (6, lambda: self.free(PORT, condition=self.below(8))),
            (2, self.multiply),
            (1, self.divide),
            (1, self.set_flag),
            (2, self.move_time),
            (2, self.select),
            (1, lambda: set_register(14, self.time())),
            (1, lambda: set_register(self.one((0, 1, *DATA[:12], *WAVE)), self.below(1 << 32))),
            (1, lambda: set_register(12, self.below(3))),
            (2, lambda: 0),
        ]
        weights = np.array([weight for weight, _ in kinds])
        self.words.append(kinds[self.rng.choice(len(kinds), p=weights / weights.sum())][1]())

    def control(self, unit_and_operation: int, **fields: int) -> int:
        condition = self.below(8) if self.chance(0.3) else 0
        while True:
            d = {"d0": self.one(READABLE), "d1": self.one(READABLE)} if "immediate" not in fields else {}
            a = {"a0": self.below(64), "a1": self.below(64)}
            instruction = word(
                header=CONTROL, condition=condition, control=unit_and_operation, **{"format": 1} | d | a | fields
            )
            if code(instruction) is not None:
                return instruction

    def multiply(self) -> int:
        return self.control(2 << 4 | self.below(9))

    def divide(self) -> int:
        if self.chance(0.5):
            return self.control(3 << 4)
        return self.control(3 << 4, format=3, immediate=self.below(1 << self.below(33)))

    def set_flag(self) -> int:
        return self.control(1 << 4 | self.one((1, 2, 4)))

    def move_time(self) -> int:
        return self.control(8, format=3, immediate=self.below(400))

    def select(self) -> int:
        value = self.one(SOURCES) | self.one((0, 0, 1, 2, 3, 4, 8, 15)) << 4 | (self.below(256) << 16) * self.below(2)
        return set_register(2, value)

    def block(self, size: int) -> None:
        """Instructions, loops, branches, waits and calls."""
        for _ in range(size):
            kind = self.rng.random()
            if kind < 0.06 and self.depth < len(LOOPS):
                self.loop(self.below(5) + 1)
            elif kind < 0.12:
                self.branch(self.below(4))
            elif kind < 0.15:
                self.wait()
            elif kind < 0.18:
                self.calls.append((len(self.words), self.below(2)))
                self.words += [0, 0]
            elif kind < 0.21:
                self.result()
            else:
                self.straight()

    def result(self) -> None:
        """Read a product or quotient about when it comes."""
        start, cycles, registers = self.one_of(((self.multiply, 6, (3, 7)), (self.divide, 35, (4, 5))))
        self.words += [start()] + [0] * (cycles - 3 + self.below(4))
        self.words.append(word(header=REGISTER, format=1, d0=self.one(registers), rd=self.one(DATA[:12])))

    def loop(self, turns: int) -> None:
        register = 32 + LOOPS[self.depth]
        self.depth += 1
        self.words.append(set_register(register, turns))
        start = len(self.words)
        self.block(self.below(6) + 1)
        minus_one = {"format": 2, "d0": register, "short": 1, "rd": register}
        if self.chance(0.5):
            self.words.append(word(header=REGISTER, update=1, alu=2, **minus_one))
            self.jump(start, condition=3)
        else:
            self.words.append(word(header=CONFIG, format=2, d0=register, short=1, update=1, alu=1))
            self.jump(start, condition=3, write=1, **{"alu": 0b1001} | minus_one)
        self.depth -= 1

    def jump(self, target: int, **fields: int) -> None:
        """Straight to an address, or through s15."""
        if self.chance(0.5):
            self.words.append(set_register(15, target | self.below(4) << 16))
            self.words.append(word(**{"header": JUMP, "format": 1} | fields))
        else:
            self.words.append(word(**{"header": JUMP, "format": 1, "address_immediate": 1, "address": target} | fields))

    def branch(self, size: int) -> None:
        """Over some instructions if a condition holds."""
        place = len(self.words)
        self.words.append(0)
        for _ in range(size):
            self.straight()
        condition = self.below(7) + 1
        target = {"address_immediate": 1, "address": len(self.words)}
        self.words[place] = word(header=JUMP, format=1, condition=condition, update=self.below(2), **target)

    def wait(self) -> None:
        """Until a time: two instructions, or one that jumps to itself; counting its turns now and then."""
        test = {"format": 2, "d0": 11, "short": self.below(1500), "update": 1, "alu": 1}
        counting = {"write": 1, "format": 2, "d0": DATA[11], "short": 1, "rd": DATA[11], "alu": 8}
        place = len(self.words)
        if self.chance(0.3):
            jump = {"header": JUMP, "address_immediate": 1, "address": place, "condition": 2}
            self.words.append(word(**jump | test))
        else:
            self.words.append(word(header=CONFIG, **test))
            more = counting if self.chance(0.3) else {"format": 1}
            self.words.append(word(header=JUMP, address_immediate=1, address=place, condition=2, **more))

    def subroutines(self, deepest: int) -> None:
        """The bodies of what is called; each calls only later ones."""
        starts = []
        open_calls, self.calls = self.calls, []
        for level in range(deepest):
            starts.append(len(self.words))
            for _ in range(self.below(4)):
                self.straight()
            if level + 1 < deepest:
                self.words += [0, 0]
                open_calls.append((len(self.words) - 2, -level - 1))
            self.words.append(word(header=JUMP, so=1, to=1, format=1))
        for place, level in open_calls:
            target = starts[-level] if level < 0 else starts[min(level, deepest - 1)]
            self.words[place] = set_register(15, target)
            if place % 2:
                self.words[place + 1] = word(header=JUMP, so=1, format=1)
            else:
                self.words[place + 1] = word(header=JUMP, so=1, format=1, address_immediate=1, address=target)


def random_program(seed: int) -> RandomProgram:
    """The program of a seed."""
    rng = np.random.default_rng([20261124, seed])
    drawing = Drawing(rng, far=bool(rng.random() < 0.3))
    drawing.words.append(0)
    drawing.words.append(set_register(1, drawing.below(1 << 32)))
    drawing.block(int(rng.integers(10, 60)))
    end = len(drawing.words)
    drawing.words.append(word(header=JUMP, format=1, address_immediate=1, address=end))
    drawing.subroutines(1 + drawing.below(7))
    f_core, f_time = ((200.0, 430.08), (300.0, 614.4))[drawing.below(2)]
    tproc = {"f_time": f_time, "f_core": f_core, "wmem_size": 32, "dmem_size": 64, "dreg_qty": 16}
    tproc["fifo_depth"] = 512 if drawing.far else 4
    count = drawing.below(8)
    limits = (6000, 8, 1 << 32, 1 << 32)
    inputs = [tuple(drawing.below(limit) for limit in limits) for _ in range(count)]
    host = Host(
        words=(drawing.below(1 << 32), drawing.below(1 << 32)),
        flag=drawing.chance(0.5),
        pin=drawing.chance(0.5),
        random=RandomStep(drawing.below(4)),
    )
    image = {
        "pmem": [row(instruction) for instruction in drawing.words],
        "wmem": rng.integers(0, 1 << 32, (16, 8)).tolist(),
        "dmem": rng.integers(0, 1 << 32, 40).tolist(),
    }
    return RandomProgram(image=image, tproc=tproc, settings={"inputs": inputs, "host": host, "enable_tick": 7})


def undefined_word(seed: int) -> int:
    """Bits drawn until they have no meaning, or one outside the processor."""
    rng = np.random.default_rng([20261125, seed])
    while True:
        instruction = int(rng.integers(1 << 36)) << 36 | int(rng.integers(1 << 36))
        if code(instruction) is None:
            return instruction
