"""Photon design: from what a designer knows of nodes with transfer resonators to the tones that carry a photon."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..physics.apparatus import PhotonApparatus
from ..physics.device import TWO_PI
from ..physics.travelling import Drive, Photon
from ..sequences.channel import Channel, Kind
from ..sequences.envelope import Samples
from ..sequences.errors import ModelError
from ..sequences.link import PhotonLine, PhotonLink, PhotonNode
from ..sequences.names import LinkNames
from ..sequences.pulse import Pulse
from ..sequences.setting import Setting
from .operation import PhotonOperation, pulses

PARTS = 4001
"""Points at which a tone is looked at for its highest value."""
BETWEEN = 1e-5
"""By which it may be higher between two of them (relative): the square of a step times half of kappa, over eight."""


@dataclass(frozen=True)
class PhotonShape:
    """Envelope of a tone on f0-g1: conj(g~) of `drive` over `highest` (rad/s), which turns with its chirp."""

    drive: Drive
    highest: float

    def __call__(self, time: NDArray[np.float64], duration: float) -> Samples:
        """Shape at `time` (s) after the tone's start."""
        inside = (time >= 0) & (time <= duration)
        asked = self.drive.coupling(time).conj() / self.highest
        return np.asarray(np.where(inside, asked, 0.0), dtype=np.complex128)


@dataclass(frozen=True, kw_only=True)
class PhotonDesign(PhotonApparatus):
    """Nodes and line as they were meant to be, how they are to be run, and how what belongs to them is called."""

    operation: PhotonOperation
    names: LinkNames

    def link(self, source: str = "design") -> PhotonLink:
        """Every pulse of a transfer; its phases are zero until they were measured, for nobody designs a cable's.

        source: Where the numbers come from. ModelError where a node cannot emit such a photon, or its tone is too weak.
        """
        a, b = (self._node(name, index) for index, name in enumerate(self.names.nodes))
        wanted = self.operation
        line = PhotonLine(
            delay=wanted.delay,
            wait=wanted.wait,
            transfer_phase=wanted.transfer_phase or 0.0,
            bell_phase=wanted.bell_phase or 0.0,
        )
        return PhotonLink(node_a=a, node_b=b, line=line, relaxation=wanted.relaxation, source=source)

    def biases(self) -> dict[Setting, float]:
        """Static biases (V): qubits at their idle frequencies."""
        idle = zip(self.names.nodes, self.device.qubits, self.qubit_flux, self.operation.idle_frequencies, strict=True)
        return {
            Setting(f"{node}.flux.bias", "V"): line.volts(float(qubit.transmon.flux(frequency)))
            for node, qubit, line, frequency in idle
        }

    def drive(self, index: int, *, catches: bool, late: float = 0.0) -> Drive:
        """The tone at a node that lets a photon out or takes it up. late: Its window after its first sample (s)."""
        end = self.device.ends[index]
        return Drive(
            photon=Photon(TWO_PI * self.operation.bandwidth),
            kappa=end.resonator.kappa,
            window=self.operation.window,
            start=late,
            catches=catches,
            stark=end.stark,
        )

    def _node(self, name: str, index: int) -> PhotonNode:
        late = self.device.waveguide.delay - self.operation.delay
        return PhotonNode(
            **vars(pulses(self, self.operation, name, index)),
            photon=Channel(f"{name}.photon", Kind.DRIVE),
            send=self._tone(index, self.drive(index, catches=False)),
            catch=self._tone(index, self.drive(index, catches=True, late=late)),
            second_duration=self.operation.second_duration,
        )

    def _tone(self, index: int, drive: Drive) -> Pulse:
        inside = drive.start + np.linspace(0, drive.window, PARTS)
        highest = (1 + BETWEEN) * float(np.max(drive.envelope(inside)))
        rate = TWO_PI * self.drives[index].photon_rate
        if not highest <= rate:
            why = f"the drive reaches g~/2pi = {rate / TWO_PI:g} Hz at full scale; ask for a narrower photon"
            raise ModelError("f0-g1 tone g~/2pi (Hz)", highest / TWO_PI, why)
        return Pulse(
            duration=self.operation.window,
            amplitude=highest / rate,
            envelope=PhotonShape(drive, highest),
            frequency=self.device.resonance(index, self.operation.idle_frequencies[index]),
        )
