"""Reference arithmetic: what the tProcessor v2 computes, in plain Python; `processor/arithmetic.py` does it fast."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

WORD: Final = 0xFFFFFFFF
"""All bits of a word."""


def number(word: int, bits: int = 32) -> int:
    """A word as a number with sign."""
    word &= (1 << bits) - 1
    return word - (1 << bits) if word >> (bits - 1) else word


ALU: Final[dict[int, Callable[[int, int], int]]] = {
    0: lambda a, b: a + b,
    1: lambda a, b: ~a,
    2: lambda a, b: a - b,
    3: lambda a, b: a | b,
    4: lambda a, b: a & b,
    5: lambda a, b: a ^ b,
    6: lambda a, b: number(a) >> (b & 15),
    7: lambda a, b: (a & 0xFFFF) << 16 | b & 0xFFFF,
    8: lambda a, b: abs(number(b)),
    9: lambda a, b: 0,
    10: lambda a, b: a >> 16,
    11: lambda a, b: a.bit_count() & 1,
    12: lambda a, b: a & 0xFFFF,
    13: lambda a, b: a << (b & 15),
    14: lambda a, b: a << 16 | a >> 16,
    15: lambda a, b: a >> (b & 15),
}
"""Operations on two words; the assembler calls them + NOT - OR AND XOR ASR CAT ABS (none) MSH PAR LSH SL SWP SR."""


def multiplied(operation: int, a: int, b: int, c: int, d: int) -> int:
    """(A, D + A or D - A) B, plus nothing, C or -C: 27, 18, 32 and 27 bits in, 46 out."""
    a, b, c, d = number(a, 27), number(b, 18), number(c), number(d, 27)
    return number((a, d + a, d - a)[operation // 3] * b + (0, c, -c)[operation % 3], 46)


def divided(dividend: int, divisor: int) -> tuple[int, int]:
    """Quotient and remainder; a quotient has 31 bits, and what it cannot hold stays in the remainder."""
    quotient = min(dividend // divisor, 0x7FFFFFFF) if divisor else 0x7FFFFFFF
    return quotient, (dividend - quotient * divisor) & WORD


def randoms(value: int, steps: int) -> int:
    """`steps` random numbers on: a shift register fed with the XNOR of its bits 31, 21, 1 and 0."""
    for _ in range(steps):
        fed = 1 ^ (value >> 31 ^ value >> 21 ^ value >> 1 ^ value) & 1
        value = (value << 1 | fed) & WORD
    return value


@dataclass
class Unit:
    """The multiplier or the divider: first cycle at which it is free, and at which its "new" bit was last cleared."""

    free: int = -100
    cleared: int = 0

    def new(self, cycle: int) -> bool:
        """It has a result that the program has not cleared."""
        return cycle > self.free >= 0 and self.cleared <= self.free + 1
