"""Waveforms, windows and repetitions by hand, for the tests of the plant; generators and readouts as in sim_4k."""

from dataclasses import replace

import numpy as np

from coldlink.instruments.simulated.board import Played, Repetition, Window
from coldlink.instruments.simulated.plant import LinkPlant
from coldlink.physics import Network

from ...one_mode import one_mode

COUPLER, FLUX, LOAD, DRIVE, TONES = (0, 1), (2, 3), 5, (6, 7), 4
READOUT = (2, 3)
FAST, SLOW = 9584.64e6, 430.08e6
"""Sampling of a full-speed and of an interpolated generator (Hz)."""
MIXER = 5.1e9
IDLE = (5.11e9, 5.105e9)
PERIOD = 160e-6
TWO_PI = 2 * np.pi


def plant(change=lambda held: held) -> LinkPlant:
    """sim_4k with one mode, biased as designed."""
    return one_mode(change=change).plant


def of_qubits(**changes):
    """A change of the truth: other values in both qubits."""

    def change(held):
        qubits = tuple(replace(qubit, **changes) for qubit in held.network.links[0].qubits)
        return replace(held, network=Network.of(replace(held.network.links[0], qubits=qubits)))

    return change


def wave(generator: int, start: float, envelope, rate: float = FAST) -> Played:
    """A baseband waveform."""
    samples = np.asarray(envelope, complex)
    return Played(
        generator=generator, start=start, sample_rate=rate, envelope=samples, oscillator=0.0, frequency=0.0, phase=0.0
    )


def square(generator: int, start: float, duration: float, height: float) -> Played:
    return wave(generator, start, np.full(round(duration * FAST), height))


def drive(
    qubit: int, start: float, angle: float, *, duration: float = 20e-9, detuning: float = 0.0, phase: float = 0.0
):
    """A square pulse that turns by `angle` (rad); its phase is that of the whole carrier at the origin (rad)."""
    count = round(duration * SLOW)
    rabi_rate = 100e6
    offset = IDLE[qubit] + detuning - MIXER
    return Played(
        generator=DRIVE[qubit],
        start=start,
        sample_rate=SLOW,
        envelope=np.full(count, angle / (TWO_PI * rabi_rate * count / SLOW), complex),
        oscillator=MIXER,
        frequency=offset,
        phase=phase + TWO_PI * offset * start,
    )


def read(qubit: int, start: float, length: float = 4.14e-6) -> Window:
    """A window that hears what the qubit sends from `start` (s) on."""
    return Window(
        readout=READOUT[qubit],
        start=start + 93e-9,
        length=length,
        samples=round(length * 38.4e6),
        frequency=(6.35e9, 6.45e9)[qubit],
        phase=0.0,
    )


def tone(qubit: int, start: float, length: float) -> Played:
    """What a readout of the qubit sends."""
    return Played(
        generator=TONES,
        start=start,
        sample_rate=1 / length,
        envelope=np.array([0.1 + 0j]),
        oscillator=6.4e9,
        frequency=(-50e6, 50e6)[qubit],
        phase=0.0,
    )


def look(qubit: int, start: float, length: float) -> tuple[Played, Window]:
    """A readout with its tone."""
    return tone(qubit, start, length), read(qubit, start, length)


def repetition(*events: Played | Window, period: float = PERIOD) -> Repetition:
    played = sorted((event for event in events if isinstance(event, Played)), key=lambda event: event.start)
    windows = sorted((event for event in events if isinstance(event, Window)), key=lambda event: event.start)
    return Repetition(played=tuple(played), windows=tuple(windows), period=period)


def populations(on: LinkPlant, *events: Played | Window, period: float = PERIOD) -> list[np.ndarray]:
    return on.cycle(repetition(*events, period=period)).populations()
