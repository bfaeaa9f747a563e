"""Operation: how a designer wants a link to be run, and the pulses of a node that follow, whatever its line is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..physics.check import not_negative, positive
from ..physics.device import TWO_PI, Qubit
from ..physics.lines import DriveLine
from ..sequences.channel import Channel, Kind
from ..sequences.envelope import RaisedCosine
from ..sequences.link import Node
from ..sequences.pulse import Pulse, ReadoutPulse


@dataclass(frozen=True, kw_only=True)
class NodeOperation:
    """How the nodes are run.

    idle_frequencies: Of the resting qubits (Hz). drive_duration: Of a pi pulse (s). wait: After the last pulse on a
    coupler, or the last tone, of a transfer (s). tones: Readout of each node. preparation_errors: Of each pi pulse.
    relaxation: Rest between shots (s). transfer_phase, bell_phase: See `Line` (rad), where they were measured.
    """

    idle_frequencies: tuple[float, float]
    drive_duration: float
    wait: float
    tones: tuple[ReadoutPulse, ReadoutPulse]
    preparation_errors: tuple[float, float]
    relaxation: float
    transfer_phase: float | None = None
    bell_phase: float | None = None

    def __post_init__(self) -> None:
        for name in ("drive_duration", "relaxation"):
            positive(f"operation {name}", getattr(self, name))
        not_negative("operation wait", self.wait)


@dataclass(frozen=True, kw_only=True)
class Operation(NodeOperation):
    """How a hot line with standing modes is used.

    coupling: g/2pi during swaps (Hz). load_rate: kappa_L/2pi, open (Hz). rise: Of the edges of coupler pulses (s).
    ramp, gap: See `Line` (s). swap_frequencies: Of each bare qubit during its swaps (Hz), where they were measured;
    else they are computed.
    """

    coupling: float
    load_rate: float
    rise: float
    ramp: float
    gap: float
    swap_frequencies: tuple[float | None, float | None] = (None, None)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("coupling", "load_rate", "rise", "ramp"):
            positive(f"operation {name}", getattr(self, name))
        not_negative("operation gap", self.gap)


@dataclass(frozen=True, kw_only=True)
class PhotonOperation(NodeOperation):
    """How a line along which photons travel is used.

    bandwidth: Gamma/2pi of the photons (Hz). window: Length of each tone (s). delay: From A's tone to B's, on the
    board's clock (s); what is left of the line's is in the shape of B's. second_duration: Of a pi pulse from e to f
    (s).
    """

    bandwidth: float
    window: float
    delay: float
    second_duration: float

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("bandwidth", "window", "second_duration"):
            positive(f"operation {name}", getattr(self, name))
        not_negative("operation delay", self.delay)


class _Qubits(Protocol):
    @property
    def qubits(self) -> Sequence[Qubit]: ...


class Driven(Protocol):
    """Nodes with their drive lines."""

    @property
    def device(self) -> _Qubits:
        """The nodes."""
        ...

    @property
    def drives(self) -> tuple[DriveLine, ...]:
        """Of each node."""
        ...


def pulses(apparatus: Driven, wanted: NodeOperation, name: str, index: int) -> Node:
    """The node `index`, called `name`, as `wanted`."""
    qubit = apparatus.device.qubits[index]
    # Half of the first-order DRAG weight leaves no phase error, which matters more than leakage at this length.
    drag = 1 / (2 * TWO_PI * qubit.transmon.anharmonicity)
    return Node(
        name=name,
        drive=Channel(f"{name}.drive", Kind.DRIVE),
        flux=Channel(f"{name}.flux", Kind.FLUX),
        readout=Channel(f"{name}.readout", Kind.READOUT),
        frequency=wanted.idle_frequencies[index],
        anharmonicity=qubit.transmon.anharmonicity,
        t1=qubit.t1,
        t_phi=qubit.t_phi,
        residual_population=qubit.residual_population,
        preparation_error=wanted.preparation_errors[index],
        x180=Pulse(
            duration=wanted.drive_duration,
            amplitude=1 / (apparatus.drives[index].rabi_rate * wanted.drive_duration),
            envelope=RaisedCosine(drag),
            frequency=wanted.idle_frequencies[index],
        ),
        tone=wanted.tones[index],
    )
