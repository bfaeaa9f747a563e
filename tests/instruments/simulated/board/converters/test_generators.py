"""What a generator's wave becomes at its converter."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldlink.instruments.simulated.board.converters.clock import edge, per_tick
from coldlink.instruments.simulated.board.converters.generators import (
    DDS,
    FULL_RANGE,
    INPUT,
    PRODUCT,
    Generator,
    MultiplexedGenerator,
    Tone,
    generator,
)
from coldlink.instruments.simulated.board.converters.signal_gen import CoreWave, samples
from coldlink.instruments.simulated.board.repetitions.patterns import played
from coldlink.sequences.errors import BoardError

from ..programs import CONFIG, DRIVE, FLUX, OTHER_DRIVE, TONES

F_TIME = float(CONFIG["tprocs"][0]["f_time"])
STEADY_ZERO = 8
RESET = 16


def unit(index: int) -> Generator:
    model = MultiplexedGenerator if index == TONES else Generator
    return model(index, CONFIG["gens"][index], F_TIME)


def wave(**fields: int) -> dict[str, int]:
    return {"freq": 0, "phase": 0, "env": 0, "gain": 32766, "length": 10, "conf": DDS | STEADY_ZERO} | fields


def total(tone: Tone) -> float:
    """Frequency that leaves (MHz)."""
    return float(tone.oscillator + tone.frequency) * F_TIME


def word(frequency: float, index: int) -> int:
    """Of the DDS for a frequency in MHz."""
    return round(frequency / CONFIG["gens"][index]["f_dds"] * 2**32) % 2**32


@pytest.mark.parametrize("source", [PRODUCT, DDS, INPUT])
@given(
    freq=st.integers(0, 2**32 - 1),
    phase=st.integers(0, 2**32 - 1),
    gain=st.integers(-32766, 32766),
    start=st.integers(0, 10**6),
    reset=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_what_is_played_is_what_the_core_puts_out(
    source: int, freq: int, phase: int, gain: int, start: int, reset: bool, seed: int
) -> None:
    fast = unit(FLUX)
    memory = np.random.default_rng(seed).integers(-20000, 20000, (512, 2)).astype(np.int16)
    fast.load(memory, 0)
    fields = wave(freq=freq, phase=phase, env=2, gain=gain & 0xFFFFFFFF, length=5)
    fields["conf"] = source | STEADY_ZERO | RESET * reset
    (tone,) = fast.tones(fields, start)
    advance = 0 if tone.reset else tone.word * tone.sample
    sound = played(tone, float(Fraction(advance, 2**32) % 1 + tone.phase), fast, 0, F_TIME)
    core = CoreWave(push=start - 29, freq=freq, phase=phase, address=2, gain=gain, length=5, conf=fields["conf"])
    expected, _ = samples([core], memory, first=start, last=start + 4, origin=0)
    time = np.arange(80) / (CONFIG["gens"][FLUX]["fs"] * 1e6)
    held = sound.envelope[(time * sound.sample_rate + 1e-6).astype(int)]
    output = (held * np.exp(1j * (2 * np.pi * sound.frequency * time + sound.phase))).real
    # 16 bits of the envelope, twice shifted, against maxv as full scale.
    assert output * 32766 == pytest.approx(expected.ravel(), abs=8)


def test_a_baseband_envelope_leaves_at_zero_frequency() -> None:
    (tone,) = _loaded(FLUX).tones(wave(conf=INPUT | STEADY_ZERO, freq=12345, phase=99), 0)
    assert (tone.oscillator, tone.frequency, tone.phase, tone.word) == (0, 0, 0, 0)
    assert tone.envelope.shape == (160,)
    assert tone.held == Fraction(1, 16)


def _loaded(index: int) -> Generator:
    found = unit(index)
    found.load(np.full((1024, 2), 1000, np.int16), 0)
    return found


@pytest.mark.parametrize(("zone", "asked", "leaves"), [(1, 3000, 3000), (1, 6000, -3584.64), (2, 6000, 6000)])
def test_a_fast_generator_leaves_in_the_zone_that_is_chosen(zone: int, asked: float, leaves: float) -> None:
    fast = unit(FLUX)
    fast.set_zone(zone)
    (tone,) = fast.tones(wave(freq=word(asked, FLUX)), 0)
    assert total(tone) == pytest.approx(leaves, abs=1e-5)


@pytest.mark.parametrize("source", [PRODUCT, DDS, INPUT])
@given(
    freq=st.integers(0, 2**32 - 1),
    phase=st.integers(0, 2**32 - 1),
    gain=st.integers(-32766, 32766),
    start=st.integers(0, 10**6),
    length=st.integers(3, 9),
    reset=st.booleans(),
)
def test_what_is_held_is_what_the_core_holds(
    source: int, freq: int, phase: int, gain: int, start: int, length: int, reset: bool
) -> None:
    fast = unit(FLUX)
    memory = np.random.default_rng(freq).integers(-20000, 20000, (512, 2)).astype(np.int16)
    fast.load(memory, 0)
    conf = source | RESET * reset
    held = fast.held(wave(freq=freq, phase=phase, env=2, gain=gain & 0xFFFFFFFF, length=length, conf=conf), start)
    turns = Fraction(held.word * held.sample, 2**32) % 1 + held.phase
    sound = played(held.until(start + length + 3), float(turns), fast, 0, F_TIME)
    core = CoreWave(push=start - 29, freq=freq, phase=phase, address=2, gain=gain, length=length, conf=conf)
    expected, _ = samples([core], memory, first=start, last=start + length + 2, origin=0)
    assert (sound.oscillator, sound.frequency) == (0, 0)
    assert sound.duration == pytest.approx(3 / 599.04e6)
    output = (sound.envelope[0] * np.exp(1j * sound.phase)).real
    assert np.full(48, output * CONFIG["gens"][FLUX]["maxv"]) == pytest.approx(expected[length:].ravel(), abs=3)


def test_a_mixer_turns_what_is_held_and_a_silent_or_a_periodic_wave_holds_nothing() -> None:
    drive = _loaded(DRIVE)
    drive.mixer = 1000.0
    held = drive.held(wave(freq=word(50.0, DRIVE), conf=DDS), 0)
    assert total(held) == pytest.approx(1000.0, abs=1e-5)
    assert float(held.frequency) == 0
    assert [drive.holds(wave(conf=conf)) for conf in (DDS, DDS | STEADY_ZERO, DDS | 4, 3)] == [
        True,
        False,
        False,
        False,
    ]
    assert not unit(TONES).holds(wave(conf=1))


@pytest.mark.parametrize(
    ("zone", "mixer", "offset", "leaves"),
    [(1, 1000.0, 20.0, 1020.0), (2, -4800.0, 20.0, 4820.0), (2, -4800.0, -50.0, 4750.0), (2, 2000.0, 10.0, -4871.28)],
)
def test_the_mixer_is_reported_at_the_frequency_that_leaves(
    zone: int, mixer: float, offset: float, leaves: float
) -> None:
    drive = _loaded(DRIVE)
    drive.set_zone(zone)
    drive.mixer = mixer
    (tone,) = drive.tones(wave(freq=word(offset, DRIVE)), 0)
    assert total(tone) == pytest.approx(leaves, abs=1e-5)
    assert float(tone.frequency) * F_TIME == pytest.approx(offset, abs=1e-5)


def test_interpolated_envelopes_are_held_for_a_fabric_cycle() -> None:
    drive = _loaded(OTHER_DRIVE)
    (tone,) = drive.tones(wave(conf=PRODUCT | STEADY_ZERO), 3)
    sound = played(tone, 0.0, drive, 0, F_TIME)
    assert sound.sample_rate == pytest.approx(430.08e6)
    assert sound.envelope == pytest.approx(np.full(10, 0.5 * 1000 * (1 + 1j) / 32766), rel=1e-9)
    assert sound.start == pytest.approx(3 / 430.08e6)


def test_a_mask_opens_the_tones_that_are_configured() -> None:
    mux = unit(TONES)
    assert isinstance(mux, MultiplexedGenerator)
    mux.set_zone(2)
    mux.mixer = -6400.0
    mux.settings = [
        {"freq_int": word(f, TONES), "gain_int": 3276 * n, "phase_int": n << 28} for n, f in enumerate((-50, 0, 50))
    ]
    tones = mux.tones(wave(conf=0b101, gain=0, length=100000), 0)
    assert [round(total(tone)) for tone in tones] == [6350, 6450]
    assert [tone.phase for tone in tones] == [0, Fraction(1, 8)]
    assert abs(tones[1].envelope[0]) == pytest.approx(0.2, rel=1e-3)
    with pytest.raises(BoardError, match="mask 0b1000 with 3 tones"):
        mux.tones(wave(conf=0b1000), 0)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"length": 2}, "2 fabric cycles .* is shorter than 3"),
        ({"conf": PRODUCT | STEADY_ZERO, "env": 60}, "samples 960 .. 1119, of which not all were loaded"),
        ({"conf": PRODUCT | STEADY_ZERO, "env": 4095}, "not all were loaded"),
    ],
)
def test_a_wave_that_the_board_would_spoil_is_refused(fields: dict[str, Any], why: str) -> None:
    with pytest.raises(BoardError, match=why):
        _loaded(FLUX).tones(wave(**fields), 0)


def test_registers_take_16_bits_of_gain_and_length_and_a_mask_takes_all() -> None:
    fast, mux = unit(FLUX), unit(TONES)
    (tone,) = fast.tones(fast.taken(wave(gain=49149, length=65546)), 0)
    assert (tone.envelope[0].real * CONFIG["gens"][FLUX]["maxv"], tone.cycles) == (pytest.approx(-16387), 10)
    assert mux.taken(wave(length=65546))["length"] == 65546


def test_a_periodic_wave_goes_on_to_the_end_of_a_period() -> None:
    (tone,) = unit(FLUX).tones(wave(conf=DDS | STEADY_ZERO | 4), 100)
    assert tone.periodic
    assert (tone.until(100).cycles, tone.until(111).cycles) == (10, 20)
    (shaped,) = _loaded(FLUX).tones(wave(conf=INPUT | 4), 100)
    assert shaped.until(125).envelope == pytest.approx(np.tile(shaped.envelope, 3))


@pytest.mark.parametrize("kind", ["axis_signal_gen_v4", "axis_signal_gen_v5", "axis_sg_int4_v1"])
def test_older_generators_play_the_frequency_of_their_own_register_width(kind: str) -> None:
    bits = 16 if kind == "axis_sg_int4_v1" else 32
    index = DRIVE if bits == 16 else FLUX
    config = {**CONFIG["gens"][index], "type": kind, "b_dds": bits, "b_phase": bits}
    older = generator(index, config, F_TIME)
    assert older is not None
    fields = wave(freq=round(100 / config["f_dds"] * 2**bits), phase=2 ** (bits - 2))
    (tone,) = older.tones(fields, 0)
    assert float(tone.frequency) * F_TIME == pytest.approx(100, abs=config["f_dds"] / 2**bits)
    assert tone.phase == Fraction(1, 4)


@pytest.mark.parametrize(
    ("kind", "count", "bits", "mixer"),
    [
        ("axis_sg_mux4_v1", 4, 16, True),
        ("axis_sg_mux4_v2", 4, 32, True),
        ("axis_sg_mux4_v3", 4, 32, False),
        ("axis_sg_mux8_v1", 8, 32, False),
    ],
)
def test_every_multiplexed_generator_opens_its_own_tones(kind: str, count: int, bits: int, mixer: bool) -> None:
    config = {**CONFIG["gens"][TONES], "type": kind, "b_dds": bits, "n_tones": count, "has_mixer": mixer}
    mux = generator(TONES, config, F_TIME)
    assert isinstance(mux, MultiplexedGenerator)
    mux.settings = [{"freq_int": round(10 * n / config["f_dds"] * 2**bits)} for n in range(count)]
    tones = mux.tones(wave(conf=1 << 8 | (1 << count) - 1, gain=0), 0)
    expected = [10 * n for n in range(count)]
    assert [total(tone) for tone in tones] == pytest.approx(expected, abs=config["f_dds"] / 2**bits)
    assert [abs(tone.envelope[0]) for tone in tones] == [1.0] * count


def test_the_full_range_of_a_mixer_is_louder() -> None:
    drive = _loaded(DRIVE)
    quiet = abs(drive.tones(wave(), 0)[0].envelope[0])
    drive.range = FULL_RANGE
    assert abs(drive.tones(wave(), 0)[0].envelope[0]) == pytest.approx(quiet / 0.7)


def test_a_real_memory_refuses_a_complex_envelope() -> None:
    fast = generator(FLUX, {**CONFIG["gens"][FLUX], "complex_env": False}, F_TIME)
    assert fast is not None
    with pytest.raises(BoardError, match="real envelopes only"):
        fast.load(np.ones((16, 2), np.int16), 0)


def test_a_silent_wave_may_hold_its_last_value() -> None:
    (tone,) = unit(DRIVE).tones(wave(gain=0, conf=0, length=3), 0)
    assert not tone.envelope.any()


def test_an_envelope_beyond_the_memory_is_refused() -> None:
    small = unit(DRIVE)
    with pytest.raises(BoardError, match=f"do not fit into the {len(small.memory)}"):
        small.load(np.zeros((32, 2), np.int16), len(small.memory) - 16)


@given(tick=st.integers(0, 2**47))
def test_edges_repeat_exactly_after_28_ticks(tick: int) -> None:
    ratio = per_tick(599.04, 430.08)
    assert ratio == Fraction(39, 28)
    assert edge(tick + 28, ratio) == edge(tick, ratio) + 39
    assert 0 <= edge(tick, ratio) - tick * ratio < 1


def test_clocks_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(BoardError, match=r"599\.04123\d MHz is no small fraction"):
        per_tick(599.0412345, 430.08)
