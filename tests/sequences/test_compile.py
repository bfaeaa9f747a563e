import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldlink.sequences import Envelope, Port, Pulse, RaisedCosine, Sequence, Sweep, Target
from coldlink.sequences.compile import WINDOW_GAP
from coldlink.sequences.envelope import Samples
from coldlink.sequences.errors import SequenceError, TargetError, TimingError
from coldlink.sequences.program import PlayEvent, Program, ToneEvent, TriggerEvent
from coldlink.sequences.units import GHz, ns, us

from .random_sequences import LENGTHS, TIMES, sequences
from .small import (
    COUPLER,
    DRIVE_A,
    DRIVE_B,
    FLUX,
    LOAD,
    PI,
    READ_A,
    READ_B,
    TARGET,
    TICK,
    TONE,
    compiled,
    flat,
    plays,
    square,
)


def with_port(channel: str, **changes: object) -> Target:
    changed: Port = replace(TARGET.port(channel), **changes)  # type: ignore[arg-type]
    return replace(TARGET, ports={**TARGET.ports, channel: changed})


def samples(program: Program, event: PlayEvent) -> Samples:
    return program.waveforms[event.waveform].samples


def centre(program: Program, event: PlayEvent) -> float:
    """Centre of a waveform's area (s after the block's start)."""
    shape, rate = samples(program, event).real, program.target.port(event.channel).sample_rate
    time = event.start_ticks * TICK + (np.arange(len(shape)) + 0.5) / rate
    return float(np.sum(time * shape) / np.sum(shape))


@given(sequence=sequences())
def test_flux_waveforms_start_on_the_common_clock(sequence: Sequence) -> None:
    program = compiled(sequence)
    starts = [event.start_ticks for channel in (FLUX, COUPLER, LOAD) for event in plays(program, channel)]
    assert all(start % 28 == 0 for start in starts)


@given(sequence=sequences())
def test_a_generator_plays_one_waveform_after_the_other(sequence: Sequence) -> None:
    program = compiled(sequence)
    for channel in (FLUX, COUPLER, LOAD, DRIVE_A, DRIVE_B):
        rate = TARGET.port(channel.name).sample_rate
        for earlier, later in pairwise(plays(program, channel)):
            end = earlier.start_ticks * TICK + len(samples(program, earlier)) / rate
            assert later.start_ticks * TICK >= end - 1e-12


@given(sequence=sequences())
def test_a_block_lists_its_events_in_time_ends_after_them_and_rests(sequence: Sequence) -> None:
    (block,) = compiled(sequence, relaxation=3 * us).blocks
    starts = [event.start_ticks for event in block.events]
    assert starts == sorted(starts)
    assert block.length_ticks % 56 == 0
    assert 0 <= block.length_ticks - block.end_ticks - 3 * us / TICK < 57
    assert block.end_ticks >= max(starts, default=0)


@given(sequence=sequences())
def test_residuals_are_shorter_than_one_tick_of_the_clock_that_forced_them(sequence: Sequence) -> None:
    for channel, residual in compiled(sequence).residuals.items():
        tick = TARGET.readout(channel).clock.period if channel == READ_A.name else TICK
        assert -5e-12 <= residual < tick


@given(delay=TIMES, length=LENGTHS)
def test_delays_inside_envelopes_are_exact(delay: float, length: float) -> None:
    sequence = (
        Sequence().align(FLUX, COUPLER).play(FLUX, flat(length)).delay(COUPLER, delay).play(COUPLER, flat(length))
    )
    program = compiled(sequence)
    (first,), (second,) = plays(program, FLUX), plays(program, COUPLER)
    assert first.start_ticks == second.start_ticks
    # Samples are 104 ps apart, of a pulse with edges of 2 ns.
    assert centre(program, second) - centre(program, first) == pytest.approx(delay, abs=2e-12)


@given(pause=st.floats(0, 2 * WINDOW_GAP))
def test_flux_pulses_share_a_waveform_unless_a_long_pause_parts_them(pause: float) -> None:
    sequence = Sequence().play(FLUX, flat(20 * ns)).delay(FLUX, pause).play(FLUX, flat(20 * ns))
    program = compiled(sequence)
    events = plays(program, FLUX)
    assert len(events) == (1 if pause < WINDOW_GAP else 2)
    if len(events) == 1:
        (shape,) = (samples(program, event) for event in events)
        assert np.sum(shape.real) / TARGET.port("a.flux").sample_rate == pytest.approx(36 * ns, rel=1e-3)


def test_the_amplitude_is_the_gain_and_the_waveform_is_normalised() -> None:
    sequence = Sequence().play(FLUX, flat(20 * ns, amplitude=-0.4)).play(DRIVE_A, replace(PI, amplitude=-0.2))
    program = compiled(sequence)
    (flux,), (drive,) = plays(program, FLUX), plays(program, DRIVE_A)
    assert flux.gain == pytest.approx(0.4)
    assert samples(program, flux).real.min() == pytest.approx(-1.0)
    assert drive.gain == pytest.approx(-0.2)
    assert samples(program, drive).real.max() == pytest.approx(1.0, abs=0.01)


def test_pulses_of_one_shape_share_a_waveform_in_memory() -> None:
    sweep = Sweep("amplitude", tuple(np.linspace(0.05, 0.4, 8).tolist()))
    program = compiled(Sequence().play(DRIVE_A, replace(PI, amplitude=sweep)))
    assert len(program.blocks) == 8
    assert len(program.waveforms) == 1
    assert [plays(program, DRIVE_A, block=n)[0].gain for n in range(8)] == list(sweep.values)


def test_a_pulse_of_no_amplitude_or_no_duration_is_silence() -> None:
    sequence = (
        Sequence()
        .play(DRIVE_A, replace(PI, amplitude=0.0))
        .play(DRIVE_A, replace(PI, duration=0.0))
        .play(FLUX, flat(20 * ns, amplitude=0.0))
        .play(COUPLER, flat(0.0))
        .play(COUPLER, Pulse(duration=0.0, amplitude=0.1, envelope=RaisedCosine()))
    )
    (block,) = compiled(sequence).blocks
    assert block.events == ()
    assert block.end_ticks == 18 + 0


def test_the_phase_of_a_drive_is_its_own_and_its_frames() -> None:
    sequence = Sequence().shift_phase(DRIVE_A, 0.5).play(DRIVE_A, replace(PI, phase=0.25))
    (event,) = plays(compiled(sequence), DRIVE_A)
    assert event.phase == pytest.approx(0.75)
    assert event.frequency == 5.1 * GHz


def test_an_acquisition_is_a_tone_a_trigger_and_one_setting_of_the_chain() -> None:
    program = compiled(Sequence().acquire(READ_A, TONE))
    (block,) = program.blocks
    assert block.events == (
        ToneEvent(channel="a.readout", start_ticks=0, tone_ticks=430),
        TriggerEvent(channel="a.readout", start_ticks=20),
    )
    assert block.reads == ("a.readout",)
    acquisition = program.acquisitions["a.readout"]
    assert (acquisition.frequency, acquisition.amplitude) == (6.35 * GHz, 0.1)
    assert acquisition.window_ticks == 38


def test_a_window_that_waits_for_the_readouts_clock_is_reported() -> None:
    residual = compiled(Sequence().acquire(READ_A, TONE)).residuals["a.readout"]
    assert residual == pytest.approx(2 * 11.2 * TICK - 20 * TICK)


class Tall:
    """An envelope that reaches 1.5."""

    def __call__(self, time: np.ndarray, duration: float) -> Samples:
        return np.full(len(time), 1.5 + 0j)


TALL: Envelope = Tall()
NEGATIVE = replace(TONE, delay=-10 * TICK)

WRONG: dict[str, tuple[Sequence, type[SequenceError], str]] = {
    "duration off the clock": (
        Sequence().play(DRIVE_A, replace(PI, duration=41 * ns)),
        TimingError,
        r"41 ns on a.drive is not a multiple of the 2.325 ns clock; the nearest is 41.853 ns",
    ),
    "amplitude of a drive": (
        Sequence().play(DRIVE_A, replace(PI, amplitude=0.46)),
        TargetError,
        r"amplitude 0.46 on a.drive is outside \[-0.45, 0.45\] of the converter's range",
    ),
    "amplitude of flux": (
        Sequence().play(LOAD, flat(20 * ns, amplitude=-0.95)),
        TargetError,
        r"amplitude 0.95 on line.load is outside \[-0.9, 0.9\]",
    ),
    "amplitude that is no number": (
        Sequence().play(DRIVE_A, replace(PI, amplitude=math.nan)),
        SequenceError,
        "nan stands where a finite number is needed",
    ),
    "carrier": (
        Sequence().play(DRIVE_A, replace(PI, frequency=20 * GHz)),
        TargetError,
        r"carrier \(Hz\) 2e\+10 on a.drive is outside 4.8 to 5.4 GHz",
    ),
    "drive too short": (
        Sequence().play(DRIVE_A, replace(PI, duration=2 * TICK)),
        TargetError,
        r"waveform \(samples\) 2 on a.drive is outside 3 to 65535 cycles of 1 samples",
    ),
    "flux too short": (
        Sequence().play(FLUX, square(2 * ns)),
        TargetError,
        r"waveform \(samples\) 32 on a.flux is outside 3 to 65535 cycles of 16 samples",
    ),
    "envelope memory": (
        Sequence().play(DRIVE_A, replace(PI, duration=16385 * TICK)),
        TargetError,
        r"envelope memory \(samples\) 16385 on a.drive is outside \[0, 16384\]",
    ),
    "tall envelope": (
        Sequence().play(DRIVE_A, replace(PI, envelope=TALL)),
        SequenceError,
        "envelope on a.drive reaches 1.5",
    ),
    "tall envelope on flux": (
        Sequence().play(FLUX, replace(flat(20 * ns), envelope=TALL)),
        SequenceError,
        "envelope on a.flux reaches 1.5",
    ),
    "complex flux": (
        Sequence().play(FLUX, replace(flat(20 * ns), envelope=RaisedCosine(1 * ns))),
        SequenceError,
        "envelope on a.flux is complex",
    ),
    "channel without a cable": (
        Sequence().play(replace(DRIVE_A, name="c.drive"), PI),
        SequenceError,
        "c.drive is not cabled to small",
    ),
    "readout without a cable": (
        Sequence().acquire(replace(READ_A, name="c.readout"), TONE),
        SequenceError,
        "c.readout is not cabled to small",
    ),
    "tone frequency": (
        Sequence().acquire(READ_A, replace(TONE, frequency=7 * GHz)),
        TargetError,
        r"readout tone \(Hz\) 7e\+09 on a.readout is outside 6.2 to 6.7 GHz",
    ),
    "tone amplitude": (
        Sequence().acquire(READ_A, replace(TONE, amplitude=1.5)),
        TargetError,
        r"readout amplitude 1.5 on a.readout is outside \(0, 1\]",
    ),
    "tone too short": (
        Sequence().acquire(READ_A, replace(TONE, duration=2 * TICK)),
        TargetError,
        r"tone \(ticks\) 2 on a.readout is outside 3 to",
    ),
    "tone off the clock": (
        Sequence().acquire(READ_A, replace(TONE, duration=1 * us)),
        TimingError,
        r"1000 ns on a.readout is not a multiple of the 2.325 ns clock",
    ),
    "window off the clock": (
        Sequence().acquire(READ_A, replace(TONE, window=1.01 * us)),
        TimingError,
        r"1010 ns on a.readout is not a multiple of the 26.042 ns clock",
    ),
    "no window": (
        Sequence().acquire(READ_A, replace(TONE, window=0.0)),
        TargetError,
        r"window \(ticks\) 0 on a.readout is outside 1 to 65536 ticks of the readout",
    ),
    "window before its tone": (Sequence().acquire(READ_A, NEGATIVE), SequenceError, "opens 23.2515 ns before its tone"),
    "two settings of one readout": (
        Sequence().acquire(READ_A, TONE).acquire(READ_A, replace(TONE, amplitude=0.2)),
        SequenceError,
        "a.readout is read in two ways",
    ),
    "tones that overlap": (
        Sequence().acquire(READ_A, TONE).delay(READ_B, 100 * TICK).acquire(READ_B, TONE),
        SequenceError,
        "b.readout begins at 232.51 ns, but generator 4 plays for a.readout until 999.81 ns",
    ),
    "tones of two lengths": (
        Sequence().acquire(READ_A, TONE).acquire(READ_B, replace(TONE, duration=400 * TICK)),
        SequenceError,
        "b.readout begins at 0.00 ns, but generator 4 plays for a.readout",
    ),
}


@pytest.mark.parametrize(("sequence", "error", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_played_is_refused(sequence: Sequence, error: type[SequenceError], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        compiled(sequence)
    assert type(caught.value) is error


def test_a_waveform_longer_than_a_generator_counts_is_refused() -> None:
    sequence = Sequence().play(DRIVE_A, replace(PI, duration=65536 * TICK))
    with pytest.raises(TargetError, match=r"waveform \(samples\) 65536 on a.drive"):
        compiled(sequence, with_port("a.drive", memory=100_000))


def test_generators_shared_by_two_channels_are_not_given_two_waveforms_at_once() -> None:
    shared = with_port("b.drive", generator=6)
    sequence = Sequence().play(DRIVE_A, PI).play(DRIVE_B, PI)
    with pytest.raises(SequenceError, match=r"b.drive begins at 0.00 ns, but generator 6 plays for a.drive"):
        compiled(sequence, shared)
    compiled(Sequence().play(DRIVE_A, PI).align(DRIVE_A, DRIVE_B).play(DRIVE_B, PI), shared)


def test_tones_one_after_the_other_may_share_the_generator() -> None:
    sequence = Sequence().acquire(READ_A, TONE).align(READ_A, READ_B).acquire(READ_B, TONE)
    assert len(compiled(sequence).blocks[0].events) == 4


def test_different_shapes_share_the_envelope_memory() -> None:
    lengths = Sweep("duration", tuple(n * TICK for n in range(3000, 3008)), "s")
    with pytest.raises(TargetError, match=r"envelope memory \(samples\) 24028 on a.drive"):
        compiled(Sequence().play(DRIVE_A, replace(PI, duration=lengths)))


def test_more_events_than_the_program_memory_holds_are_refused_before_they_are_all_compiled() -> None:
    sweep = Sweep("amplitude", tuple(np.linspace(0.1, 0.4, 100_000).tolist()))
    with pytest.raises(TargetError, match=r"events up to here 33 on the processor is outside \[0, 32\]"):
        compiled(Sequence().play(DRIVE_A, replace(PI, amplitude=sweep)), replace(TARGET, events=32))


@pytest.mark.parametrize("relaxation", [-1 * us, math.nan])
def test_a_rest_is_finite_and_not_negative(relaxation: float) -> None:
    with pytest.raises(SequenceError, match=r"-1 us between shots is negative|nan stands where"):
        compiled(Sequence().play(DRIVE_A, PI), relaxation=relaxation)


def test_a_rest_beyond_the_processors_counters_is_refused() -> None:
    with pytest.raises(TargetError, match=r"block \(ticks\) 2.1504e\+09 on the processor .*; rest for less"):
        compiled(Sequence().play(DRIVE_A, PI), relaxation=5.0)
