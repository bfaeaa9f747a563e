"""Images of a sampled tone: against samples that are really held, inverted and folded."""

from math import inf

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from coldlink.instruments.simulated.board.converters.converter import Ear, Sampled, heard
from coldlink.instruments.simulated.board.loopback import demodulated
from coldlink.instruments.simulated.board.output import Played, Window

SAMPLES, FINE = 200, 512
"""Of the converter in what is looked at, and points within each."""


def line(cycles: int, k: int, zone: int, phase: float) -> complex:
    """Amplitude at `cycles` + k SAMPLES periods of what a converter plays for a tone of `cycles` periods."""
    number = np.arange(SAMPLES)
    played = np.repeat(np.cos(2 * np.pi * cycles * number / SAMPLES + phase), FINE)
    if zone == 2:
        played *= np.tile(np.repeat([1, -1], FINE // 2), SAMPLES)
    time = (np.arange(played.size) + 0.5) / FINE - 0.5
    return complex((played * np.exp(-2j * np.pi * (cycles / SAMPLES + k) * time)).mean())


@given(cycles=st.integers(1, 99), k=st.integers(-3, 3), zone=st.sampled_from([1, 2]), phase=st.floats(0, 6))
def test_an_image_is_as_loud_as_the_samples_that_are_held_or_inverted_make_it(
    cycles: int, k: int, zone: int, phase: float
) -> None:
    own = 0 if zone == 1 else -1
    tone = Sampled(frequency=cycles + own * SAMPLES, rate=SAMPLES, zone=zone)
    frequency = cycles + k * SAMPLES
    image = heard(tone, Ear(frequency=abs(frequency), band=0.1, duration=1.0), 4 * SAMPLES)
    assert image is not None
    assert (image.shift, image.sign) == ((k - own) * SAMPLES, 1 if frequency > 0 else -1)
    expected = line(cycles, k, zone, phase) / line(cycles, own, zone, phase)
    assert image.weight == pytest.approx(expected, abs=2e-5)


@given(
    digital=st.floats(0.02, 0.48),
    k=st.integers(-1, 1),
    zone=st.sampled_from([1, 2]),
    phase=st.floats(-3, 3),
    start=st.integers(0, 200),
    delay=st.floats(0, 100),
)
def test_a_readout_hears_of_an_image_what_is_left_after_sampling_and_mixing_it(
    digital: float, k: int, zone: int, phase: float, start: int, delay: float
) -> None:
    # Times in samples of the player; sixteen samples of the input make a decimated one.
    own = digital - (zone == 2)
    frequency, rate = digital + k, 0.2564
    local = abs(frequency) % rate
    others = [
        sign * (digital + j) - local for j in range(-2, 3) for sign in (1, -1) if (j, sign * frequency > 0) != (k, True)
    ]
    assume(all(abs(away - rate * round(away / rate)) > 0.04 * rate for away in others))
    tone = Sampled(frequency=own, rate=1.0, zone=zone)
    image = heard(tone, Ear(frequency=local, band=0.03 * rate, duration=1e3, rate=rate), 2.0)
    assert image is not None and image.shift == pytest.approx(frequency - own)
    wave = Played(
        generator=0, start=float(start), sample_rate=1 / 5000, envelope=np.array([0.5 + 0j]),
        oscillator=0.0, frequency=own, phase=phase, sampling=1.0, zone=zone,
    )  # fmt: skip
    begin, count = 400 / rate, 32
    window = Window(
        readout=0, start=begin, length=16 * count / rate, samples=count, frequency=local, phase=0.3, sampling=rate
    )
    time = begin + np.arange(16 * count) / rate
    taken = image.weight * 0.5 * np.cos(2 * np.pi * frequency * (time - delay - start) + phase)
    mixed = 2 * taken * np.exp(-1j * (2 * np.pi * local * (time - begin) + 0.3))
    # Its mirror image, which the decimation filters out, turns more than twenty times meanwhile.
    assert demodulated(wave, window, delay, 2.0).mean() == pytest.approx(mixed.mean(), abs=0.01)


def test_a_tone_that_is_heard_directly_is_not_taken_for_its_image_nor_the_other_way_round() -> None:
    tone = Sampled(frequency=0.49, rate=1.0)

    def weight(local: float, duration: float) -> float:
        image = heard(tone, Ear(frequency=local, band=0.1, duration=duration), 2.0)
        return 0.0 if image is None else image.weight

    assert weight(0.49, 1e3) == 1.0
    assert weight(0.51, 1e3) == pytest.approx(0.49 / 0.51)
    # Too short to tell them apart: the louder one.
    assert weight(0.51, 1.0) == 1.0
    assert weight(0.7, 1e3) == 0.0


def test_without_a_rate_there_is_the_tone_alone() -> None:
    tone = Sampled(frequency=0.2)
    assert tone.rate == inf
    assert heard(tone, Ear(frequency=0.8, band=0.1, duration=1.0), 10.0) is None
    assert heard(Sampled(frequency=0.2, rate=1.0), Ear(frequency=0.8, band=0.1, duration=1.0), 0.5) is None
