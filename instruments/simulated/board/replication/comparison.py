"""Comparison: the outcome of a condition on a value that changes by the same step in each repetition."""

from dataclasses import dataclass

from ..converters.clock import signed

_WORD = 1 << 32


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """value: That sets the flags in the repetition watched (a word). step: To the next one. sign: It is S, not Z."""

    value: int
    step: int
    sign: bool

    def lasting(self) -> int:
        """Repetitions after this one in which the flag stays what it is."""
        return (self._until_sign() if self.sign else self._until_zero()) - 1

    def _until_zero(self) -> int:
        """Turns until Z changes: value + n step = 0 modulo 2^32 is solved for n."""
        if not self.value:
            return 1
        power = self.step & -self.step
        if self.value % power:
            return _WORD
        turns = _WORD // power
        return -(self.value // power) * pow(self.step // power, -1, turns) % turns

    def _until_sign(self) -> int:
        """Turns until S changes. A step is shorter than the half of the circle in which the sign stays."""
        value, step = signed(self.value, 32), signed(self.step, 32)
        below = 0 if value >= 0 else -_WORD // 2
        if step < 0:
            return (value - below) // -step + 1
        return -(-(below + _WORD // 2 - value) // step)
