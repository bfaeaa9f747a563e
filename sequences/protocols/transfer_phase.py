"""Transfer phase: how far B's frame must turn to follow A's after a transfer and after a half transfer."""

from collections.abc import Sequence as Values

from ..link import AnyLink
from ..sequence import Sequence
from ..sweep import Sweep
from .readout import measure
from .rotations import bases, preparations
from .transfer import half_transfer, transfer


def transfer_phase(link: AnyLink, phases: Values[float]) -> Sequence:
    """Carry + from A to B and read B along X of a frame turned by each of `phases` (rad) more; dimension `phase`."""
    a, b = link.node_a, link.node_b
    return (
        preparations(a, ("+",))["+"]
        .then(transfer(link))
        .shift_phase(b.drive, Sweep("phase", tuple(phases), "rad"))
        .then(bases(b, ("+X",))["+X"])
        .then(measure(b))
    )


def bell_phase(link: AnyLink, phases: Values[float]) -> Sequence:
    """Share A's excitation and read both along X, B in a frame turned by each of `phases` (rad) more."""
    a, b = link.node_a, link.node_b
    return (
        preparations(a, ("1",))["1"]
        .then(half_transfer(link))
        .shift_phase(b.drive, Sweep("phase", tuple(phases), "rad"))
        .then(bases(a, ("+X",))["+X"])
        .then(bases(b, ("+X",))["+X"])
        .then(measure(a, b))
    )
