"""Pulse train: pi pulses to and fro, until what they lose shows."""

from collections.abc import Sequence as Values
from dataclasses import replace
from math import pi

from ..link import Node
from ..sequence import Sequence
from .readout import measure


def pulse_train(node: Node, counts: Values[int]) -> Sequence:
    """Play as many pi pulses as each of `counts` says; dimension `count`, whose labels are these numbers.

    Every second pulse turns the other way, so that a wrong angle does not add up.
    """
    pulses = (node.x180, replace(node.x180, phase=pi))
    options = {}
    for count in counts:
        option = Sequence()
        for number in range(count):
            option = option.play(node.drive, pulses[number % 2])
        options[str(count)] = option
    return Sequence().choose("count", options).then(measure(node))
