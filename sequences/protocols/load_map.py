"""Load map: how much heat leaves the line while the load's pulse stands at a fraction of its closing amplitude."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..envelope import Notched
from ..link import CoupledNode, Link, Transfer
from ..pulse import Pulse
from ..sequence import Sequence
from ..sweep import resolved
from .contact import exchange
from .readout import measure


@dataclass(frozen=True, kw_only=True)
class Opening:
    """fraction: Of the closing amplitude, where the load's pulse stands meanwhile; 0 is open. duration: (s), without
    the two ramps.
    """

    fraction: float
    duration: float


def load_map(
    link: Link, node: CoupledNode, warming: float, openings: Mapping[str, Opening], contact: Transfer
) -> Sequence:
    """Close the load and let the line warm up for `warming` (s), open it a little, close it, and let `node` in its
    ground state meet the line for `contact`; dimension `opening`.
    """
    options = {name: _opened(link, node, warming, opening, contact) for name, opening in openings.items()}
    return (
        Sequence()
        .align(node.drive, link.line.load, node.coupler, node.flux)
        .choose("opening", options)
        .then(measure(node))
    )


def _opened(link: Link, node: CoupledNode, warming: float, opening: Opening, contact: Transfer) -> Sequence:
    line = link.line
    before = 3 * line.ramp + warming + opening.duration + line.gap
    pulse = line.close_load(before + resolved(contact.coupler.duration) + line.ramp)
    return (
        Sequence()
        .play(line.load, _notched(pulse, line.ramp, line.ramp + warming, opening))
        .delay(node.coupler, before)
        .delay(node.flux, before)
        .then(exchange(node, contact))
    )


def _notched(pulse: Pulse, ramp: float, begin: float, opening: Opening) -> Pulse:
    highest = max(1.0, opening.fraction)
    end = begin + 2 * ramp + opening.duration
    shape = Notched(ramp, begin, end, outside=1 / highest, inside=opening.fraction / highest)
    return replace(pulse, amplitude=resolved(pulse.amplitude) * highest, envelope=shape)
