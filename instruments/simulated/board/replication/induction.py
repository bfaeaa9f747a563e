"""Induction: what each repetition of a program has in common with the one before it.

Every value of a watched repetition is followed together with the step by which it changes from one repetition to the
next. What a repetition finds is assumed to change as it has changed in the watched one; if it then leaves behind just
what the next one is assumed to find, and hands constant words to the ports, all repetitions are alike, as long as every
branch goes the same way. Whatever may depend on the time, on inputs or on random numbers has no known step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final

from ..processor.core import TIME_MASK
from ..processor.decode import (
    ARITH,
    BRANCH,
    CONFIG,
    COUNTER,
    DATA_PORT,
    DATA_REGISTERS,
    DATA_WRITE,
    DIVIDE,
    FLAG,
    JUMP_ADDRESS,
    OUT_TIME,
    PORT_READ,
    REGISTER_WRITE,
    TIME,
    TRIGGER,
    USER_TIME,
    WAVE_LOAD,
    WAVE_PORT,
    WAVE_REGISTERS,
    WAVE_STORE,
)
from ..processor.waits import is_wait
from ..reference.arithmetic import ALU, WORD
from .comparison import Comparison
from .trail import Trail

_REFUSED: Final = {
    PORT_READ: "it reads an input port",
    ARITH: "it waits for a product",
    DIVIDE: "it waits for a quotient",
    FLAG: "it changes the flag",
}
_WRITABLE: Final = {COUNTER, COUNTER + 1, OUT_TIME, JUMP_ADDRESS}
_MASKS: Final = (WORD, WORD, 0xFFFFFF, WORD, WORD, 0xFFFF)


class Unproven(Exception):  # noqa: N818
    """Repetitions may differ."""


@dataclass(frozen=True, kw_only=True)
class Value:
    """word: In the repetition watched. step: To the next one, modulo 2^32; None: it may be anything there."""

    word: int
    step: int | None = 0


@dataclass(frozen=True, kw_only=True)
class Wait:
    """first, last: Places in the trail of its first test and of the jump that leaves it.

    until: s11 at which it ends. reference: Time reference (ticks). own: The jump tests by itself.
    """

    first: int
    last: int
    until: int
    reference: int
    own: bool


class Induction:
    """The proof for one trail; Unproven if there is none.

    codes: The program's instructions, table: the same as the interpreter has them. comparisons: What ends the
    repetitions. waits: In the order of the trail.
    """

    def __init__(self, codes: Sequence[SimpleNamespace], table: Any, trail: Trail) -> None:
        self.codes, self.table, self.trail = codes, table, trail
        self.comparisons: list[Comparison] = []
        self.waits: list[Wait] = []
        self.registers = _values(trail.start.registers, trail.end.registers)
        self.words: dict[int, Value] = {}
        self.rows: dict[int, list[Value]] = {}
        self._found: dict[int, int] = {}
        self._written: set[int] = set()
        self._found_words: dict[int, Value] = {}
        self._flags = Value(word=0, step=None)
        self._calls = list(trail.start.calls)
        self._reference = trail.start.core["reference"]
        self._follow()
        self._close()

    @property
    def moving(self) -> dict[int, int]:
        """Registers that a repetition finds changed, and by how much."""
        return {register: step for register, step in self._found.items() if step}

    @property
    def moving_words(self) -> dict[int, int]:
        """The same of the data memory."""
        return {address: value.step for address, value in self._found_words.items() if value.step}

    def _follow(self) -> None:
        """Go the trail's way."""
        addresses = self.trail.addresses
        place, end = 0, len(addresses)
        while place < end:
            address = addresses[place]
            last = self._wait(place)
            following = addresses[last] + 1 if last else self._execute(self.codes[address], address)
            place = max(place, last) + 1
            if place < end and addresses[place] != following:
                raise Unproven(f"instruction {address}: it does not lead to {addresses[place]}")

    def _close(self) -> None:
        """What is left behind must be what was assumed to be found."""
        for register, step in self._found.items():
            left = self.registers[register]
            if left.step != step or left.word != int(self.trail.end.registers[register]):
                raise Unproven(f"register {register} does not change by the same step")
        for address, found in self._found_words.items():
            left = self.words[address]
            if left.step != found.step or left.word != int(self.trail.end.dmem[address]):
                raise Unproven(f"data word {address} does not change by the same step")
        start, end = self.trail.start, self.trail.end
        for row, left_row in self.rows.items():
            if any(value.step != 0 for value in left_row) or (start.wmem[row] != end.wmem[row]).any():
                raise Unproven(f"wave {row} changes")
        if tuple(self._calls) != end.calls or start.calls != end.calls:
            raise Unproven("a repetition ends in another subroutine than it began")

    def _execute(self, code: Any, address: int) -> int:
        """One instruction; the address of the next."""
        if code.kind in _REFUSED or code.special & ~(1 << USER_TIME) or JUMP_ADDRESS in (code.d0, code.d1):
            raise Unproven(f"instruction {address}: {_REFUSED.get(code.kind, 'it looks at what changes by itself')}")
        if 0 <= code.destination < DATA_REGISTERS and code.destination not in _WRITABLE:
            # Even a write whose condition does not hold makes others wait for s1 and s2.
            raise Unproven(f"instruction {address}: it writes s{code.destination}")
        returns = code.kind == BRANCH and code.operation == 2
        if not self._holds(code.condition):
            return self._calls.pop() if returns else address + 1
        result = self._result(code)
        value = Value(word=code.immediate) if code.source == 3 else result
        if code.kind == REGISTER_WRITE and code.source == 1:
            value = self._load(self._data_address(code))
        elif code.kind == DATA_WRITE:
            self.words[self._data_address(code)] = Value(word=code.immediate) if code.literal else result
        elif code.kind in (TRIGGER, DATA_PORT):
            self._address(code)
            self._time(code)
        elif code.kind in (WAVE_PORT, WAVE_LOAD, WAVE_STORE):
            self._wave(code)
        elif code.kind == TIME:
            self._move_time(code)
        if code.destination >= 0:
            self._write(code, value)
        following = self._branch(code, address) if code.kind == BRANCH else address + 1
        if code.flags:
            self._flags = result
        return following

    def _read(self, register: int) -> Value:
        if register == USER_TIME:
            return Value(word=0, step=None)
        value = self.registers[register]
        if register not in self._written:
            self._found[register] = value.step or 0
        return value

    def _fixed(self, register: int) -> int:
        """The word of a register that must be the same in all repetitions."""
        return _constant(self._read(register), f"register {register}")

    def _result(self, code: Any) -> Value:
        """Sums and differences of what moves in steps do so too."""
        a = self._read(code.d0)
        b = Value(word=code.immediate) if code.operand else self._read(code.d1)
        if a.step is None or b.step is None:
            return Value(word=0, step=None)
        word = ALU[code.alu](a.word, b.word) & WORD
        if not (a.step or b.step):
            return Value(word=word)
        steps = {0: a.step + b.step, 2: a.step - b.step}
        return Value(word=word, step=steps[code.alu] & WORD if code.alu in steps else None)

    def _holds(self, condition: int) -> bool:
        """The condition is true; what may change that is kept in `comparisons`."""
        if condition in (0, 7):
            return condition == 0
        word, step = self._flags.word, self._flags.step
        if step is None:
            raise Unproven("a condition depends on what may be anything")
        sign = condition in (2, 4)
        if step:
            self.comparisons.append(Comparison(value=word, step=step, sign=sign))
        return bool(word >> 31 if sign else word == 0) == (condition < 3)

    def _write(self, code: Any, value: Value) -> None:
        register = code.destination
        if register == COUNTER and (value.step is None or value.step != self._read(COUNTER).step):
            raise Unproven("the host's counter does not change by the same step")
        if register == JUMP_ADDRESS and (value.step != 0 or value.word > 0xFFFF):
            raise Unproven("it jumps to where it never jumped")
        if register == COUNTER and code.kind == BRANCH:
            raise Unproven("a branch steps the host's counter")
        self.registers[register] = value
        self._written.add(register)

    def _address(self, code: Any) -> int:
        return int(code.address) if code.a0 < 0 else self._fixed(code.a0)

    def _data_address(self, code: Any) -> int:
        return (self._address(code) + self._fixed(code.a1)) % len(self.trail.start.dmem)

    def _load(self, address: int) -> Value:
        if address not in self.words:
            start, end = int(self.trail.start.dmem[address]), int(self.trail.end.dmem[address])
            self.words[address] = self._found_words[address] = Value(word=start, step=(end - start) & WORD)
        return self.words[address]

    def _wave(self, code: Any) -> None:
        """Waves that are pushed are constant; others may be anything until then."""
        row = self._address(code) % len(self.trail.start.wmem)
        if code.store_wave:
            self.rows[row] = self._own_wave()
        if code.wave_register or code.kind == WAVE_STORE:
            moved = self._own_wave()
        else:
            moved = self.rows.setdefault(row, [Value(word=int(word)) for word in self.trail.start.wmem[row]])
        if code.kind == WAVE_LOAD and code.destination < WAVE_REGISTERS:
            for n, value in enumerate(moved):
                self.registers[WAVE_REGISTERS + n] = value
                self._written.add(WAVE_REGISTERS + n)
        if code.port >= 0:
            for value in moved:
                _constant(value, f"a wave for port {code.port}")
            self._time(code)

    def _own_wave(self) -> list[Value]:
        own = [self._read(WAVE_REGISTERS + n) for n in range(6)]
        return [
            Value(word=value.word & mask, step=0 if value.step == 0 else None)
            for value, mask in zip(own, _MASKS, strict=True)
        ]

    def _time(self, code: Any) -> None:
        """Of a push: it moves with the time reference alone."""
        if not code.port_time:
            self._fixed(OUT_TIME)

    def _move_time(self, code: Any) -> None:
        if code.operation != 8:
            raise Unproven("it sets the time reference")
        self._reference = (self._reference + (code.immediate if code.literal else self._fixed(code.d1))) & TIME_MASK

    def _branch(self, code: Any, address: int) -> int:
        if code.operation == 2:
            return self._calls.pop()
        if code.operation == 1:
            self._calls.append(address + 1)
        return self._target(code)

    def _target(self, code: Any) -> int:
        return self._fixed(JUMP_ADDRESS) & 0xFFFF if code.a0 >= 0 else int(code.address)

    def _wait(self, place: int) -> int:
        """The place at which a WAIT that begins here is left; 0: here begins none."""
        addresses = self.trail.addresses
        address = addresses[place]
        test = self.codes[address]
        if test.kind != CONFIG or test.d0 != USER_TIME or not test.flags or place + 1 == len(addresses):
            return 0
        code = self.codes[addresses[place + 1]]
        if addresses[place + 1] != address + 1 or code.kind != BRANCH or code.operation:
            return 0
        target = self._target(code)
        if not address <= target <= address + 1:
            return 0
        own = target == address + 1
        same = (code.operand, code.immediate, code.d1) == (test.operand, test.immediate, test.d1)
        looks = (test.special | code.special) & ~(1 << USER_TIME)
        alone = test.alu == 2 and not test.condition and test.destination < 0
        if looks or (own and not (same and alone)) or not is_wait(self.table, address + 1, target):
            return 0
        until = test.immediate if test.operand else self._fixed(test.d1)
        last = place + 1
        while last + 1 < len(addresses) and address <= addresses[last + 1] <= address + 1:
            last += 1
        self.waits.append(Wait(first=place, last=last, until=until, reference=self._reference, own=own))
        self._flags = Value(word=0, step=None)
        return last


def _values(start: Any, end: Any) -> list[Value]:
    return [
        Value(word=first, step=(last - first) & WORD) for first, last in zip(start.tolist(), end.tolist(), strict=True)
    ]


def _constant(value: Value, what: str) -> int:
    if value.step != 0:
        raise Unproven(f"{what} changes")
    return value.word
