"""Rabi: how far does a drive pulse of each amplitude turn the qubit?"""

from collections.abc import Sequence as Values
from dataclasses import replace

from ..link import Node
from ..sequence import Sequence
from ..sweep import Sweep
from .readout import measure


def rabi(node: Node, amplitudes: Values[float], repeats: int) -> Sequence:
    """Play the pi pulse `repeats` times with each of `amplitudes` (fractions of the range); dimension `amplitude`."""
    pulse = replace(node.x180, amplitude=Sweep("amplitude", tuple(amplitudes)))
    sequence = Sequence()
    for _ in range(repeats):
        sequence = sequence.play(node.drive, pulse)
    return sequence.then(measure(node))
