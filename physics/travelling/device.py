"""Photon device: two qubits behind transfer resonators at the ends of a one-way line, as a network knows a link."""

from dataclasses import dataclass, replace

import numpy as np

from ...sequences.errors import ModelError
from ..bath import occupation
from ..check import not_negative
from ..controls import Controls, Rates
from ..device import TWO_PI, Qubit, Trace, own_rates
from ..resting_contact import RestingContact, shot_noise
from .drive import Drive
from .node import Node, TransferResonator
from .qutrit import Qutrit
from .transfer import Transfer
from .waveguide import Waveguide
from .window import PhotonWindow, Tones


@dataclass(frozen=True, kw_only=True)
class End:
    """What a qubit meets at an end of the line. resonator: Its transfer resonator. stark: See `Node` (s)."""

    resonator: TransferResonator
    stark: float = 0.0

    def __post_init__(self) -> None:
        if not np.isfinite(self.stark):
            raise ModelError("end stark", self.stark, "must be a number of seconds: shift (rad/s) over |g~|^2")


@dataclass(frozen=True, kw_only=True)
class PhotonDevice:
    """A line along which photons travel from the first qubit to the second; it has no couplers and no load.

    waveguide: The line, as cold as nothing; its fields are those of a bath at `line_temperature` (K).
    """

    qubits: tuple[Qubit, Qubit]
    ends: tuple[End, End]
    waveguide: Waveguide
    line_temperature: float

    def __post_init__(self) -> None:
        not_negative("line temperature (K)", self.line_temperature)

    @property
    def couplers(self) -> int:
        """How many it has."""
        return 0

    @property
    def loads(self) -> int:
        """How many it has."""
        return 0

    @property
    def mode_frequency(self) -> float:
        """Of the first transfer resonator (Hz), that of the photons: the frame of all rates and controls."""
        return self.ends[0].resonator.frequency

    def near(self, end: int) -> Trace:
        """Modes that a qubit at an end may feel (Hz): its transfer resonator."""
        return np.array([self.ends[end].resonator.frequency])

    def rates(self) -> Rates:
        """What does not change in time; `hot` and `internal` are those of the transfer resonators."""
        resonators = [end.resonator for end in self.ends]
        frequencies = np.array([resonator.frequency for resonator in resonators])
        return Rates(
            **own_rates(self.qubits),
            parity=np.zeros((2, 2)),
            internal=np.array([resonator.kappa + resonator.internal for resonator in resonators]),
            hot=occupation(frequencies, self.line_temperature),
            cold=np.zeros(2),
            detuning=TWO_PI * (frequencies - self.mode_frequency),
        )

    def warmed(self, rates: Rates, temperature: float) -> Rates:
        """`rates` with the line's bath at `temperature` (K)."""
        return replace(rates, hot=occupation([end.resonator.frequency for end in self.ends], temperature))

    def resting(self, rates: Rates, rest: Controls) -> RestingContact:
        """What photons that come by themselves do to the qubits: they dephase them by the resonators' pulls."""
        kappa, n = rates.internal, rates.hot
        pulls = np.array([end.resonator.pull_e for end in self.ends])
        none = np.zeros(2)
        return RestingContact(
            up=none, down=none, dephasing=shot_noise(pulls, kappa, n), shift=none, occupations=n, error=0.0
        )

    def controls(self, duration: Trace, qubit_flux: Trace, coupler_flux: Trace, load_flux: Trace) -> Controls:
        """Controls that reduced fluxes make: they move the qubits alone. qubit_flux: Shape (S, 2)."""
        bare = np.column_stack([qubit.transmon.frequency(qubit_flux[:, k]) for k, qubit in enumerate(self.qubits)])
        none = np.zeros_like(bare)
        return Controls(
            duration=duration, qubit=TWO_PI * (bare - self.mode_frequency), coupling=none, mode=none, load=none
        )

    def resonance(self, end: int, qubit: float) -> float:
        """Frequency of the f0-g1 tone (Hz) at an end whose resting qubit is at `qubit` (Hz), without Stark shift, with
        which a photon of the frame's frequency is emitted or absorbed: 2 f_ge + anharmonicity - f_photon.
        """
        return 2 * qubit + self.qubits[end].transmon.anharmonicity - self.mode_frequency

    def window(self, rates: Rates, tones: Tones, error: float) -> PhotonWindow:
        """The map of both qubits under `tones`, with the `rates` of now."""
        first, second = (self._node(end, rates) for end in range(2))
        return PhotonWindow(a=first, b=second, waveguide=self._warm(rates), tones=tones, error=error)

    def transfer(self, emit: Drive, catch: Drive, swap: float, error: float) -> Transfer:
        """A photon sent under `emit` and `catch`, after and before pulses between e and f of `swap` (s).

        error: Asked for, of an element.
        """
        rates = self.rates()
        a, b = (self._driven(end, rates, swap) for end in range(2))
        return Transfer(a=a, b=b, waveguide=self._warm(rates), emit=emit, catch=catch, error=error)

    def _driven(self, place: int, rates: Rates, swap: float) -> Node:
        node, left = self._node(place, rates), self.qubits[place].residual_population
        return replace(node, swap=swap, qutrit=replace(node.qutrit, residual=left))

    def _warm(self, rates: Rates) -> Waveguide:
        first, second = rates.hot.tolist()
        return replace(self.waveguide, input_occupation=first, loss_occupation=second)

    def _node(self, place: int, rates: Rates) -> Node:
        """As the cascade knows it: e and f decay as the ladder of `Rates` has it, with twice the rate from f."""
        end, relaxation, dephasing = self.ends[place], float(rates.relaxation[place]), float(rates.dephasing[place])
        qutrit = Qutrit(
            frequency=self.qubits[place].transmon.maximum_frequency,
            anharmonicity=self.qubits[place].transmon.anharmonicity,
            t1_e=1 / relaxation if relaxation else np.inf,
            t1_f=1 / (2 * relaxation) if relaxation else np.inf,
            t_phi=1 / dephasing if dephasing else np.inf,
            excited=float(rates.excited[place]),
        )
        resonator = replace(end.resonator, internal_occupation=float(rates.hot[place]))
        return Node(qutrit=qutrit, resonator=resonator, stark=end.stark)
