"""Host: what the computer beside the processor, and a pin of the board, hold still while a program runs."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class RandomStep(IntEnum):
    """When the random numbers (s1) go on: the two bits that the vendor's driver calls `set_lfsr_cfg`.

    EVERY_CYCLE counts cycles of the core, which are exact only as long as the program waits for nothing.
    """

    NEVER = 0
    EVERY_CYCLE = 1
    READ = 2
    WRITE_ZERO = 3


@dataclass(frozen=True, kw_only=True)
class Host:
    """words: That the program finds in s6 and s7 (32 bits). flag: Of the host. pin: Level of the external flag."""

    words: tuple[int, int] = (0, 0)
    flag: bool = False
    pin: bool = False
    random: RandomStep = RandomStep.NEVER

    def settings(self, data_bits: int) -> list[int]:
        """As the interpreter takes them; data_bits: width of the data ports."""
        low, high = (word & 0xFFFFFFFF for word in self.words)
        return [low, high, int(self.flag), int(self.pin), int(self.random), (1 << data_bits) - 1]


# Places in `settings`
WORD: Final = 0
FLAG_LEVEL: Final = 2
PIN_LEVEL: Final = 3
RANDOM_STEP: Final = 4
DATA_MASK: Final = 5
