"""Radiometry: how hot is the line? A qubit in its ground state meets it for a while."""

from collections.abc import Sequence as Values
from dataclasses import replace

from ..link import Link
from ..sequence import Sequence
from ..sweep import Sweep
from .contact import closing
from .readout import measure


def radiometry(link: Link, contacts: Values[float]) -> Sequence:
    """Let node A rest, close the load, and couple A to the line for each of `contacts` (s); dimension `contact`.

    The load stays closed for the longest contact, so that every point sees the same line.
    """
    a = link.node_a
    contact = Sweep("contact", tuple(contacts), "s")
    return (
        closing(link, a, max(contacts))
        .play(a.coupler, replace(a.swap.coupler, duration=contact))
        .play(a.flux, replace(a.swap.compensation, duration=contact))
        .then(measure(a))
    )
