"""Exact clocks: every frequency of a board is a fraction of its processor's time clock."""

from fractions import Fraction
from typing import Final

from .....sequences.errors import BoardError

_DIVIDER: Final = 4096
"""Largest product of dividers that a clock tree of these boards has."""


def per_tick(frequency: float, f_time: float) -> Fraction:
    """Periods of a hardware clock in one tick of the processor, exactly; both in the same unit."""
    ratio = Fraction(frequency / f_time).limit_denominator(_DIVIDER)
    if abs(float(ratio) * f_time - frequency) > 1e-9 * frequency:
        raise BoardError(
            f"a clock of {frequency:.9g} MHz is no small fraction of the processor's {f_time:.9g} MHz "
            f"(denominators to {_DIVIDER}); correct f_fabric, f_dds, fs or f_output in the soccfg"
        )
    return ratio


def edge(tick: int, ratio: Fraction) -> int:
    """Number of the first clock edge at or after `tick`; ratio: From `per_tick`."""
    return -(-tick * ratio.numerator // ratio.denominator)


def signed(word: int, bits: int) -> int:
    """Two's complement value of the low `bits` of a word."""
    word &= (1 << bits) - 1
    return word - (1 << bits) if word >> (bits - 1) else word
