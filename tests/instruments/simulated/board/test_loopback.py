"""Cables from generators to readouts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldlink.instruments.simulated.board.loopback import Cable, Loopback, demodulated
from coldlink.instruments.simulated.board.output import Played, Repetition, TracingPlant, Window

RATE = 300e6


def tone(**more: object) -> Played:
    settings = {
        "generator": 0,
        "start": 0.0,
        "sample_rate": 1e6,
        "envelope": np.array([0.5 + 0j]),
        "oscillator": 0.0,
        "frequency": 100e6,
        "phase": 0.0,
    }
    return Played(**(settings | more))  # type: ignore[arg-type]


def window(**more: object) -> Window:
    settings = {"readout": 0, "start": 0.0, "length": 600 / RATE, "samples": 600, "frequency": 100e6, "phase": 0.0}
    return Window(**(settings | more))  # type: ignore[arg-type]


def repetition(*played: Played, windows: tuple[Window, ...] = ()) -> Repetition:
    return Repetition(played=played, windows=windows or (window(),), period=1e-5)


def quiet(*cables: Cable) -> Loopback:
    return Loopback(np.random.default_rng(0), cables)


@given(delay=st.floats(0, 0.5e-6), start=st.floats(0, 0.4e-6))
def test_the_echo_holds_the_whole_wave_wherever_it_falls_on_the_grid(delay: float, start: float) -> None:
    heard = demodulated(tone(start=start), window(), delay)
    assert abs(heard).sum() / RATE == pytest.approx(0.5e-6, rel=1e-6)
    assert abs(heard).max() == pytest.approx(0.5)
    loud = np.flatnonzero(abs(heard) > 0.4999)
    assert loud[0] == pytest.approx((start + delay) * RATE, abs=1)
    assert np.ptp(np.angle(heard[loud] / heard[loud[0]])) < 1e-6


def test_a_tone_beside_the_local_oscillator_turns_at_their_difference() -> None:
    heard = demodulated(tone(frequency=101e6, envelope=np.array([1.0 + 0j]), sample_rate=1 / 3e-6), window(), 0.0)
    assert np.angle(heard[75] / heard[0]) == pytest.approx(np.pi / 2, abs=1e-6)


def test_a_mirrored_tone_is_heard_with_its_phase_turned_round() -> None:
    straight = demodulated(tone(phase=0.3), window(), 0.0)
    mirrored = demodulated(tone(phase=-0.3, frequency=-100e6), window(), 0.0)
    assert mirrored == pytest.approx(straight)


def test_a_tone_outside_the_decimated_bandwidth_is_not_heard() -> None:
    assert not demodulated(tone(frequency=100e6 + 0.51 * RATE), window(), 0.0).any()
    assert demodulated(tone(frequency=100e6 + 0.49 * RATE), window(), 0.0).any()


def test_cables_choose_who_hears_whom_with_their_own_gain() -> None:
    plant = quiet(
        Cable(generator=1, readout=0, delay=0.0, gain=100.0, noise=0.0),
        Cable(generator=2, readout=0, delay=0.0, gain=10.0, noise=0.0),
    )
    played = [tone(generator=n, envelope=np.array([1.0 + 0j]), sample_rate=1e5) for n in (0, 1, 2)]
    both = repetition(*played, windows=(window(), window(readout=1)))
    (heard, silent), *_ = plant.measure(both, 3)
    assert heard / 600 == pytest.approx(110)
    assert silent == 0


def test_noise_is_that_of_each_decimated_sample() -> None:
    plant = quiet(Cable(generator=0, readout=0, noise=3.0), Cable(generator=1, readout=0, noise=4.0))
    sums = plant.measure(repetition(), 20_000)[:, 0]
    assert (np.std(sums.real), np.std(sums.imag)) == pytest.approx((5 * np.sqrt(600),) * 2, rel=0.03)
    (samples,) = plant.traces(repetition(), (window(samples=20_000),))
    assert (np.std(samples.real), np.std(samples.imag)) == pytest.approx((5.0, 5.0), rel=0.03)


def test_without_cables_each_generator_reaches_the_readout_of_its_number() -> None:
    plant = Loopback(np.random.default_rng(0))
    assert isinstance(plant, TracingPlant)
    played = tone(generator=1, envelope=np.array([1.0 + 0j]), sample_rate=1e5)
    (first, second), *_ = plant.measure(repetition(played, windows=(window(), window(readout=1))), 1)
    assert abs(second) / 600 == pytest.approx(8000, rel=1e-2)
    assert abs(first) / 600 < 2
