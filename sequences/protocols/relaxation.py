"""Relaxation: how much of an excitation is left after a wait?"""

from collections.abc import Sequence as Values

from ..link import Node
from ..sequence import Sequence
from ..sweep import Sweep
from .readout import measure


def relaxation(node: Node, waits: Values[float]) -> Sequence:
    """Excite `node` and read it after each of `waits` (s, on the clock); dimension `wait`."""
    wait = Sweep("wait", tuple(waits), "s")
    return Sequence().play(node.drive, node.x180).delay(node.drive, wait).then(measure(node))
