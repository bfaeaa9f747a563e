"""Draw: one network out of those that a design may have become; a twin's is drawn, so that nobody knows it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TypeVar

import numpy as np

from ...physics.coupler import InductiveCoupler
from ...physics.crosstalk import Crosstalk
from ...physics.device import CoupledQubit, Device, Qubit
from ...physics.flux_filter import FluxFilter
from ...physics.line import Line
from ...physics.lines import DriveLine, FluxLine, Resonator
from ...physics.network import Network, NetworkLink
from ...physics.travelling import End, PhotonDevice
from .truth import Truth

_Part = TypeVar("_Part")
_Qubit = TypeVar("_Qubit", bound=Qubit)


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How far a device may lie from its design: half widths of uniform distributions. All zero: built as designed.

    maximum_frequency: Of each qubit (Hz). flux_offset: Of each flux line (Phi0). coupling: Of each g, at a given flux
    (relative). delay: Of each readout chain, which is then anywhere from 0 to this (s); 0 keeps the design's. phase:
    Of each readout chain (rad). rabi_rate: Of each drive line (relative). amplifier: Of each readout chain's gain,
    noise included, so that the signal-to-noise ratio stays (relative). flux_gain: Of each flux line's `bias` and
    `pulse`, by themselves (relative). resonator: Bare frequency of each (Hz). free_spectral_range: (relative).
    tail: Amplitude of each tail of each flux line (relative). line_delay: Of each flux and drive line (s). crosstalk:
    Of each flux line onto each other one (relative). t1, line_quality: Relative. transfer_resonator: Frequency of each
    (Hz). transfer_linewidth, photon_rate, stark, photon_loss: kappa, g~ at full scale and Stark shift of each node, and
    loss of each line along which photons travel (relative).
    """

    maximum_frequency: float = 0.0
    flux_offset: float = 0.0
    coupling: float = 0.0
    delay: float = 0.0
    phase: float = 0.0
    rabi_rate: float = 0.0
    amplifier: float = 0.0
    flux_gain: float = 0.0
    resonator: float = 0.0
    free_spectral_range: float = 0.0
    tail: float = 0.0
    line_delay: float = 0.0
    crosstalk: float = 0.0
    t1: float = 0.0
    line_quality: float = 0.0
    transfer_resonator: float = 0.0
    transfer_linewidth: float = 0.0
    photon_rate: float = 0.0
    stark: float = 0.0
    photon_loss: float = 0.0


def draw(designed: Truth, spread: Spread, entropy: Sequence[int]) -> Truth:
    """A network, and its lines, made as `designed`. The same `entropy` gives the same ones.

    Each parameter has a generator of its own, seeded by `entropy` and its name, so that a parameter that is drawn in
    addition changes no other one.
    """
    return _Draw(spread, tuple(entropy)).truth(designed)


@dataclass(frozen=True)
class _Draw:
    spread: Spread
    entropy: tuple[int, ...]

    def truth(self, designed: Truth) -> Truth:
        return replace(
            designed,
            network=self.network(designed.network),
            qubit_flux=self._each(self.flux, "flux", designed.qubit_flux),
            coupler_flux=self._each(self.flux, "coupler", designed.coupler_flux),
            load_flux=tuple(self.flux(_numbered("load", k), line) for k, line in enumerate(designed.load_flux)),
            drives=self._each(self.drive, "drive", designed.drives),
            resonators=self._each(self.resonator, "resonator", designed.resonators),
            crosstalk=self.crosstalk(designed.crosstalk),
            drifts=replace(designed.drifts, entropy=self.entropy),
        )

    def network(self, designed: Network) -> Network:
        return replace(designed, links=tuple(self.link(k, designed) for k in range(len(designed.links))))

    def link(self, number: int, designed: Network) -> NetworkLink:
        link = designed.links[number]
        match link:
            case Device():
                return self.device(number, link, designed)
            case PhotonDevice():
                return self.photon_link(number, link, designed)
        raise TypeError(f"nobody knows how to draw a {type(link).__name__}")

    def device(self, number: int, link: Device, designed: Network) -> Device:
        qubits = tuple(
            self.coupled(f"qubit.{node}", designed.places[node].index((number, end)), link.qubits[end])
            for end, node in enumerate(designed.ends[number])
        )
        return replace(link, line=self.line(_numbered("line", number), link.line), qubits=qubits)

    def photon_link(self, number: int, link: PhotonDevice, designed: Network) -> PhotonDevice:
        name, spread = _numbered("line", number), self.spread
        qubits = [self.qubit(f"qubit.{node}", link.qubits[end]) for end, node in enumerate(designed.ends[number])]
        ends = [self.end(f"{name}.{node}", link.ends[end]) for end, node in enumerate(designed.ends[number])]
        loss = link.waveguide.loss * self._factor(f"{name}.photon_loss", spread.photon_loss)
        return replace(
            link,
            qubits=(qubits[0], qubits[1]),
            ends=(ends[0], ends[1]),
            waveguide=replace(link.waveguide, loss=loss),
        )

    def end(self, name: str, designed: End) -> End:
        resonator, spread = designed.resonator, self.spread
        frequency = resonator.frequency + self._shift(f"{name}.frequency", spread.transfer_resonator)
        kappa = resonator.kappa * self._factor(f"{name}.kappa", spread.transfer_linewidth)
        stark = designed.stark * self._factor(f"{name}.stark", spread.stark)
        return replace(designed, resonator=replace(resonator, frequency=frequency, kappa=kappa), stark=stark)

    def line(self, name: str, designed: Line) -> Line:
        return replace(
            designed,
            free_spectral_range=designed.free_spectral_range
            * self._factor(f"{name}.free_spectral_range", self.spread.free_spectral_range),
            quality=designed.quality * self._factor(f"{name}.quality", self.spread.line_quality),
        )

    def coupled(self, name: str, coupler: int, designed: CoupledQubit) -> CoupledQubit:
        """coupler: Its number among those of this qubit."""
        coupling = self._factor(_numbered(f"{name}.coupling", coupler), self.spread.coupling)
        return replace(self.qubit(name, designed), coupler=_scaled(designed.coupler, coupling))

    def qubit(self, name: str, designed: _Qubit) -> _Qubit:
        top = designed.transmon.maximum_frequency + self._shift(
            f"{name}.maximum_frequency", self.spread.maximum_frequency
        )
        return replace(
            designed,
            transmon=replace(designed.transmon, maximum_frequency=top),
            t1=designed.t1 * self._factor(f"{name}.t1", self.spread.t1),
        )

    def flux(self, name: str, designed: FluxLine) -> FluxLine:
        return replace(
            designed,
            bias=designed.bias * self._factor(f"{name}.bias", self.spread.flux_gain),
            pulse=designed.pulse * self._factor(f"{name}.pulse", self.spread.flux_gain),
            offset=designed.offset + self._shift(f"{name}.offset", self.spread.flux_offset),
            filter=self.filter(name, designed.filter),
        )

    def filter(self, name: str, designed: FluxFilter) -> FluxFilter:
        tails = tuple(
            replace(tail, amplitude=tail.amplitude * self._factor(f"{name}.tail.{number}", self.spread.tail))
            for number, tail in enumerate(designed.tails)
        )
        return replace(designed, tails=tails, delay=self._later(name, designed.delay))

    def drive(self, name: str, designed: DriveLine) -> DriveLine:
        return replace(
            designed,
            rabi_rate=designed.rabi_rate * self._factor(f"{name}.rabi_rate", self.spread.rabi_rate),
            delay=self._later(name, designed.delay),
            photon_rate=designed.photon_rate * self._factor(f"{name}.photon_rate", self.spread.photon_rate),
        )

    def crosstalk(self, designed: Crosstalk) -> Crosstalk:
        def felt(row: int, column: int) -> float:
            name = f"crosstalk.{designed.lines[row]}.{designed.lines[column]}"
            return designed.matrix[row][column] * (self._factor(name, self.spread.crosstalk) if row != column else 1.0)

        places = range(len(designed.lines))
        return replace(designed, matrix=tuple(tuple(felt(row, column) for column in places) for row in places))

    def resonator(self, name: str, designed: Resonator) -> Resonator:
        gain = self._factor(f"{name}.gain", self.spread.amplifier)
        delay = self.spread.delay * (1 + self._uniform(f"{name}.delay")) / 2
        return replace(
            designed,
            bare_frequency=designed.bare_frequency + self._shift(f"{name}.frequency", self.spread.resonator),
            gain=designed.gain * gain,
            noise=designed.noise * gain,
            phase=designed.phase + self._shift(f"{name}.phase", self.spread.phase),
            delay=delay if self.spread.delay else designed.delay,
        )

    def _later(self, name: str, delay: float) -> float:
        return delay + self._shift(f"{name}.delay", self.spread.line_delay)

    def _each(self, one: Callable[[str, _Part], _Part], name: str, parts: tuple[_Part, ...]) -> tuple[_Part, ...]:
        return tuple(one(f"{name}.{index}", part) for index, part in enumerate(parts))

    def _factor(self, name: str, spread: float) -> float:
        return 1 + spread * self._uniform(name)

    def _shift(self, name: str, spread: float) -> float:
        return spread * self._uniform(name)

    def _uniform(self, name: str) -> float:
        """From -1 to 1."""
        key = np.frombuffer(sha256(name.encode()).digest(), "<u4").tolist()
        return float(np.random.default_rng([*key, *self.entropy]).uniform(-1, 1))


def _scaled(coupler: InductiveCoupler, factor: float) -> InductiveCoupler:
    """The coupler with `factor` times the M at every flux: all of its inductances are larger, so beta is the same."""
    return replace(
        coupler, ground=factor * coupler.ground, wire=factor * coupler.wire, junction=factor * coupler.junction
    )


def _numbered(name: str, number: int) -> str:
    """The first has the bare name, so that a link that is added to a device changes nothing in it."""
    return f"{name}.{number}" if number else name
