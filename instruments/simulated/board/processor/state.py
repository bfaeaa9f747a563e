"""State: all that a processor holds between two instructions, copied."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .processor import Processor


@dataclass(frozen=True, kw_only=True)
class State:
    """core: One CORE. registers: Flat. dmem (words,), wmem (words, 6). calls: Return addresses, the innermost last.

    ports: (3, 32) of PORT. queue: (3, 32, depth), the ticks at which each port's last events fire.
    """

    core: dict[str, int]
    registers: NDArray[np.int64]
    dmem: NDArray[np.int64]
    wmem: NDArray[np.int64]
    calls: tuple[int, ...]
    ports: NDArray[Any]
    queue: NDArray[np.int64]


def state(processor: Processor) -> State:
    """Of a processor now."""
    core = {name: int(processor.core[name][0]) for name in processor.core.dtype.names or ()}
    return State(
        core=core,
        registers=processor.registers.copy(),
        dmem=processor.dmem.copy(),
        wmem=processor.wmem.copy(),
        calls=tuple(processor.stack[1 : core["depth"] + 1].tolist()),
        ports=processor.ports.copy(),
        queue=processor.queue.copy(),
    )
