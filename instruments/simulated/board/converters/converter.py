"""Converters: where beside its own frequency a sampled tone sounds, and which of that a sampled input hears.

A converter that takes fs samples a second plays a tone of signed frequency f at every F = f + k fs. How loud, and with
which sign, is the spectrum of what it makes of one sample, x = F / fs: in normal mode, where it holds the sample,
sin(pi x) / (pi x); in mix mode, where it inverts it after half the time, sin^2(pi x / 2) / (pi x / 2). Source: Xilinx
PG269, "RF-DAC Nyquist Zone Operation". The half sample by which both come late is part of a converter's constant delay.
A converter at the input cannot tell a frequency from its sum with a multiple of its own rate.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor, inf, pi, sin


@dataclass(frozen=True, kw_only=True)
class Sampled:
    """A tone at a converter's output, in any one unit. rate: Of its samples; inf: it has no images.

    frequency: Signed, in the Nyquist zone that was chosen. zone: 1 for normal mode, 2 for mix mode.
    """

    frequency: float
    rate: float = inf
    zone: int = 1


@dataclass(frozen=True, kw_only=True)
class Ear:
    """A demodulated input. frequency: Of its local oscillator. rate: Of the converter's samples; inf: it folds nothing.

    band: Largest difference from the local oscillator that is heard. duration: Over which it sums.
    """

    frequency: float
    band: float
    duration: float
    rate: float = inf


@dataclass(frozen=True, kw_only=True)
class Image:
    """A tone as an input hears it.

    shift: Of its frequency by the output. weight: Relative to the tone in the zone that was chosen, signed. sign: -1 if
    it is heard as its mirror image. fold: What the input adds to its local oscillator. beat: What is left of both.
    """

    shift: float
    weight: float
    sign: int
    fold: float
    beat: float


@lru_cache(maxsize=4096)
def heard(tone: Sampled, ear: Ear, bandwidth: float) -> Image | None:
    """The image of a tone, up to `bandwidth`, that adds most to the input's sum; None if it hears none."""
    found = [image for image in _images(tone, ear, bandwidth) if abs(image.beat) <= ear.band]
    return max(found, key=lambda image: abs(image.weight) / max(1.0, pi * abs(image.beat) * ear.duration), default=None)


def response(frequency: float, rate: float, zone: int) -> float:
    """Spectrum of one sample at a signed frequency, its middle at time zero; in mix mode without the factor i."""
    x = pi * frequency / rate
    if x == 0:
        return float(zone == 1)
    return sin(x) / x if zone == 1 else sin(x / 2) ** 2 / (x / 2)


def _images(tone: Sampled, ear: Ear, bandwidth: float) -> Iterator[Image]:
    """The tone itself, then its other images, as the input folds them."""
    yield _folded(tone.frequency, 0.0, 1.0, ear)
    if tone.rate == inf:
        return
    own = response(tone.frequency, tone.rate, tone.zone)
    first, last = (-bandwidth - tone.frequency) / tone.rate, (bandwidth - tone.frequency) / tone.rate
    for k in range(ceil(first), floor(last) + 1):
        frequency = tone.frequency + k * tone.rate
        loud = response(frequency, tone.rate, tone.zone)
        if k and loud:
            yield _folded(frequency, k * tone.rate, loud / own, ear)


def _folded(frequency: float, shift: float, weight: float, ear: Ear) -> Image:
    """An image as it is heard, straight or mirrored, whichever is nearer to the local oscillator."""
    (straight, fold), (mirrored, other) = _away(frequency, ear), _away(-frequency, ear)
    if abs(straight) <= abs(mirrored):
        return Image(shift=shift, weight=weight, sign=1, fold=fold, beat=straight)
    return Image(shift=shift, weight=weight, sign=-1, fold=other, beat=mirrored)


def _away(frequency: float, ear: Ear) -> tuple[float, float]:
    """From the local oscillator, and what the input adds to that meanwhile."""
    away = frequency - ear.frequency
    fold = 0.0 if ear.rate == inf else round(away / ear.rate) * ear.rate
    return away - fold, fold
