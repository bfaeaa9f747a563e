"""Reference waits: who must wait for whom in the tProcessor v2, in plain Python; `processor/stalls.py` does it fast."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Waits:
    """First cycles at which an instruction may use what others have changed; the hazard unit's rules.

    decode: Any instruction. condition: One with a condition. store: One that stores r_wave. port: One of a port.
    jump: One to the address in s15. read: One that reads a register.
    """

    decode: int = 0
    condition: int = 0
    store: int = 0
    port: int = 0
    jump: int = 0
    read: dict[int, int] = field(default_factory=dict)

    def until(self, registers: Iterable[int], cycle: int) -> None:
        """None of these registers can be read before a cycle."""
        for register in registers:
            self.read[register] = max(self.read.get(register, 0), cycle)
