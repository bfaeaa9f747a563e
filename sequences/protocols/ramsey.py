"""Ramsey: how fast does the qubit turn against the drive, and how long does it keep its phase?"""

from collections.abc import Sequence as Values
from dataclasses import replace

from ..link import Node
from ..sequence import Sequence
from ..sweep import Sweep, resolved
from .readout import measure


def ramsey(node: Node, waits: Values[float], detuning: float) -> Sequence:
    """Two half turns with each of `waits` (s, on the clock) between them; dimension `wait`.

    detuning: Of the drive above the qubit's frequency as known (Hz). The carrier goes on during the wait, so that the
    fringes have the frequency by which it differs from the qubit's.
    """
    half = replace(node.x90, frequency=resolved(node.x90.frequency) + detuning)
    wait = Sweep("wait", tuple(waits), "s")
    return Sequence().play(node.drive, half).delay(node.drive, wait).play(node.drive, half).then(measure(node))
