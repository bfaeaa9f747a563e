"""Radiometry: how hot is the line? A qubit in its ground state meets it for a while."""

from collections.abc import Sequence as Values
from dataclasses import replace

from ..link import Link
from ..sequence import Sequence
from ..sweep import Sweep
from .readout import measure


def radiometry(link: Link, contacts: Values[float]) -> Sequence:
    """Let node A rest, close the load, and couple A to the line for each of `contacts` (s); dimension `contact`.

    The load stays closed for the longest contact, so that every point sees the same line.
    """
    a, line = link.node_a, link.line
    contact = Sweep("contact", tuple(contacts), "s")
    closed = 2 * line.ramp + line.gap + max(contacts)
    return (
        Sequence()
        .align(a.drive, line.load, a.coupler, a.flux)
        .play(line.load, line.close_load(closed))
        .delay(a.coupler, line.ramp + line.gap)
        .delay(a.flux, line.ramp + line.gap)
        .play(a.coupler, replace(a.swap.coupler, duration=contact))
        .play(a.flux, replace(a.swap.compensation, duration=contact))
        .then(measure(a))
    )
