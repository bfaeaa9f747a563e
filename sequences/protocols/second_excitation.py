"""Second excitation: drive the qubit from e to f, with g and e exchanged for the readout, which tells g from f best."""

from collections.abc import Sequence as Values
from dataclasses import replace
from math import sqrt

from ..envelope import RaisedCosine
from ..link import Node
from ..pulse import Pulse
from ..sequence import Sequence
from ..sweep import Sweep, resolved
from .readout import measure


def second_pulse(node: Node, duration: float) -> Pulse:
    """Pi pulse of `duration` (s) from e to f, where a drive is sqrt(2) times as strong as from g to e."""
    area = resolved(node.x180.amplitude) * resolved(node.x180.duration)
    return Pulse(
        duration=duration,
        amplitude=area / (sqrt(2) * duration),
        envelope=RaisedCosine(),
        frequency=node.frequency + node.anharmonicity,
    )


def second_spectroscopy(node: Node, duration: float, frequencies: Values[float]) -> Sequence:
    """From e, a pi pulse of `duration` (s) towards f at each of `frequencies` (Hz); dimension `frequency`."""
    pulse = replace(second_pulse(node, duration), frequency=Sweep("frequency", tuple(frequencies), "Hz"))
    return Sequence().play(node.drive, node.x180).then(_read_g_and_f(node, pulse))


def second_rabi(node: Node, duration: float, turns: Values[float], rests: int) -> Sequence:
    """What is in e, after a pi pulse or at rest, turned towards f.

    Dimension `prepared`: e, then g1, g2, ... as often as `rests` says, for there is little to be seen of the e at rest.
    duration: Of the turning pulse (s). turns: Its area over that of a pi pulse; dimension `amplitude`.
    """
    pulse = second_pulse(node, duration)
    amplitudes = tuple(turn * resolved(pulse.amplitude) for turn in turns)
    rest = Sequence().delay(node.drive, node.x180.duration)
    prepared = {"e": Sequence().play(node.drive, node.x180)} | {f"g{number + 1}": rest for number in range(rests)}
    turning = replace(pulse, amplitude=Sweep("amplitude", amplitudes))
    return Sequence().choose("prepared", prepared).then(_read_g_and_f(node, turning))


def _read_g_and_f(node: Node, pulse: Pulse) -> Sequence:
    return Sequence().play(node.drive, pulse).play(node.drive, node.x180).then(measure(node))
