"""Spectroscopy: a long weak drive at many frequencies, then a readout."""

from collections.abc import Sequence as Values
from dataclasses import replace

from ..link import Node
from ..pulse import Pulse
from ..sequence import Sequence
from ..sweep import Sweep, resolved
from .readout import measure


def spectroscopy(node: Node, pulse: Pulse, frequencies: Values[float]) -> Sequence:
    """Drive `node` by `pulse` with each of the carriers `frequencies` (Hz); dimension `frequency`."""
    carrier = Sweep("frequency", tuple(frequencies), "Hz")
    return Sequence().play(node.drive, replace(pulse, frequency=carrier)).then(measure(node))


def spectroscopy_around(node: Node, pulse: Pulse, centre: float, detunings: Values[float]) -> Sequence:
    """The same at `detunings` from `centre` (Hz); dimension `detuning`, labels in MHz, the same for every centre."""
    return Sequence().choose("detuning", _options(node, pulse, centre, detunings)).then(measure(node))


def spectroscopy_during(node: Node, flux: Pulse, pulse: Pulse, detunings: Values[float], *, margin: float) -> Sequence:
    """Drive by `pulse` at `detunings` (Hz) from its carrier, `margin` (s) after `flux` has begun; then read at rest.

    Dimension `detuning`, labels in MHz.
    """
    options = _options(node, pulse, resolved(pulse.frequency), detunings)
    return (
        Sequence()
        .align(node.drive, node.flux)
        .play(node.flux, flux)
        .delay(node.drive, margin)
        .choose("detuning", options)
        .align(node.drive, node.flux)
        .then(measure(node))
    )


def _options(node: Node, pulse: Pulse, centre: float, detunings: Values[float]) -> dict[str, Sequence]:
    return {
        f"{detuning / 1e6:+.3f} MHz": Sequence().play(node.drive, replace(pulse, frequency=centre + detuning))
        for detuning in detunings
    }
