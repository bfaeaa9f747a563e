"""Arithmetic of the tProcessor v2: the ALU, the multiplier (DSP), the divider and the random numbers, on 32-bit words.

Facts from the upstream HDL (AB_alu, arith, div_r and LFSR in _qproc_ips.sv). The multiplier's widths are those of its
DSP macro: A and D 27 bits, B 18, C 32, result 46; nothing there is recorded for a sum A + D beyond 27 bits.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...compiled import compiled

MASK: Final = 0xFFFFFFFF


@compiled
def signed(value: int, bits: int) -> int:
    """The lowest `bits` of a word as a number with sign."""
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


@compiled
def parity(value: int) -> int:
    """1 if an odd number of bits is set."""
    for shift in (16, 8, 4, 2, 1):
        value ^= value >> shift
    return value & 1


@compiled
def calculate(operation: int, a: int, b: int) -> int:
    """The ALU's 16 operations."""
    shift = b & 15
    if operation == 0:
        out = a + b
    elif operation == 2:
        out = a - b
    elif operation == 4:
        out = a & b
    elif operation == 6:
        out = signed(a, 32) >> shift
    elif operation == 8:
        out = abs(signed(b, 32))
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
        return parity(a)
    if operation == 13:
        return a << shift
    return a >> shift


@compiled
def multiply(operation: int, a: int, b: int, c: int, d: int) -> int:
    """(a, d + a or d - a) times b, plus 0, c or -c; a number of 46 bits."""
    a, b, c, d = signed(a, 27), signed(b, 18), signed(c, 32), signed(d, 27)
    factor = a if operation < 3 else d + a if operation < 6 else d - a
    addend = operation % 3
    return signed(factor * b + (c if addend == 1 else -c if addend == 2 else 0), 46)


@compiled
def divide(dividend: int, divisor: int) -> tuple[int, int]:
    """Quotient and remainder. Bit 31 of a quotient is never set: it saturates, and the remainder with it."""
    quotient = 0x7FFFFFFF if divisor == 0 else min(dividend // divisor, 0x7FFFFFFF)
    return quotient, (dividend - quotient * divisor) & MASK


@compiled
def step(number: int) -> int:
    """The next random number: a shift register fed with the XNOR of its bits 31, 21, 1 and 0."""
    return (number << 1 & MASK) | (1 - parity(number & 0x80200003))


def _leaps() -> NDArray[np.int64]:
    """Row n: the matrix of 2**n steps, of which row k is the mask whose parity is the new bit k."""
    rows = [0x80200003, *(1 << bit for bit in range(31))]
    table = []
    for _ in range(48):
        table.append(rows)
        columns = [sum((row >> bit & 1) << k for k, row in enumerate(rows)) for bit in range(32)]
        squared = [[(row & column).bit_count() & 1 for column in columns] for row in rows]
        rows = [sum(bit << k for k, bit in enumerate(bits)) for bits in squared]
    return np.array(table)


_LEAPS: Final = _leaps()


@compiled
def leap(number: int, steps: int) -> int:
    """`steps` numbers on, for fewer than 2**48: the complement of the register is linear, so the matrices do it."""
    state = number ^ MASK
    power = 0
    while steps:
        if steps & 1:
            moved = 0
            for bit in range(32):
                moved |= parity(_LEAPS[power, bit] & state) << bit
            state = moved
        steps >>= 1
        power += 1
    return state ^ MASK
