"""Pitch and catch: a state leaves A as a shaped photon, and B takes it up by the same tone reversed in time."""

from dataclasses import replace

from ..link import PhotonLink
from ..pulse import Pulse
from ..sequence import Sequence
from ..sweep import resolved
from .second_excitation import second_pulse


def pitch_catch(link: PhotonLink) -> Sequence:
    """Turn A's e into f, let f out as a photon, catch it in B's f, and turn that into e; A is left in g.

    B's frame follows the phase of the transfer.
    """
    whole = second_pulse(link.node_a, link.node_a.second_duration)
    return _carried(link, whole).shift_phase(link.node_b.drive, link.line.transfer_phase)


def half_photon(link: PhotonLink) -> Sequence:
    """Share A's excitation between A and B: half of it stays behind in A's e, half leaves."""
    whole = second_pulse(link.node_a, link.node_a.second_duration)
    half = replace(whole, amplitude=resolved(whole.amplitude) / 2)
    return _carried(link, half).shift_phase(link.node_b.drive, link.line.bell_phase)


def _carried(link: PhotonLink, loading: Pulse) -> Sequence:
    a, b, line = link.node_a, link.node_b, link.line
    return (
        Sequence()
        .align(a.drive, b.drive)
        .play(a.drive, loading)
        .align(a.drive, a.photon, b.photon)
        .play(a.photon, a.send)
        .delay(b.photon, line.delay)
        .play(b.photon, b.catch)
        .delay(b.photon, line.wait)
        .align(a.drive, a.photon, b.drive, b.photon)
        .play(b.drive, second_pulse(b, b.second_duration))
        .align(a.drive, b.drive)
    )
