"""Dynamics: the maps that a truth makes of waveforms; each is found once and kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from ...physics import Accuracy, Controls, HotWindow, idle_map
from ...physics.device import TWO_PI
from .board.output import Played
from .contact import Contact
from .fock_space import mode_space, smaller
from .qubit_drive import drive_map, turned
from .truth import Truth

LEVELS = 3
"""Of each qubit."""
LANE = 1e-4
"""Part of a state that a hot window need not follow: a tenth of what its populations are asked for."""

State = NDArray[np.complex128]
Trace = NDArray[np.float64]


@dataclass
class Dynamics:
    """How the device of `truth` moves under given waveforms and static biases."""

    truth: Truth
    _windows: dict[str, HotWindow] = field(default_factory=dict)
    _controls: dict[str, Controls] = field(default_factory=dict)
    _drives: dict[str, State] = field(default_factory=dict)
    _idle: dict[tuple[int, int], State] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.device = self.truth.device
        self.rates = self.device.rates()
        self.flux_lines = {
            generator: line
            for generator, line in self.truth.generators.items()
            if line.startswith(("flux", "coupler", "load"))
        }

    def controls(self, volts: Mapping[str, float], duration: Trace, fractions: Mapping[str, Trace]) -> Controls:
        """What the static `volts` and the fractions of full scale on each flux line make of the device."""
        key = sha256(repr(sorted(volts.items())).encode() + np.round(duration * 1e15).tobytes())
        for line in sorted(fractions):
            key.update(line.encode() + np.round(fractions[line], 9).tobytes())
        if key.hexdigest() not in self._controls:
            self._controls[key.hexdigest()] = self._find_controls(volts, duration, fractions)
        return self._controls[key.hexdigest()]

    def window(self, contact: Contact, occupations: Trace, read: frozenset[int]) -> HotWindow:
        """The map of one hot window."""
        controls = contact.controls
        key = sha256(repr(sorted(read)).encode() + np.round(occupations, 6).tobytes())
        for values in (controls.duration * 1e15, controls.qubit, controls.coupling, controls.mode, controls.load):
            key.update(np.round(values).tobytes())
        if key.hexdigest() not in self._windows:
            space = mode_space(occupations, self.rates, self.device.line.offsets, float(controls.duration.sum()))
            self._windows[key.hexdigest()] = HotWindow(
                rates=self.rates,
                controls=controls,
                modes=space,
                initial=occupations,
                read=read,
                coarse_modes=smaller(space),
                levels=LEVELS,
                accuracy=Accuracy(lane=LANE),
            )
        return self._windows[key.hexdigest()]

    def relaxation(self, qubit: int, duration: float) -> State:
        """The map of a qubit left alone for `duration` (s) in its own frame, shape (levels**2, levels**2)."""
        key = (qubit, round(duration * 1e15))
        if key not in self._idle:
            self._idle[key] = idle_map(self.rates, qubit, LEVELS, duration, 0.0).reshape(LEVELS**2, LEVELS**2)
        return self._idle[key]

    def drive(self, qubit: int, wave: Played, detuning: Trace, rest: float) -> State:
        """The map of one microwave pulse. detuning: Of the qubit on each sample (rad/s). rest: Its frequency (Hz)."""
        offset = TWO_PI * (wave.oscillator + wave.frequency - rest)
        amplitude = np.asarray(np.pi * self.truth.drives[qubit].rabi_rate * np.conj(wave.envelope), complex)
        key = sha256(repr((qubit, round(offset, 3), wave.sample_rate)).encode())
        key.update(np.round(wave.envelope, 9).tobytes() + np.round(detuning).tobytes())
        if key.hexdigest() not in self._drives:
            self._drives[key.hexdigest()] = drive_map(
                self.rates,
                qubit,
                LEVELS,
                duration=np.full(len(wave.envelope), 1 / wave.sample_rate),
                amplitude=amplitude,
                detuning=detuning,
                offset=offset,
            )
        begin = TWO_PI * (wave.oscillator - rest) * wave.start + wave.phase
        return turned(self._drives[key.hexdigest()], LEVELS, begin)

    def _find_controls(self, volts: Mapping[str, float], duration: Trace, fractions: Mapping[str, Trace]) -> Controls:
        truth, silence = self.truth, np.zeros_like(duration)

        def at(line: str) -> tuple[float, Trace]:
            return volts.get(line, 0.0), fractions.get(line, silence)

        qubit = [line.flux(*at(f"flux {index}")) for index, line in enumerate(truth.qubit_flux)]
        coupler = [line.flux(*at(f"coupler {index}")) for index, line in enumerate(truth.coupler_flux)]
        load = truth.load_flux.flux(*at("load"))
        return self.device.controls(duration, np.stack(qubit, axis=1), np.stack(coupler, axis=1), load)
