"""Rising: the first tick at which one output bit of the processor goes up."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .processor.event import DATA, LATENCY, TRIG


class Rising:
    """Watches an output of the processor.

    kind: "dport" for a data port, else a trigger port, as the soccfg says. bit: Of a data port. tick: That the program
    asked for, None until the bit has gone up.
    """

    def __init__(self, kind: str, port: int, bit: int) -> None:
        self.kind, self.port = (DATA if kind == "dport" else TRIG), port
        self.bit = bit if self.kind == DATA else 0
        self.tick: int | None = None

    def see(self, events: NDArray[Any]) -> None:
        """Look for it in the next block of a run."""
        if self.tick is not None:
            return
        up = (events["value"] & ~events["before"]) >> self.bit & 1 == 1
        found = np.flatnonzero((events["kind"] == self.kind) & (events["port"] == self.port) & up)
        if found.size:
            self.tick = int(events["tick"][found[0]]) - LATENCY


def trigger(config: Mapping[str, Any]) -> Rising:
    """Of a buffer. config: Its entry in the soccfg."""
    return Rising(config["trigger_type"], int(config["trigger_port"]), int(config["trigger_bit"]))


def pin(tproc: Mapping[str, Any], number: int) -> Rising:
    """Of an output pin. tproc: soccfg["tprocs"][0]. number: As in the vendor's `trigger(pins=[number])`."""
    kind, port, bit, _ = tproc["output_pins"][number]
    return Rising(kind, int(port), int(bit))
