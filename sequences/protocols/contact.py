"""Contact: a node meets the cooled line once or several times while the load is closed."""

from collections.abc import Mapping

from ..link import CoupledNode, Link, Transfer
from ..sequence import Sequence
from ..sweep import resolved
from .readout import measure
from .rotations import preparations


def closing(link: Link, node: CoupledNode, closed: float) -> Sequence:
    """Close the load for `closed` (s) and bring `node` to where its first swap may begin."""
    line = link.line
    return (
        Sequence()
        .align(node.drive, line.load, node.coupler, node.flux)
        .play(line.load, line.close_load(2 * line.ramp + line.gap + closed))
        .delay(node.coupler, line.ramp + line.gap)
        .delay(node.flux, line.ramp + line.gap)
    )


def vacuum_rabi(link: Link, node: CoupledNode, contacts: Mapping[str, Transfer], prepared: str) -> Sequence:
    """Prepare `node` in the state `prepared`, close the load, play one of `contacts`, read; dimension `contact`.

    The load stays closed for the longest of them, so that every point sees the same line.
    """
    longest = max(resolved(contact.coupler.duration) for contact in contacts.values())
    options = {name: exchange(node, contact) for name, contact in contacts.items()}
    return (
        preparations(node, (prepared,))[prepared]
        .then(closing(link, node, longest))
        .choose("contact", options)
        .then(measure(node))
    )


def exchange(node: CoupledNode, transfer: Transfer) -> Sequence:
    """Play both pulses of `transfer` together."""
    return Sequence().play(node.coupler, transfer.coupler).play(node.flux, transfer.compensation)
