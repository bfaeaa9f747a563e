"""Link: what is known about the device, in the terms a protocol needs; changed by `replace`, never edited."""

from dataclasses import dataclass, replace
from typing import TypeAlias

from .channel import Channel
from .envelope import FlatTop
from .pulse import Pulse, ReadoutPulse
from .sweep import resolved


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """A coupler pulse with the qubit's flux pulse that keeps it on the mode meanwhile.

    coupler, compensation: Of one duration, played together.
    """

    coupler: Pulse
    compensation: Pulse


@dataclass(frozen=True, kw_only=True)
class Node:
    """A qubit with its readout, whatever joins it to a line.

    frequency: Of the resting qubit (Hz). anharmonicity: (Hz, negative). t1, t_phi: Relaxation, pure dephasing (s).
    residual_population: Of the excited state after a long rest. preparation_error: Of the pi pulse.
    x180: Pi pulse about x.
    """

    name: str
    drive: Channel
    flux: Channel
    readout: Channel
    frequency: float
    anharmonicity: float
    t1: float
    t_phi: float
    residual_population: float
    preparation_error: float
    x180: Pulse
    tone: ReadoutPulse

    @property
    def x90(self) -> Pulse:
        """Half of the pi pulse, of the same length."""
        return replace(self.x180, amplitude=resolved(self.x180.amplitude) / 2)

    @property
    def lines(self) -> tuple[Channel, ...]:
        """Where all must be over before it is read."""
        return (self.drive,)


@dataclass(frozen=True, kw_only=True)
class CoupledNode(Node):
    """A node behind a coupler. swap, half_swap: Exchange with the line's mode, whole and half."""

    coupler: Channel
    swap: Transfer
    half_swap: Transfer

    @property
    def lines(self) -> tuple[Channel, ...]:
        """Where all must be over before it is read."""
        return (self.drive, self.coupler)


@dataclass(frozen=True, kw_only=True)
class PhotonNode(Node):
    """A node behind a transfer resonator.

    photon: Line of the tones that exchange f with a photon. send, catch: Such tones, which let f out as a photon and
    take one up. second_duration: Of a pi pulse from e to f (s).
    """

    photon: Channel
    send: Pulse
    catch: Pulse
    second_duration: float

    @property
    def lines(self) -> tuple[Channel, ...]:
        """Where all must be over before it is read."""
        return (self.drive, self.photon)


@dataclass(frozen=True, kw_only=True)
class Line:
    """The hot line with the cold load at its side.

    load: Flux line of the load's coupler. mode_frequency: Of the mode that carries states, load closed (Hz).
    coupling: g/2pi of a qubit during a swap (Hz). internal_rate: kappa_i (1/s). load_rate: kappa_L when open (1/s).
    hot_occupation: Of the bath behind kappa_i. cold_occupation: Of the load.
    ramp: Time the load takes to close (s). gap: From closed to the first swap (s). wait: From the last swap to the
    readout (s). exposure: For how long the line has in effect been warming up when the first swap begins (s).
    close_amplitude: Pulse on the load's coupler that closes it (fraction of the range).
    transfer_phase, bell_phase: Of B's frame behind A's after a transfer and after a half transfer (rad).
    """

    load: Channel
    mode_frequency: float
    coupling: float
    internal_rate: float
    load_rate: float
    hot_occupation: float
    cold_occupation: float
    ramp: float
    gap: float
    wait: float
    exposure: float
    close_amplitude: float
    transfer_phase: float
    bell_phase: float

    def close_load(self, duration: float) -> Pulse:
        """Pulse that keeps the load closed for `duration` (s), its ramps included."""
        return Pulse(duration=duration, amplitude=self.close_amplitude, envelope=FlatTop(self.ramp))


@dataclass(frozen=True, kw_only=True)
class Link:
    """Two nodes and the line between them.

    source: Where the numbers come from, such as `design`. relaxation: Rest between shots (s).
    """

    node_a: CoupledNode
    node_b: CoupledNode
    line: Line
    relaxation: float
    source: str


@dataclass(frozen=True, kw_only=True)
class PhotonLine:
    """A line along which photons travel from A to B.

    delay: By which B's tone begins after A's (s). wait: From B's tone to the next pulse (s), for a generator with a
    clock of its own may begin it later. transfer_phase, bell_phase: See `Line` (rad).
    """

    delay: float
    wait: float
    transfer_phase: float
    bell_phase: float


@dataclass(frozen=True, kw_only=True)
class PhotonLink:
    """Two nodes with transfer resonators and the line between them. source, relaxation: See `Link`."""

    node_a: PhotonNode
    node_b: PhotonNode
    line: PhotonLine
    relaxation: float
    source: str


AnyLink: TypeAlias = Link | PhotonLink
