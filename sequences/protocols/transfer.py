"""Transfer and half transfer, by whatever joins the nodes; the handshake: cool, decouple, carry, in one hot window."""

from ..link import AnyLink, Link, PhotonLink, Transfer
from ..sequence import Sequence
from ..sweep import resolved
from .pitch_catch import half_photon, pitch_catch


def transfer(link: AnyLink) -> Sequence:
    """Move A's state to B: through a standing mode by a `handshake`, along a line by a `pitch_catch`."""
    return pitch_catch(link) if isinstance(link, PhotonLink) else handshake(link)


def half_transfer(link: AnyLink) -> Sequence:
    """Share A's excitation between A and B: with A excited before, the Bell state Psi+."""
    return half_photon(link) if isinstance(link, PhotonLink) else half_handshake(link)


def handshake(link: Link) -> Sequence:
    """Close the load of the cooled line and move A's state to B before the line is hot again.

    The load is open at idle, so the line is cold when this begins. B's frame follows the phase of the transfer.
    """
    return _through_the_line(link, link.node_a.swap).shift_phase(link.node_b.drive, link.line.transfer_phase)


def half_handshake(link: Link) -> Sequence:
    """Share A's excitation between A and B through the cooled line."""
    return _through_the_line(link, link.node_a.half_swap).shift_phase(link.node_b.drive, link.line.bell_phase)


def _through_the_line(link: Link, release: Transfer) -> Sequence:
    a, b, line = link.node_a, link.node_b, link.line
    busy = resolved(release.coupler.duration) + resolved(b.swap.coupler.duration)
    window = 2 * line.ramp + line.gap + busy + line.wait
    return (
        Sequence()
        .align(a.drive, b.drive, line.load, a.coupler, a.flux, b.coupler, b.flux)
        .play(line.load, line.close_load(window))
        .delay(a.coupler, line.ramp + line.gap)
        .delay(a.flux, line.ramp + line.gap)
        .play(a.coupler, release.coupler)
        .play(a.flux, release.compensation)
        .align(a.coupler, a.flux, b.coupler, b.flux)
        .play(b.coupler, b.swap.coupler)
        .play(b.flux, b.swap.compensation)
        .delay(b.coupler, line.wait)
        .align(a.drive, b.drive, b.coupler)
    )
