"""Photon spectroscopy: f, and a tone near f0-g1, under which it leaves as a photon where the tone is right."""

from collections.abc import Sequence as Values

from ..envelope import Square
from ..link import PhotonNode
from ..pulse import Pulse
from ..sequence import Sequence
from ..sweep import Sweep
from .readout import measure
from .second_excitation import second_pulse


def photon_spectroscopy(
    node: PhotonNode, duration: float, wait: float, amplitudes: Values[float], frequencies: Values[float]
) -> Sequence:
    """From f, a square tone of `duration` (s) with each of `amplitudes` (fractions of the range) at each of
    `frequencies` (Hz); dimensions `amplitude` and `frequency`. wait: Until the photon has left the resonator (s).
    """
    tone = Pulse(
        duration=duration,
        amplitude=Sweep("amplitude", tuple(amplitudes)),
        envelope=Square(),
        frequency=Sweep("frequency", tuple(frequencies), "Hz"),
    )
    return (
        Sequence()
        .play(node.drive, node.x180)
        .play(node.drive, second_pulse(node, node.second_duration))
        .align(node.drive, node.photon)
        .play(node.photon, tone)
        .delay(node.photon, wait)
        .then(measure(node))
    )
