"""Dynamics: the maps that a truth makes of waveforms; each is found once and kept for a while."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from ...physics import Controls, HotWindow, Rates, idle_map
from ...physics.device import TWO_PI
from ...physics.resting_contact import RestingContact, resting_contact
from .board.output import Played
from .chip_flux import STILL, ChipFlux, FluxPath
from .contact import Contact
from .qubit_drive import drive_map, turned
from .recent import Recent
from .residual import without_residuals
from .truth import Truth

LEVELS = 3
"""Of each qubit."""
ERROR = 1e-4
"""Of a population, that is asked of a hot window: below what any number of shots shows."""

STEADY = 1e-4
"""Part of the line's temperature that it may move before its maps are found again: less than 1e-4 of a population."""

State = NDArray[np.complex128]
Trace = NDArray[np.float64]


@dataclass(frozen=True)
class Rest:
    """The device with all generators silent. controls: One step; the frequency of each qubit is that of its frame.

    contact: What couplers that are on at rest do. volts: Static bias of each flux line.
    """

    controls: Controls
    contact: RestingContact
    volts: Mapping[str, float]


@dataclass
class Dynamics:
    """How the device of `truth` moves under given waveforms and static biases.

    line_temperature: Of the line's bath (K), at first that of the truth.
    """

    truth: Truth
    _rests: Recent[Rest] = field(default_factory=lambda: Recent(64))
    _windows: Recent[HotWindow] = field(default_factory=lambda: Recent(1024))
    _controls: Recent[Controls] = field(default_factory=lambda: Recent(64))
    _drives: Recent[State] = field(default_factory=lambda: Recent(4096))
    _idle: Recent[State] = field(default_factory=lambda: Recent(4096))

    def __post_init__(self) -> None:
        self.device, self.path = self.truth.device, FluxPath(self.truth)
        self.rates = self.device.rates()
        self.line_temperature = self.device.line_temperature
        self.flux_lines = {
            generator: line
            for generator, line in self.truth.generators.items()
            if line.startswith(("flux", "coupler", "load"))
        }

    def warm(self, temperature: float) -> None:
        """Bring the line's bath to `temperature` (K); what moves less than `STEADY` costs no new maps."""
        if abs(temperature - self.line_temperature) <= STEADY * self.line_temperature:
            return
        self.line_temperature, self.rates = temperature, self.device.warmed(self.rates, temperature)

    def arriving(self, played: Iterable[Played]) -> list[Played]:
        """What is played, each wave as much later as its line delays it."""
        flux = {name: line.filter.delay for name, line in self.path.lines.items()}
        delays = flux | {f"drive {index}": line.delay for index, line in enumerate(self.truth.drives)}
        return [_later(wave, delays.get(self.truth.generators.get(wave.generator, ""), 0.0)) for wave in played]

    def rest(self, volts: Mapping[str, float]) -> Rest:
        """The device at the static `volts`."""

        def find() -> Rest:
            controls = self._made(volts, self.path.arriving(np.ones(1), {}))
            contact = resting_contact(self.rates, controls)
            return Rest(replace(controls, qubit=controls.qubit + contact.shift), contact, dict(volts))

        return self._rests.get((self.line_temperature, *sorted(volts.items())), find)

    def controls(self, rest: Rest, duration: Trace, fractions: Mapping[str, Trace]) -> Controls:
        """What the fractions of full scale on each flux line make of the device that was at `rest`."""
        key = sha256(repr(sorted(rest.volts.items())).encode() + np.round(duration * 1e15).tobytes())
        key.update(np.round(rest.contact.occupations, 9).tobytes())
        for line in sorted(fractions):
            key.update(line.encode() + np.round(fractions[line], 9).tobytes())

        def find() -> Controls:
            arriving = self.path.arriving(duration, fractions)
            moving = fractions if self.path.ideal else self._moving(arriving)
            return without_residuals(self._made(rest.volts, arriving), moving, self.rates, rest.contact)

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

    def _made(self, volts: Mapping[str, float], arriving: ChipFlux) -> Controls:
        flux, count = self.path.rest(volts, {}) + arriving.flux, len(self.device.qubits)
        return self.device.controls(arriving.duration, flux[:, :count], flux[:, count:-1], flux[:, -1])

    def _moving(self, arriving: ChipFlux) -> dict[str, Trace]:
        """How far each loop is off its rest (Phi0), where that counts, shape (S,)."""
        counted = np.where(np.abs(arriving.flux) > STILL, arriving.flux, 0.0)
        return {line: counted[:, column] for column, line in enumerate(self.path.lines)}


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
