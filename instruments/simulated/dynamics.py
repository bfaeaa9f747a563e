"""Dynamics: the maps that a truth makes of waveforms; each is found once and kept for a while."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from ...physics import Controls, HotWindow, Rates, idle_map
from ...physics.device import TWO_PI
from ...physics.resting_contact import RestingContact, resting_contact
from .board.boards import BOARD
from .board.output import Played
from .chip_flux import ChipFlux, FluxPath
from .contact import Contact
from .drift import Drift
from .qubit_drive import drive_map, turned
from .recent import Recent
from .residual import without_residuals
from .truth import Truth

LEVELS = 3
"""Of each qubit."""
ERROR = 1e-4
"""Of a population, that is asked of a hot window: below what any number of shots shows."""

STEADY = 1e-4
"""Steps of the line's temperature, relative: between two of them, maps are wrong by less than 1e-4 of a population."""
MOVED = 1e-7
"""Steps of a drifting flux offset (Phi0): between two of them, a qubit at 2.7 GHz/Phi0 is off by 140 Hz at most, which
turns it by 9e-4 rad in 1 us."""

State = NDArray[np.complex128]
Trace = NDArray[np.float64]


@dataclass(frozen=True)
class Rest:
    """The device with all generators silent. controls: One step; the frequency of each qubit is that of its frame.

    contact: What couplers that are on at rest do. flux: Reduced flux in each loop, shape (L,).
    """

    controls: Controls
    contact: RestingContact
    flux: Trace


@dataclass
class Dynamics:
    """How the device of `truth` moves under given waveforms and static biases.

    line_temperature: Of the line's bath (K), at first that of the truth. drifted: Where all else has drifted to. What
    moves less than a step of either costs no new maps.
    """

    truth: Truth
    _rests: Recent[Rest] = field(default_factory=lambda: Recent(64))
    _windows: Recent[HotWindow] = field(default_factory=lambda: Recent(1024))
    _controls: Recent[Controls] = field(default_factory=lambda: Recent(64))
    _drives: Recent[State] = field(default_factory=lambda: Recent(4096))
    _idle: Recent[State] = field(default_factory=lambda: Recent(4096))

    def __post_init__(self) -> None:
        self.device, self.path = self.truth.device, FluxPath(self.truth)
        self.line_temperature, self.drifted = self.device.line_temperature, self.truth.undrifted
        self.rates = self._rates()
        self.flux_lines = {
            generator: line
            for generator, line in self.truth.generators.items()
            if line.startswith(("flux", "coupler", "load"))
        }

    def warm(self, temperature: float) -> None:
        """Bring the line's bath to the step that is nearest to `temperature` (K)."""
        design = self.device.line_temperature
        if temperature > 0 < design:
            temperature = design * exp(STEADY * round(log(temperature / design) / STEADY))
        self.line_temperature = temperature
        self.rates = self._rates()

    def drift(self, to: Drift) -> None:
        """Let everything but the line's temperature drift, each offset to the step that is nearest."""
        self.drifted = replace(to, flux={line: MOVED * round(moved / MOVED) for line, moved in to.flux.items()})
        self.rates = self._rates()

    def arriving(self, played: Iterable[Played]) -> list[Played]:
        """What is played, each wave as much later as its line delays it, and drives with their carriers' drift."""
        return [self._arrived(wave) for wave in played]

    def rest(self, volts: Mapping[str, float]) -> Rest:
        """The device at the static `volts`."""
        flux = self.path.rest(volts, self.drifted.flux)

        def find() -> Rest:
            controls = self._made(flux, self.path.arriving(np.ones(1), {}))
            contact = resting_contact(self.rates, controls)
            return Rest(replace(controls, qubit=controls.qubit + contact.shift), contact, flux)

        return self._rests.get((self._conditions, flux.tobytes()), find)

    def controls(self, rest: Rest, duration: Trace, fractions: Mapping[str, Trace]) -> Controls:
        """What the fractions of full scale on each flux line make of the device that was at `rest`."""
        key = sha256(repr(self._conditions).encode() + rest.flux.tobytes() + np.round(duration * 1e15).tobytes())
        for line in sorted(fractions):
            key.update(line.encode() + np.round(fractions[line], 9).tobytes())

        def find() -> Controls:
            arriving = self.path.arriving(duration, fractions)
            off = dict(zip(self.path.lines, arriving.flux.T, strict=True))
            return without_residuals(self._made(rest.flux, arriving), off, self.rates, rest.contact)

        return self._controls.get(key.digest(), find)

    def window(self, contact: Contact, occupations: Trace, read: frozenset[int], rest: RestingContact) -> HotWindow:
        """The map of one contact. occupations: Of all modes when it begins. rest: For the qubits that are not in it."""
        controls, rates = contact.controls, _spectated(self.rates, rest.rates, contact.active)
        key = sha256(repr(sorted(read)).encode() + np.round(occupations, 6).tobytes())
        key.update(_digest(rates.relaxation, rates.excited, rates.dephasing, rates.hot))
        for values in (controls.duration * 1e15, controls.qubit, controls.coupling, controls.mode, controls.load):
            key.update(np.round(values).tobytes())

        def find() -> HotWindow:
            return HotWindow(rates=rates, controls=controls, initial=occupations, read=read, levels=LEVELS, error=ERROR)

        return self._windows.get(key.digest(), find)

    def relaxation(self, rates: Rates, qubit: int, duration: float) -> State:
        """The map of a qubit left alone for `duration` (s) in its own frame, shape (levels**2, levels**2)."""
        key = (qubit, _own(rates, qubit), round(duration * 1e15))
        return self._idle.get(key, lambda: idle_map(rates, qubit, LEVELS, duration, 0.0).reshape(LEVELS**2, LEVELS**2))

    def drive(self, rates: Rates, qubit: int, wave: Played, detuning: Trace, rest: float) -> State:
        """The map of one microwave pulse. detuning: Of the qubit on each sample (rad/s). rest: Its frequency (Hz)."""
        offset = TWO_PI * (wave.oscillator + wave.frequency - rest)
        amplitude = np.asarray(np.pi * self.truth.drives[qubit].rabi_rate * np.conj(wave.envelope), complex)
        key = sha256(repr((qubit, _own(rates, qubit), round(offset, 3), wave.sample_rate)).encode())
        key.update(np.round(wave.envelope, 9).tobytes() + np.round(detuning).tobytes())
        pulse = self._drives.get(
            key.digest(),
            lambda: drive_map(
                rates,
                qubit,
                LEVELS,
                duration=np.full(len(wave.envelope), 1 / wave.sample_rate),
                amplitude=amplitude,
                detuning=detuning,
                offset=offset,
            ),
        )
        begin = TWO_PI * (wave.oscillator - rest) * wave.start + wave.phase
        return turned(pulse, LEVELS, begin)

    @property
    def _conditions(self) -> tuple[float, ...]:
        """On which the rates depend."""
        return (self.line_temperature, *self.drifted.relaxation)

    def _rates(self) -> Rates:
        rates = self.device.rates()
        more = 1 + np.array(self.drifted.relaxation)
        return self.device.warmed(replace(rates, relaxation=more * rates.relaxation), self.line_temperature)

    def _arrived(self, wave: Played) -> Played:
        line = self.truth.generators.get(wave.generator, "")
        if line in self.path.lines:
            return _later(wave, self.path.lines[line].filter.delay)
        if not line.startswith("drive "):
            return wave
        qubit = int(line.removeprefix("drive "))
        ahead = self.drifted.lo_phase[qubit] + self.drifted.board_phase[wave.generator // BOARD]
        return _later(replace(wave, phase=wave.phase + ahead), self.truth.drives[qubit].delay)

    def _made(self, rest: Trace, arriving: ChipFlux) -> Controls:
        flux, count = rest + arriving.flux, len(self.device.qubits)
        return self.device.controls(arriving.duration, flux[:, :count], flux[:, count:-1], flux[:, -1])


def _later(wave: Played, delay: float) -> Played:
    return replace(wave, start=wave.start + delay, phase=wave.phase - TWO_PI * wave.oscillator * delay)


def _own(rates: Rates, qubit: int) -> tuple[float, float, float]:
    return float(rates.relaxation[qubit]), float(rates.excited[qubit]), float(rates.dephasing[qubit])


def _spectated(own: Rates, rest: Rates, active: frozenset[int]) -> Rates:
    """Qubits that are `active` with their own baths, for their couplers are followed; the others as they rest."""
    inside = np.isin(np.arange(own.relaxation.size), list(active))
    changed = {name: np.where(inside, getattr(own, name), getattr(rest, name)) for name in _OF_QUBITS}
    return replace(own, **changed)


_OF_QUBITS = ("relaxation", "excited", "dephasing")


def _digest(*arrays: Trace) -> bytes:
    return b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)
