"""Plant: the cryostat behind the board's connectors; waveforms in, echoes out, truth inside.

It knows generators, readouts and DC sources by their index or output, never by what a pulse was called. Between two
readouts it follows the joint state of the qubits and the occupation of the line; both together while a coupler is on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from ...physics import NEGLIGIBLE_COUPLING, Accuracy, Controls, HotWindow, idle_map
from ...physics.device import TWO_PI
from ...sequences.errors import ModelError
from .board.output import Played, Repetition, Window
from .contact import Contact
from .cycle import LEVELS, Cycle
from .dispersive import echoes
from .fock_space import mode_space, smaller
from .qubit_drive import drive_map, turned
from .truth import Truth

LANE = 1e-4
"""Part of a state that a hot window need not follow: a tenth of what its populations are asked for."""

State = NDArray[np.complex128]
Trace = NDArray[np.float64]


@dataclass
class LinkPlant:
    """The physics of `truth`. rng: All of its randomness. biases: Volts at each DC source's output.

    error: Estimated largest error of any population so far.
    """

    truth: Truth
    rng: np.random.Generator
    biases: dict[str, float] = field(default_factory=dict)
    error: float = 0.0
    _windows: dict[str, HotWindow] = field(default_factory=dict)
    _controls: dict[str, Controls] = field(default_factory=dict)
    _drives: dict[str, State] = field(default_factory=dict)
    _idle: dict[tuple[int, int], State] = field(default_factory=dict)

    def set_bias(self, source: str, volts: float) -> None:
        """Set the output of a DC source (V); ModelError if no line hangs on it."""
        if source not in self.truth.sources:
            raise ModelError(f"bias {source}", volts, f"no line hangs on it; known are {sorted(self.truth.sources)}")
        self.biases[source] = volts

    def measure(self, repetition: Repetition, shots: int) -> State:
        """Accumulated echoes of each window, shape (shots, windows), in a repetition that has gone on for long."""
        cycle = self.cycle(repetition)
        tones = [wave for wave in repetition.played if self.truth.generators.get(wave.generator) == "tones"]
        result, column = np.empty((shots, len(repetition.windows)), complex), 0
        for trial, joint in zip(cycle.trials, cycle.populations(), strict=True):
            levels = self._draw(joint, shots)
            for window in trial.windows:
                qubit = self.truth.readouts[window.readout]
                result[:, column] = echoes(
                    levels[qubit],
                    rates=self.rates,
                    qubit=qubit,
                    resonator=self.truth.resonators[qubit],
                    window=window,
                    tones=[tone for tone in tones if _heard(tone, window)],
                    rng=self.rng,
                    count=LEVELS,
                )
                column += 1
        return result

    def cycle(self, repetition: Repetition) -> Cycle:
        """How the qubits and the line go through `repetition` with the biases as they are."""
        return Cycle(self, repetition, self._rest())

    def __post_init__(self) -> None:
        self.device = self.truth.device
        self.rates = self.device.rates()
        self.lines = {
            generator: line
            for generator, line in self.truth.generators.items()
            if line.startswith(("flux", "coupler", "load"))
        }

    def _draw(self, joint: Trace, shots: int) -> list[NDArray[np.int64]]:
        """Levels of each qubit in each shot. joint: Populations, shape (levels,) * Q."""
        edges = np.cumsum(np.clip(joint, 0, None).ravel())
        drawn = np.searchsorted(edges / edges[-1], self.rng.random(shots), side="right")
        return [np.asarray(axis) for axis in np.unravel_index(np.minimum(drawn, joint.size - 1), joint.shape)]

    def _rest(self) -> Controls:
        """Controls with all generators silent, one step."""
        rest = self.controls(np.ones(1), {})
        for qubit, g in enumerate(rest.coupling[0]):
            if abs(g) > NEGLIGIBLE_COUPLING:
                why = "a coupler that is on at rest is not followed; bias it to zero coupling"
                raise ModelError(f"resting g/2pi of qubit {qubit} (Hz)", float(g / TWO_PI), why)
        return rest

    def controls(self, duration: Trace, fractions: Mapping[str, Trace]) -> Controls:
        """What the biases and the fractions of full scale on each flux line make of the device."""
        zero = np.zeros_like(duration)
        volts = {line: self.biases.get(source, 0.0) for source, line in self.truth.sources.items()}
        qubits = range(len(self.device.qubits))
        truth = self.truth
        key = sha256(repr(sorted(volts.items())).encode() + np.round(duration * 1e15).tobytes())
        for line in sorted(fractions):
            key.update(line.encode() + np.round(fractions[line], 9).tobytes())
        if key.hexdigest() not in self._controls:
            flux = [
                truth.qubit_flux[q].flux(volts.get(f"flux {q}", 0.0), fractions.get(f"flux {q}", zero)) for q in qubits
            ]
            coupler = [
                truth.coupler_flux[q].flux(volts.get(f"coupler {q}", 0.0), fractions.get(f"coupler {q}", zero))
                for q in qubits
            ]
            load = truth.load_flux.flux(volts.get("load", 0.0), fractions.get("load", zero))
            self._controls[key.hexdigest()] = self.device.controls(
                duration, np.stack(flux, axis=1), np.stack(coupler, axis=1), load
            )
        return self._controls[key.hexdigest()]

    def window(self, contact: Contact, occupations: Trace, read: frozenset[int]) -> HotWindow:
        """The map of one hot window, kept for the next time that the same controls come."""
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


def _heard(tone: Played, window: Window) -> bool:
    return abs(tone.start - window.start) < window.length + tone.duration
