from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldlink.sequences import Sequence, Sweep
from coldlink.sequences.channel import Channel
from coldlink.sequences.errors import SequenceError, TimingError
from coldlink.sequences.schedule import Schedule, schedule
from coldlink.sequences.target import TOLERANCE
from coldlink.sequences.units import ns, ps

from .random_sequences import LENGTHS, TIMES, sequences
from .small import COUPLER, DRIVE_A, DRIVE_B, FLUX, LOAD, PI, READ_A, SHORT_TONE, TARGET, TICK, flat

COMMON = 28 * TICK


def placed(sequence: Sequence) -> Schedule:
    return schedule(sequence.elements, TARGET)


def starts(sequence: Sequence, channel: Channel) -> list[float]:
    return [entry.start for entry in placed(sequence).entries if entry.element.channel == channel]


@given(sequence=sequences())
def test_pulses_of_a_channel_never_overlap_and_keep_the_order_of_the_code(sequence: Sequence) -> None:
    found = placed(sequence)
    for channel in sequence.channels:
        mine = [entry for entry in found.entries if entry.element.channel == channel]
        for earlier, later in pairwise(mine):
            assert later.start >= earlier.end - TOLERANCE


@given(sequence=sequences())
def test_all_but_flux_starts_on_the_processors_clock(sequence: Sequence) -> None:
    for entry in placed(sequence).entries:
        assert entry.start >= 0
        if not entry.element.channel.is_flux:
            assert abs(entry.start - TARGET.clock.ticks(entry.start, "x") * TICK) < TOLERANCE


@given(sequence=sequences())
def test_the_reference_is_on_the_common_clock_and_waits_are_shorter_than_a_tick(sequence: Sequence) -> None:
    found = placed(sequence)
    assert found.reference == pytest.approx(round(found.reference / COMMON) * COMMON, abs=1 * ps)
    assert all(-TOLERANCE <= slack < TICK for slack in found.slack.values())


@given(sequence=sequences(max_size=8), preparation=st.integers(3, 90))
def test_what_is_before_the_first_flux_pulse_moves_as_a_block(sequence: Sequence, preparation: int) -> None:
    drive = Sequence().delay(DRIVE_A, preparation * TICK).play(DRIVE_A, PI).then(sequence)
    flux = drive.align().play(LOAD, flat(20 * ns))
    late = [entry.start for entry in placed(flux).entries][: len(placed(drive).entries)]
    early = [entry.start for entry in placed(drive).entries]
    shifts = {round((b - a) / ps) for a, b in zip(early, late, strict=True)}
    assert max(shifts) - min(shifts) <= 1


def test_a_preparation_ends_where_the_hot_window_begins() -> None:
    sequence = Sequence().play(DRIVE_A, PI).align(DRIVE_A, LOAD).play(LOAD, flat(20 * ns))
    (drive,), (load,) = starts(sequence, DRIVE_A), starts(sequence, LOAD)
    assert load == pytest.approx(COMMON)
    assert load - drive == pytest.approx(PI.duration)
    assert placed(sequence).reference == pytest.approx(COMMON)


@given(time=TIMES)
def test_a_flux_pulse_off_the_clock_leaves_the_preparation_on_it(time: float) -> None:
    sequence = Sequence().play(DRIVE_A, PI).delay(LOAD, time).play(LOAD, flat(20 * ns))
    (drive,), (load,) = starts(sequence, DRIVE_A), starts(sequence, LOAD)
    assert load - drive == pytest.approx(time, abs=1e-3 * ps)
    assert TARGET.clock.ticks(drive, "a.drive") >= 0
    assert -TOLERANCE <= load - placed(sequence).reference < TICK


def test_a_line_first_used_after_the_first_flux_pulse_begins_with_the_others() -> None:
    prepared = Sequence().play(DRIVE_A, PI).align(DRIVE_A, LOAD).play(LOAD, flat(20 * ns))
    sequence = prepared.play(DRIVE_B, PI)
    assert starts(sequence, DRIVE_B) == pytest.approx(starts(sequence, DRIVE_A))


@given(delay=TIMES, length=LENGTHS)
def test_delays_on_flux_lines_are_exact(delay: float, length: float) -> None:
    sequence = Sequence().play(FLUX, flat(length)).delay(FLUX, delay).play(FLUX, flat(length))
    first, second = starts(sequence, FLUX)
    assert second - first == pytest.approx(length + delay, abs=1e-3 * ps)


def test_a_drive_that_follows_flux_waits_for_its_clock_and_the_wait_is_reported() -> None:
    sequence = Sequence().play(LOAD, flat(21 * ns)).align(LOAD, DRIVE_A).play(DRIVE_A, PI)
    assert starts(sequence, DRIVE_A) == pytest.approx([10 * TICK])
    assert placed(sequence).slack["a.drive"] == pytest.approx(10 * TICK - 21 * ns)


def test_an_alignment_without_channels_takes_all_that_the_point_uses() -> None:
    sequence = Sequence().play(LOAD, flat(30 * ns)).align().play(COUPLER, flat(10 * ns)).play(DRIVE_A, PI)
    assert starts(sequence, COUPLER) == pytest.approx([30 * ns])
    assert starts(sequence, DRIVE_A) == pytest.approx([13 * TICK])


def test_a_second_readout_waits_for_the_clock_after_the_first() -> None:
    sequence = Sequence().acquire(READ_A, SHORT_TONE).acquire(READ_A, SHORT_TONE)
    first, second = starts(sequence, READ_A)
    assert second - first == pytest.approx(112 * TICK)


def test_the_frame_of_a_drive_turns_only_what_comes_later() -> None:
    sequence = Sequence().play(DRIVE_A, PI).shift_phase(DRIVE_A, 0.3).shift_phase(DRIVE_A, 0.4).play(DRIVE_A, PI)
    assert [entry.frame for entry in placed(sequence).entries] == pytest.approx([0.0, 0.7])


def test_a_drive_of_a_length_off_the_clock_is_refused() -> None:
    with pytest.raises(TimingError, match=r"41 ns on a.drive .* the nearest is 41.853 ns"):
        placed(Sequence().delay(DRIVE_A, 41 * ns))


def test_a_negative_time_is_refused() -> None:
    for channel in (FLUX, DRIVE_A):
        with pytest.raises(SequenceError, match=f"-10 ns on {channel.name} is negative"):
            placed(Sequence().delay(channel, -10 * ns))
    with pytest.raises(SequenceError, match=r"-20 ns on a.flux is negative"):
        placed(Sequence().play(FLUX, flat(-20 * ns)))


def test_sweeps_and_choices_must_be_expanded_first() -> None:
    with pytest.raises(SequenceError, match="sweep hold stands where one number is needed"):
        placed(Sequence().delay(FLUX, Sweep("hold", (1 * ns,))))
    with pytest.raises(SequenceError, match="Choose must be expanded before it is scheduled"):
        placed(Sequence().choose("x", {"one": Sequence()}))
