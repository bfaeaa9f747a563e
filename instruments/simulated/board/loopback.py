"""Loop-back: cables from generators straight to readouts, the plant of a board without a cryostat."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from math import inf, isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....sequences.errors import BoardError
from .converters.converter import Ear, Sampled, heard
from .converters.wiring import Wiring
from .output import BOARD, Played, Repetition, Window

DELAY = 0.4e-6
"""Chosen so that the vendor's first tutorial, which listens from 0.2 to 0.7 us, hears its pulse; not measured (s)."""
GAIN = 10_000.0
NOISE = 5.0
BANDWIDTH = 10e9
"""Of the converters and cables: where the vendor's sweep of all zones ends; of no board in particular (Hz)."""

Trace = NDArray[np.complex128]


@dataclass(frozen=True, kw_only=True)
class Cable:
    """One way from a generator to a readout.

    generator, readout: Index in the soccfg. delay: From the processor's time of a wave to its echo (s). gain: Converter
    units of a decimated sample when the generator plays full scale. noise: Standard deviation of I and of Q in each
    decimated sample (converter units).
    """

    generator: int
    readout: int
    delay: float = DELAY
    gain: float = GAIN
    noise: float = NOISE

    def __post_init__(self) -> None:
        for name, value in (("delay", self.delay), ("noise", self.noise)):
            if not 0 <= value < inf:
                raise BoardError(f"a cable's {name} of {value:g} cannot be; give a finite number from 0 on")
        if not isfinite(self.gain):
            raise BoardError(f"a cable's gain of {self.gain:g} cannot be; give a finite number")


@dataclass(frozen=True)
class Loopback:
    """Each readout hears the generators that `cables` bring to it; None joins generator i to readout i.

    rng: Of the noise. bandwidth: Above it no image of a tone is heard (Hz). A tone is heard if it lies within the
    readout's decimated bandwidth; the shape of the vendor's filters is not modelled: a step of the wave is a step of
    the trace, shared by the two samples it falls between. In other Nyquist zones a tone is as loud as its converter
    makes it relative to the zone that was chosen, in which all frequencies are equally loud (see converter.py). Of its
    images that fall into one readout's band that one is heard which adds most to the sum; how they beat is not. How a
    real board's gain falls towards its bandwidth is not known: the converters have 6 GHz by their data sheet, baluns,
    amplifiers and filters less or more.
    """

    rng: np.random.Generator
    cables: tuple[Cable, ...] | None = None
    bandwidth: float = BANDWIDTH

    def __post_init__(self) -> None:
        if not isinstance(self.rng, np.random.Generator):
            raise BoardError(
                f"a Loopback draws its noise from a numpy Generator, not from {self.rng!r}; give default_rng()"
            )

    def check(self, boards: Sequence[Wiring]) -> None:
        """BoardError if a cable begins or ends at a channel that none of the boards, numbered BOARD apart, has."""
        for cable in self.cables or ():
            for kind, number in (("generator", cable.generator), ("readout", cable.readout)):
                board, index = divmod(number, BOARD)
                if board >= len(boards):
                    raise BoardError(f"a cable is joined to {kind} {number} of board {board}; there are {len(boards)}")
                _ = boards[board].generator(index) if kind == "generator" else boards[board].readout(index)

    def measure(self, repetition: Repetition, shots: int) -> Trace:
        """Accumulated I + iQ of each window, shape (shots, windows)."""
        means = np.array([self._echo(repetition, window).sum() for window in repetition.windows], np.complex128)
        spread = [self._noise(window) * np.sqrt(window.samples) for window in repetition.windows]
        return np.asarray(means + self._draw((shots, len(means))) * spread)

    def follow(self) -> AbstractContextManager["Loopback"]:
        """Begin a run; a cable remembers nothing."""
        return nullcontext(self)

    def remembers(self, repetition: Repetition) -> bool:
        """It does not."""
        return False

    def answer(self, repetition: Repetition, window: int) -> complex:
        """Accumulated I + iQ of one window of one shot."""
        return complex(self.measure(replace(repetition, windows=(repetition.windows[window],)), 1)[0, 0])

    def samples(self, repetition: Repetition, window: int) -> Trace:
        """Decimated I + iQ of one window of one shot, shape (samples,)."""
        (heard,) = self.traces(repetition, (repetition.windows[window],))
        return heard

    def close(self, repetition: Repetition) -> None:
        """The next repetition begins."""

    def traces(self, repetition: Repetition, windows: Iterable[Window]) -> list[Trace]:
        """Decimated I + iQ of one shot in each window, shape (samples,)."""
        return [
            self._echo(repetition, window) + self._noise(window) * self._draw((window.samples,)) for window in windows
        ]

    def _draw(self, shape: tuple[int, ...]) -> Trace:
        drawn = self.rng.standard_normal((*shape, 2))
        return np.asarray(drawn[..., 0] + 1j * drawn[..., 1])

    def _to(self, readout: int) -> Iterable[Cable]:
        if self.cables is None:
            return (Cable(generator=readout, readout=readout),)
        return (cable for cable in self.cables if cable.readout == readout)

    def _noise(self, window: Window) -> float:
        return float(np.sqrt(sum(cable.noise**2 for cable in self._to(window.readout))))

    def _echo(self, repetition: Repetition, window: Window) -> Trace:
        total = np.zeros(window.samples, np.complex128)
        for cable in self._to(window.readout):
            for wave in repetition.played:
                if wave.generator == cable.generator:
                    total += cable.gain * demodulated(wave, window, cable.delay, self.bandwidth)
        return total


def demodulated(wave: Played, window: Window, delay: float, bandwidth: float = 0.0) -> Trace:
    """A wave that arrives `delay` (s) later, against the window's local oscillator; shape (samples,), 1 full scale.

    bandwidth: Up to which an image of it is heard in its place (Hz). A mirrored image has its phase turned round.
    """
    step = window.length / window.samples
    tone = Sampled(frequency=wave.oscillator + wave.frequency, rate=wave.sampling, zone=wave.zone)
    ear = Ear(frequency=window.frequency, band=0.5 / step, duration=window.length, rate=window.sampling)
    image = heard(tone, ear, bandwidth)
    if image is None:
        return np.zeros(window.samples, np.complex128)
    edges = window.start + step * np.arange(window.samples + 1)
    held = image.weight * np.diff(integral(wave, edges - delay - wave.start)) / step
    middle = edges[:-1] + step / 2
    turns = wave.oscillator * (middle - delay) + (wave.frequency + image.shift) * (middle - delay - wave.start)
    phase = image.sign * (2 * np.pi * turns + wave.phase)
    local = 2 * np.pi * (window.frequency + image.fold) * (middle - window.start) + window.phase
    return np.asarray((held if image.sign > 0 else held.conj()) * np.exp(1j * (phase - local)))


def integral(wave: Played, time: NDArray[np.floating[Any]]) -> Trace:
    """Of the envelope, each value held, from the wave's start to `time` (s)."""
    if wave.envelope.size == 1:
        return np.asarray(np.clip(time, 0.0, wave.duration) * wave.envelope[0])
    sums = np.concatenate([[0.0], np.cumsum(wave.envelope)]) / wave.sample_rate
    ends = np.arange(sums.size) / wave.sample_rate
    return np.asarray(np.interp(time, ends, sums.real) + 1j * np.interp(time, ends, sums.imag))
