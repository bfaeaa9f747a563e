"""Readout: measure nodes, and calibrate the measurement with known states."""

from itertools import product

from ..link import Node
from ..sequence import Sequence
from .rotations import preparations

LETTERS = {"g": "0", "e": "1"}


def measure(*nodes: Node) -> Sequence:
    """Read `nodes` together, once all else is done."""
    lines = [channel for node in nodes for channel in (*node.lines, node.readout)]
    sequence = Sequence().align(*lines)
    for node in nodes:
        sequence = sequence.acquire(node.readout, node.tone)
    return sequence


def readout_calibration(*nodes: Node) -> Sequence:
    """Read every combination of g and e; dimension `prepared`, labels such as `ge` in the order of `nodes`."""
    options = {}
    for letters in product("ge", repeat=len(nodes)):
        option = Sequence()
        for node, letter in zip(nodes, letters, strict=True):
            option = option.then(preparations(node, (LETTERS[letter],))[LETTERS[letter]])
        options["".join(letters)] = option
    return Sequence().choose("prepared", options).then(measure(*nodes))
