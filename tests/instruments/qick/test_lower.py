"""Images of programs, read back from the twin of the board, which executes them instruction by instruction."""

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from coldlink.instruments.qick.image import image
from coldlink.instruments.qick.lower import TURNAROUND_TICKS, lower
from coldlink.instruments.simulated.board.processor.event import TRIG, WAVE
from coldlink.sequences import Program, Sequence, Sweep
from coldlink.sequences.errors import SequenceError, TargetError
from coldlink.sequences.program import PlayEvent, ToneEvent, TriggerEvent
from coldlink.sequences.protocols import bell_tomography, chsh, handshake, measure, process_tomography
from coldlink.sequences.units import MHz, ns, us

from .programs import (
    CONFIG,
    LINK,
    LOAD,
    TARGET,
    TICK,
    WIRING,
    A,
    B,
    closed,
    compiled,
    executed,
    lowered,
    repetition,
    scaled,
    turns_at,
)

HANDSHAKE = Sequence().play(A.drive, A.x180).then(handshake(LINK)).play(B.drive, B.x90).then(measure(A, B))
SETTLED = 4144
"""Tick at which the first block begins."""


def fired(program: Any, *kinds: int) -> list[Any]:
    """Events of one shot, in time order."""
    (events,) = executed(program).events()
    wanted = [event for event in events if event["kind"] in kinds]
    return sorted(wanted, key=lambda event: (event["asked"], event["port"]))


def port(event: PlayEvent | ToneEvent) -> int:
    chain = TARGET.port(event.channel) if isinstance(event, PlayEvent) else TARGET.readout(event.channel)
    return int(CONFIG["gens"][chain.generator]["tproc_ch"])


def starts(program: Program) -> list[int]:
    """Tick of each block."""
    lengths = [block.length_ticks for block in program.blocks]
    return [SETTLED + sum(lengths[:index]) for index in range(len(lengths))]


@pytest.mark.parametrize("sequence", [HANDSHAKE, chsh(LINK)], ids=["handshake", "chsh"])
def test_every_waveform_and_tone_leaves_its_port_at_its_tick(sequence: Sequence) -> None:
    program = compiled(sequence)
    expected = {
        (start + event.start_ticks, port(event))
        for start, block in zip(starts(program), program.blocks, strict=True)
        for event in block.events
        if not isinstance(event, TriggerEvent)
    }
    waves = fired(lower(program, CONFIG, WIRING, 1), WAVE)
    assert [(int(wave["asked"]), int(wave["port"])) for wave in waves] == sorted(expected)


def test_every_trigger_opens_its_window_at_its_tick() -> None:
    program = compiled(chsh(LINK))
    expected = [
        (start + event.start_ticks, CONFIG["readouts"][TARGET.readout(event.channel).readout]["trigger_port"])
        for start, block in zip(starts(program), program.blocks, strict=True)
        for event in block.events
        if isinstance(event, TriggerEvent)
    ]
    rising = [event for event in fired(lower(program, CONFIG, WIRING, 1), TRIG) if event["value"]]
    assert [(int(event["asked"]), int(event["port"])) for event in rising] == sorted(expected)


def test_the_words_of_a_wave_are_the_gain_frequency_length_and_mode_of_its_event() -> None:
    program = compiled(HANDSHAKE)
    waves = {(int(w["asked"]) - SETTLED, int(w["port"])): w for w in fired(lower(program, CONFIG, WIRING, 1), WAVE)}
    for event in program.blocks[0].events:
        if not isinstance(event, PlayEvent):
            continue
        wave, generator = waves[event.start_ticks, port(event)], TARGET.port(event.channel)
        config = CONFIG["gens"][generator.generator]
        scale = config["maxv"] / generator.full_scale
        assert int(wave["gain"]) == int(event.gain * scale)
        assert int(wave["length"]) * generator.granularity == len(program.waveforms[event.waveform].samples)
        carrier = np.int32(np.uint32(wave["freq"])) / 2**32 * config["f_dds"] * MHz
        assert carrier == pytest.approx(event.frequency - 5.1e9 if event.frequency else 0.0, abs=1.0)
        # Bit 4 restarts the oscillator, bit 3 falls silent afterwards; the low bits are 0 for product, 2 for input.
        assert int(wave["conf"]) & 0xFF == (0b11000 if event.frequency else 0b11010)


def test_the_envelope_memory_holds_the_waveforms_at_full_scale() -> None:
    program = compiled(HANDSHAKE)
    soc = executed(lower(program, CONFIG, WIRING, 1))
    address: Counter[int] = Counter()
    for waveform in program.waveforms.values():
        index = TARGET.port(waveform.channel).generator
        config, begin = CONFIG["gens"][index], address[index]
        stored = soc.wiring.generator(index).memory[begin : begin + len(waveform.samples)]
        full = config["maxv"] * config["maxv_scale"]
        wanted = np.stack([waveform.samples.real, waveform.samples.imag], axis=1) * full
        assert np.max(np.abs(stored - wanted)) <= 0.5
        assert np.max(np.abs(stored)) > 0.98 * full
        address[index] += len(waveform.samples)


def test_the_board_plays_the_amplitudes_and_times_of_the_program() -> None:
    program = compiled(HANDSHAKE)
    played = {wave.generator: wave for wave in repetition(HANDSHAKE).played if wave.generator != 4}
    for event in program.blocks[0].events:
        if isinstance(event, PlayEvent):
            wave, samples = played[TARGET.port(event.channel).generator], program.waveforms[event.waveform].samples
            assert wave.start == pytest.approx(event.start_ticks * TICK, abs=1e-15)
            assert wave.envelope == pytest.approx(event.gain * samples, abs=2e-4)


def test_all_times_are_absolute() -> None:
    macros = lowered(HANDSHAKE).macro_list
    timed = [
        macro for macro in macros if type(macro).__name__ in ("Pulse", "Trigger", "Wait", "Delay", "ConfigReadout")
    ]
    assert len(timed) > 10
    assert all(isinstance(macro.t, float) and not getattr(macro, "auto", False) for macro in timed)
    assert {type(macro).__name__ for macro in macros} == {
        "WriteReg", "Delay", "OpenLoop", "Pulse", "Trigger", "Wait", "IncReg", "CloseLoop", "End",
    }  # fmt: skip


def test_the_shot_counter_steps_after_the_last_event() -> None:
    soc = executed(lowered(HANDSHAKE, shots=5))
    assert soc.get_tproc_counter(1) == 5
    assert soc.shots == [5]
    (group,) = soc.groups
    assert group.period == pytest.approx(compiled(HANDSHAKE).shot_duration)


def test_blocks_start_where_all_clocks_coincide_so_that_every_shot_is_the_same() -> None:
    soc = executed(lowered(process_tomography(LINK), shots=7))
    assert soc.shots == [7]
    for generator in (0, 1, 2, 3):
        fabric = CONFIG["gens"][generator]["f_fabric"] * MHz
        cycles = [wave.start * fabric for wave in soc.groups[0].played if wave.generator == generator]
        assert cycles == pytest.approx(np.round(cycles), abs=1e-6)


def test_the_two_nodes_tones_are_one_pulse() -> None:
    macros = lowered(measure(A, B)).macro_list
    assert [macro.name for macro in macros if type(macro).__name__ == "Pulse"] == ["tones [0, 1] 1792"]
    tones = [wave for wave in repetition(measure(A, B)).played if wave.generator == 4]
    assert sorted(wave.oscillator + wave.frequency for wave in tones) == pytest.approx([6.35e9, 6.45e9], abs=30)


def at(delay: int, phase: float, node: Any = A) -> Sequence:
    """A drive pulse `delay` ticks before the hot window, whose start is the reference."""
    pulse = replace(node.x180, phase=phase)
    rest = Sequence().play(node.drive, pulse).delay(node.drive, delay * TICK)
    return rest.align(node.drive, LOAD).play(LOAD, closed()).then(measure(node))


def phase_at_reference(sequence: Sequence, generator: int = 6) -> float:
    (block,) = compiled(sequence).blocks
    (wave,) = [wave for wave in repetition(sequence).played if wave.generator == generator]
    return turns_at(wave, block.reference_ticks * TICK)


def apart(first: float, second: float) -> float:
    """Distance of two phases on the circle (turns)."""
    return abs((first - second + 0.5) % 1.0 - 0.5)


@pytest.mark.parametrize("delay", [3, 17, 41, 200])
def test_a_drive_moved_in_time_keeps_its_carrier_phase_at_the_reference(delay: int) -> None:
    assert apart(phase_at_reference(at(delay, 0.3)), phase_at_reference(at(0, 0.3))) < 1e-6


def test_a_drive_after_the_reference_has_the_phase_it_would_have_before() -> None:
    after = Sequence().align(A.drive, LOAD).play(LOAD, closed()).align(LOAD, A.drive)
    late = after.delay(A.drive, 123 * TICK).play(A.drive, replace(A.x180, phase=0.3)).then(measure(A))
    assert apart(phase_at_reference(late), phase_at_reference(at(0, 0.3))) < 1e-6


@pytest.mark.parametrize("phase", [-2.0, 0.0, 0.5, 3.0])
def test_the_phase_of_a_pulse_is_that_of_its_carrier_at_the_reference(phase: float) -> None:
    assert apart(phase_at_reference(at(11, phase)), phase / (2 * np.pi)) < 1e-6


def test_both_drives_count_from_one_reference() -> None:
    assert apart(phase_at_reference(at(5, 0.7, B), generator=7), 0.7 / (2 * np.pi)) < 1e-6


def test_a_gap_that_is_off_the_clock_leaves_the_phase_at_the_reference() -> None:
    sequence = (
        Sequence()
        .play(A.drive, A.x180)
        .align(A.drive, LOAD)
        .delay(LOAD, 3.3 * ns)
        .play(LOAD, closed())
        .then(measure(A))
    )
    assert apart(phase_at_reference(sequence), 0.0) < 1e-6


def test_a_shift_of_the_frame_turns_the_carrier() -> None:
    turned = at(0, 0.0).elements[:1]
    sequence = Sequence().shift_phase(A.drive, 0.9).then(Sequence(turned)).then(measure(A))
    assert apart(phase_at_reference(sequence), 0.9 / (2 * np.pi)) < 1e-6


@pytest.mark.parametrize("shots", [0, -1, 2**23 + 1])
def test_shots_that_cannot_be_counted_are_refused(shots: int) -> None:
    with pytest.raises(SequenceError, match=f"{shots} shots cannot be counted; take 1 to 8388608"):
        lowered(HANDSHAKE, shots=shots)


def test_more_words_than_the_program_memory_holds_are_refused() -> None:
    sweep = Sweep("amplitude", tuple(np.linspace(0.01, 0.4, 900).tolist()))
    sequence = Sequence().play(A.drive, replace(A.x180, amplitude=sweep))
    with pytest.raises(TargetError, match=r"pmem \(words\) 45\d\d on the processor is outside \[0, 4096\]; take fewer"):
        lowered(sequence)


def test_more_different_waves_than_the_wave_memory_holds_are_refused() -> None:
    sequence = Sequence()
    for factor in np.linspace(0.01, 1.0, 1100):
        sequence = sequence.play(A.drive, scaled(A.x180, float(factor)))
    with pytest.raises(TargetError, match=r"wmem \(words\) 110\d on the processor is outside \[0, 1024\]"):
        lowered(sequence)


def test_blocks_without_time_for_the_processor_between_them_are_refused() -> None:
    with pytest.raises(TargetError, match=r"rest after a block \(ticks\) \d+ on the processor is outside \[128, ...\)"):
        lowered(HANDSHAKE, relaxation=0.0)


def test_the_least_rest_is_enough_for_the_processor() -> None:
    soc = executed(lowered(bell_tomography(LINK), shots=4, relaxation=TURNAROUND_TICKS * TICK))
    assert sum(soc.shots) == 4


def test_pulses_may_follow_each_other_without_a_gap() -> None:
    sequence = Sequence().play(A.drive, A.x180).play(A.drive, A.x90).play(A.drive, A.x180).then(measure(A))
    drives = [wave.start / TICK for wave in repetition(sequence).played if wave.generator == 6]
    assert np.diff(drives) == pytest.approx([18, 18])


def test_readout_tones_that_the_filter_bank_cannot_part_are_refused() -> None:
    near = replace(B, tone=replace(B.tone, frequency=A.tone.frequency + 1 * MHz))
    with pytest.raises(SequenceError, match=r"the vendor's compiler warns: .*Two tones on same PFB channel"):
        image(lowered(measure(A, near)))


def test_images_are_looked_for_among_all_carriers_that_play() -> None:
    mirror = 6881.28 * MHz - 6.35e9 + 5 * MHz
    program = compiled(HANDSHAKE)
    (block,) = program.blocks
    moved = tuple(
        replace(event, frequency=mirror) if isinstance(event, PlayEvent) and event.channel == "b.drive" else event
        for event in block.events
    )
    with pytest.raises(TargetError, match=r"image \(Hz\)"):
        lower(replace(program, blocks=(replace(block, events=moved),)), CONFIG, WIRING, 1)


def test_a_program_without_readouts_lowers() -> None:
    program = lowered(Sequence().play(A.drive, A.x180), relaxation=1 * us)
    assert program.ro_chs == {}
