"""Hot window: the fluxes that a design plays, from the closing load to the readout."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..physics.apparatus import Apparatus
from ..physics.planning.pulses import FluxPulses
from ..sequences.link import Link, Transfer
from ..sequences.pulse import Pulse
from ..sequences.sweep import resolved
from ..sequences.units import ps

Trace = NDArray[np.float64]
STEP = 50 * ps
"""Step on which designed waveforms are evaluated (s)."""


def transfer_fluxes(
    apparatus: Apparatus, rest: Trace, length: float, transfers: Sequence[tuple[int, float, Transfer]]
) -> FluxPulses:
    """Fluxes of coupler and compensation pulses of some qubits, which start at given times (s), with the load closed.

    rest: Reduced flux of each resting qubit; couplers rest at zero coupling. length: Of all (s).
    """
    device, count = apparatus.device, int(np.ceil(length / STEP))
    duration = np.full(count, length / count)
    time = (np.arange(count) + 0.5) * length / count
    qubit = np.tile(rest, (count, 1))
    coupler = np.tile([float(qubit.coupler.zero_flux) for qubit in device.qubits], (count, 1))
    for index, start, transfer in transfers:
        coupler[:, index] += apparatus.coupler_flux[index].pulse * _values(transfer.coupler, time - start)
        qubit[:, index] += apparatus.qubit_flux[index].pulse * _values(transfer.compensation, time - start)
    closed = np.full(count, float(device.load.closed_flux))
    return FluxPulses(duration=duration, qubit=qubit, coupler=coupler, load=closed)


def hot_window(apparatus: Apparatus, link: Link, rest: Trace, open_flux: float, release: Transfer) -> FluxPulses:
    """Fluxes from the begin of the load's ramp to the readout, with A's `release` and B's swap of `link`.

    rest: Reduced flux of each resting qubit. open_flux: Of the load at rest.
    """
    line, catch = link.line, link.node_b.swap
    start = line.ramp + line.gap
    middle = start + resolved(release.coupler.duration)
    length = middle + resolved(catch.coupler.duration) + line.wait
    played = transfer_fluxes(apparatus, rest, length, [(0, start, release), (1, middle, catch)])
    time = np.cumsum(played.duration) - played.duration / 2
    closing = _values(line.close_load(length + line.ramp), time)
    return replace(played, load=open_flux + apparatus.load_flux.pulse * closing)


def _values(pulse: Pulse, time: Trace) -> Trace:
    return np.asarray(resolved(pulse.amplitude) * pulse.envelope(time, resolved(pulse.duration)).real)
