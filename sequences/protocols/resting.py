"""Resting: what becomes of a qubit that is left alone, from g and from e?"""

from ..link import Node
from ..sequence import Sequence
from ..sweep import Number
from .readout import LETTERS, measure
from .rotations import preparations


def resting(node: Node, wait: Number) -> Sequence:
    """Turn `node` or not, leave it alone for `wait` (s), read it; dimension `prepared` with the labels g and e."""
    options = {letter: preparations(node, (label,))[label] for letter, label in LETTERS.items()}
    return Sequence().choose("prepared", options).delay(node.drive, wait).then(measure(node))
