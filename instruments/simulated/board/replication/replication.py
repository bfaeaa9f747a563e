"""Replication: a run of which only those repetitions are executed that are not proven to be like another.

No proof, and so all executed, have repetitions that read an input, a product, a quotient, the flag or the time but in a
WAIT, write s0 to s2 or the time reference, keep a queue full, or whose sweep repeats too seldom (`induction`, `proof`).
"""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..processor.core import ENDED
from ..processor.decode import INSTRUCTION
from ..processor.event import COUNT
from ..processor.processor import BLOCK, Processor
from ..reference.arithmetic import WORD
from ..repetitions.alike import alike
from ..repetitions.block import COLUMNS, TIMES
from ..repetitions.stretch import Stretch
from .induction import Unproven
from .proof import Proof, prove
from .replay import replay
from .trail import Trail, Watch

FIRST: Final = 1 << 9
"""Events after which a period is first looked for."""
WATCHED: Final = 64
"""Periods executed for one that is watched: to watch an instruction takes about as long as to execute a hundred."""

_LONGEST: Final = 16
"""Times the instructions of a period: more than it ever takes, however long its WAITs turn."""


class Replication:
    """Executes a program; periods are looked for in the words of its events, then watched and proven.

    proofs: Of this run. refused: Why a period that was watched could not be proven.
    """

    def __init__(self, processor: Processor) -> None:
        self.processor = processor
        self.proofs: list[Proof] = []
        self.refused: list[str] = []
        names = INSTRUCTION.names or ()
        self._codes = [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in processor.program.tolist()]
        self._watched, self._reluctance = 0, 1

    def run(self, *, block: int = BLOCK) -> Iterator[NDArray[Any] | Stretch]:
        """To the end of the program; yields events in blocks of about `block`, and stretches, in the run's order.

        Raises as `Processor.run` does.
        """
        core, size = self.processor.core, FIRST
        while not self.processor.ended:
            core["until"], core["attended"] = -1, 0
            before = self.processor.executed
            reason, events = self.processor.advance(size)
            if events.size or reason == ENDED:
                yield events
            self.processor.check(reason)
            if reason == ENDED:
                return
            size = min(2 * size, block)
            counts = period(events)
            if counts is not None and self._worthwhile(counts, self.processor.executed - before, events):
                watch = Watch(self.processor)
                trail = watch.trail(counts)
                yield watch.events
                self.processor.check(watch.reason)
                proof = None if trail is None else self._prove(trail)
                if proof is not None:
                    yield from self._replicate(proof, block)
                    size = FIRST

    def _worthwhile(self, counts: int, executed: int, events: NDArray[Any]) -> bool:
        """Enough has been executed since the last time to watch so many counts, the more the less that has helped."""
        repetitions = int((events["kind"] == COUNT).sum())
        instructions = executed * counts // repetitions
        return self.processor.executed - self._watched >= WATCHED * self._reluctance * instructions

    def _prove(self, trail: Trail) -> Proof | None:
        self._watched = self.processor.executed
        self._reluctance *= 2
        try:
            if len(trail.addresses) * _LONGEST > self.processor.patience:
                raise Unproven("it nearly counts as a program that never ends")
            proof = prove(self._codes, self.processor.program, trail)
        except Unproven as why:
            self.refused.append(str(why))
            return None
        self.proofs.append(proof)
        return proof

    def _replicate(self, proof: Proof, block: int) -> Iterator[Stretch]:
        """As many periods as are proven, and on time."""
        events = proof.trail.events
        done, most = 0, max(1, block // events.size)
        while done < proof.times:
            pushed = np.empty((min(most, proof.times - done), events.size), np.int64)
            times, cycle = self._replay(proof, done, pushed)
            if times:
                self._move(proof, times, cycle)
                yield Stretch(
                    events=events, first=done + 1, pushed=pushed[:times], period=proof.period, counted=proof.counted
                )
            done += times
            if times < len(pushed):
                break
        if done >= WATCHED:
            self._reluctance = 1

    def _replay(self, proof: Proof, done: int, pushed: NDArray[np.int64]) -> tuple[int, int]:
        processor = self.processor
        cycle = int(processor.core["cycle"][0])
        return replay(
            proof.repetition, proof.period, done, processor.clock, cycle, processor.ports, processor.queue, pushed
        )

    def _move(self, proof: Proof, times: int, cycle: int) -> None:
        """Put the processor where the periods have ended."""
        core, registers = self.processor.core, self.processor.registers
        passed = cycle - int(core["cycle"][0])
        core["cycle"] = cycle
        core["reference"] += times * proof.period
        for name, before in proof.trail.start.core.items():
            if name.endswith("_at") and proof.trail.end.core[name] != before:
                core[name] += passed
        for register, step in proof.registers.items():
            registers[register] = registers[register] + times * step & WORD
        for address, step in proof.words.items():
            self.processor.dmem[address] = self.processor.dmem[address] + times * step & WORD


def period(events: NDArray[Any]) -> int | None:
    """Steps of the host's counter after which the words of a block's events repeat, None if they do not.

    At least the second half of the block must be like what is so many steps before.
    """
    counts = np.flatnonzero(events["kind"] == COUNT)
    if counts.size < 5:
        return None
    first, stop = counts[:-1] + 1, counts[1:]
    words = events.view(np.int64).reshape(events.size, -1)
    kinds = alike(words, COLUMNS, TIMES, first, stop, events["reference"][first])[1]
    half = kinds.size // 2
    for steps in (1 + np.flatnonzero(kinds[-2::-1] == kinds[-1])).tolist():
        if steps > half:
            break
        if np.array_equal(kinds[half:], kinds[half - steps : kinds.size - steps]):
            return int(steps)
    return None
