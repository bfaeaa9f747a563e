"""An unmodified qick program's acquire() on the twin of the board."""

import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
from qick.asm_v2 import QickSweep1D

from coldlink.instruments.simulated.board import Cable, Loopback, SimulatedSoc
from coldlink.instruments.simulated.board import soc as soc_module
from coldlink.instruments.simulated.board.buffers import Memory
from coldlink.instruments.simulated.board.processor.event import COUNT, TRIG, WAVE
from coldlink.sequences.errors import BoardError

from .programs import CONFIG, DRIVE, FLUX, OTHER_DRIVE, READOUTS, TICK, TONES, EchoPlant, Program, board, program

OVERLAP = pytest.mark.filterwarnings("ignore:The 'warn' method:DeprecationWarning")
"""The vendor's compiler only logs a warning, by a deprecated call, where waves overlap."""
SECOND = 1 / 430.08e6
"""One tick (s)."""


def flux_and_read(self: Program) -> None:
    self.at(FLUX, "flux", 56)
    self.read()


def plain(**cfg: Any) -> Program:
    return program(flux_and_read, setup=lambda self: self.flux(cfg.pop("gain", 0.5)), **cfg)


def test_acquire_gives_the_echo_averaged_over_its_window() -> None:
    soc, plant = board()
    data = plain(reps=40).acquire(soc, progress=False)
    assert [array.shape for array in data] == [(1, 2), (1, 2)]
    ((repetition, shots),) = plant.asked
    assert shots == 40
    level = 1000 * abs(repetition.played[0].envelope).max()
    for array, readout in zip(data, READOUTS, strict=True):
        assert array[0] == pytest.approx([level, readout], abs=1 / 38)


def test_a_repetition_lists_waves_and_windows_from_its_origin() -> None:
    soc, plant = board()
    plain(reps=3).acquire(soc, progress=False)
    ((repetition, _),) = plant.asked
    assert [played.generator for played in repetition.played] == [FLUX, TONES, TONES]
    assert [played.start for played in repetition.played] == pytest.approx([56 * SECOND, 500 * SECOND, 500 * SECOND])
    assert [window.readout for window in repetition.windows] == list(READOUTS)
    # The filter bank's samples are 11.2 ticks apart; 5600 ticks is one of them, 528 is not.
    assert repetition.windows[0].start == pytest.approx(537.6 * SECOND)
    assert repetition.windows[0].samples == 38
    assert repetition.windows[0].length == pytest.approx(38 / 38.4e6)
    assert repetition.period == pytest.approx(5600 * SECOND)


def test_a_swept_gain_gives_one_group_a_point_and_each_shot_its_own_point() -> None:
    soc, plant = board()
    sweep = plain(reps=20, loops={"x": 5}, gain=QickSweep1D("x", 0.0, 0.8))
    data = sweep.acquire(soc, progress=False)
    assert sorted(shots for _, shots in plant.asked) == [20] * 5
    assert data[0].shape == (1, 5, 2)
    assert data[0][0, :, 0] == pytest.approx(400 * np.linspace(0, 1, 5), abs=1)


def test_a_register_that_changes_with_every_shot_is_never_reused() -> None:
    soc, plant = board()

    def body(self: Program) -> None:
        self.read_wmem("flux_w0")
        self.inc_reg("w_gain", 100)
        self.write_wmem("flux_w0")
        flux_and_read(self)

    program(body, reps=12, setup=lambda self: self.flux(0.1)).acquire(soc, progress=False)
    assert [shots for _, shots in plant.asked] == [1] * 12
    amplitudes = [abs(repetition.played[0].envelope).max() for repetition, _ in plant.asked]
    assert np.diff(amplitudes) == pytest.approx(0.5 * 100 / 32766, rel=1e-6)


def test_a_delay_that_grows_with_every_shot_is_never_reused() -> None:
    soc, plant = board()

    def body(self: Program) -> None:
        flux_and_read(self)
        self.wait(1400 * TICK)
        self.inc_reg("pause", 56)
        self.asm_inst({"CMD": "TIME", "C_OP": "inc_ref", "R1": self._get_reg("pause")})

    def setup(self: Program) -> None:
        self.flux()
        self.add_reg("pause")
        self.write_reg("pause", 2800)

    program(body, reps=6, period=None, setup=setup).acquire(soc, progress=False)
    assert [shots for _, shots in plant.asked] == [1] * 6
    periods = [repetition.period / SECOND for repetition, _ in plant.asked]
    assert periods == pytest.approx([2800 + 56 * n for n in range(1, 7)])


def test_a_changed_gain_word_changes_what_is_played() -> None:
    soc, plant = board()
    changed = plain()
    changed.acquire(soc, progress=False)
    place = changed.wave2idx["flux_w0"]
    changed.binprog["wmem"][place][3] //= 2
    changed.acquire(soc, progress=False)
    before, after = (repetition.played[0].envelope for repetition, _ in plant.asked)
    assert after == pytest.approx(before / 2, rel=1e-4)


def test_a_changed_time_word_changes_when_it_is_played() -> None:
    soc, plant = board()
    changed = plain()
    address, event = next(
        (int(event["address"]), int(event["asked"] - event["reference"]))
        for block in _run(changed)
        for event in block
        if event["kind"] == WAVE and event["port"] == FLUX
    )
    assert event == 56
    changed.binprog["pmem"][address] = _with_time(changed.binprog["pmem"][address], 140)
    changed.acquire(soc, progress=False)
    ((repetition, _),) = plant.asked
    assert repetition.played[0].start == pytest.approx(140 * SECOND)


def _run(compiled: Program) -> list[Any]:
    soc = SimulatedSoc(CONFIG)
    compiled.config_all(soc)
    return list(soc.events())


def _with_time(row: list[int], ticks: int) -> list[int]:
    word = sum((value & 0xFFFFFFFF) << 32 * n for n, value in enumerate(row[:3]))
    word = word & ~(0xFFFFFFFF << 7) | ticks << 7
    return [*(word >> 32 * n & 0xFFFFFFFF for n in range(3)), *row[3:]]


def test_an_unchanged_image_is_not_decoded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded = []
    original = soc_module.decode
    monkeypatch.setattr(soc_module, "decode", lambda *a, **k: decoded.append(1) or original(*a, **k))
    soc, plant = board()
    decoded.clear()
    twice = plain()
    first = twice.acquire(soc, progress=False)
    second = twice.acquire(soc, rounds=3, progress=False)
    assert decoded == [1]
    assert len(plant.asked) == 4
    assert np.array_equal(first, second)


def test_an_unchanged_envelope_is_not_written_again() -> None:
    soc, _ = board()
    twice = plain()
    first = twice.acquire(soc, progress=False)
    for unit in soc.wiring.generators:
        assert unit is not None
        unit.memory.flags.writeable = False
    assert np.array_equal(first, twice.acquire(soc, progress=False))
    with pytest.raises(ValueError, match="read-only"):
        soc.load_envelope(FLUX, [[1, 1]] * 16, 0)


def test_data_come_in_the_order_of_the_triggers_and_in_portions() -> None:
    class Counting(EchoPlant):
        def measure(self, repetition: Any, shots: int) -> Any:
            return np.arange(shots)[:, None] + 1j * np.arange(len(repetition.windows))[None, :]

    soc = SimulatedSoc(CONFIG, Counting())
    counted = plain(reps=100)
    counted.acquire(soc, progress=False)
    raw = counted.get_raw()
    offset = 38 // 2
    assert np.array_equal(raw[0][:, 0, 0] + offset, np.arange(100))
    assert set(raw[1][:, 0, 1] + offset) == {1}
    assert raw[0].dtype == np.int64


def test_a_buffer_that_overruns_is_told_with_the_trigger_that_finds_no_room() -> None:
    soc, _ = board()
    counted = plain(reps=100)
    counted.acquire(soc, progress=False)
    triggers = [event for event in np.concatenate(_run(counted)) if event["kind"] == TRIG and event["value"]]
    channel = READOUTS[0]
    soc.buffers.sums[channel] = Memory(f"the buffer of readout {channel}", 64, 2**31)
    told = rf"shot 64, instruction {triggers[0]['address']} \(.*TRIG.*\): the buffer of readout {channel} overflows"
    with pytest.raises(BoardError, match=told):
        soc.start_readout(100, ch_list=READOUTS, stride=100)
    soc.hazards = "warn"
    with pytest.warns(RuntimeWarning, match=told):
        soc.start_readout(100, ch_list=READOUTS, stride=100)
    [(count, (words, _))] = soc.poll_data()
    assert (count, [len(array) for array in words]) == (100, [100, 100])
    assert np.array_equal(words[0][:36], words[0][64:])


def test_the_offset_that_the_vendor_subtracts_is_in_the_raw_data() -> None:
    soc, _ = board()
    counted = plain(reps=4)
    averaged = counted.acquire(soc, progress=False, remove_offset=False)
    assert averaged[0][0] == pytest.approx([249.5 - 0.02, READOUTS[0] - 0.5], abs=1 / 38)


def test_run_rounds_needs_no_plant() -> None:
    soc = SimulatedSoc(CONFIG)
    plain(reps=7).run_rounds(soc, progress=False)
    assert soc.get_tproc_counter(addr=1) == 7
    assert sum(soc.shots) == 7


def test_events_list_what_the_ports_did() -> None:
    events = np.concatenate(_run(plain(reps=2)))
    assert (events["kind"] == COUNT).sum() == 2
    assert (events["kind"] == TRIG).sum() == 2 * 2 * len(READOUTS)
    assert set(events["port"][events["kind"] == WAVE]) == {FLUX, TONES}


def test_a_plant_that_gives_no_traces_is_told_of_by_acquire_decimated() -> None:
    soc, _ = board()
    with pytest.raises(BoardError, match=r"EchoPlant has no traces\(\): .* use acquire"):
        plain(reps=1).acquire_decimated(soc, progress=False)


def test_a_late_pulse_is_an_error_that_tells_both_ticks() -> None:
    def body(self: Program) -> None:
        self.wait(800 * TICK)
        self.at(FLUX, "flux", 700)

    soc, _ = board()
    with pytest.raises(BoardError, match=r"late, asked for tick 6300, possible at tick 6\d\d\d"):
        program(body, setup=lambda self: self.flux()).acquire(soc, progress=False)


@OVERLAP
def test_an_event_behind_a_later_one_is_an_error() -> None:
    def body(self: Program) -> None:
        self.at(FLUX, "flux", 700)
        self.at(FLUX, "flux", 600)

    soc, _ = board()
    with pytest.raises(BoardError, match=r"held up, asked for tick 6200, .* asked for tick 6300 stands before"):
        program(body, setup=lambda self: self.flux()).acquire(soc, progress=False)


def collided() -> Program:
    def body(self: Program) -> None:
        self.at(FLUX, "flux", 100)
        self.at(FLUX, "flux", 105)

    return program(body, setup=lambda self: self.flux())


@OVERLAP
def test_two_waves_at_once_on_a_generator_are_an_error_that_names_both_and_the_instruction() -> None:
    told = r"shot 0, instruction \d+ \(WPORT_WR p0 .*\): generator 0 .* tick 5705 .* tick 5700 has ended"
    with pytest.raises(BoardError, match=told):
        collided().acquire(board()[0], progress=False)


@OVERLAP
def test_of_two_waves_at_once_the_second_waits_if_the_user_wants_only_to_be_warned() -> None:
    soc = SimulatedSoc(CONFIG, board()[1], hazards="warn")
    with pytest.warns(RuntimeWarning, match="tick 5705"):
        collided().run_rounds(soc, progress=False)
    first, second = (wave for wave in soc.groups[0].played if wave.generator == FLUX)
    assert second.start - first.start == pytest.approx(first.envelope.size / first.sample_rate)


def overrunning() -> Program:
    """A wave of 0.5 us every 200 ticks, which is 0.465 us."""

    def body(self: Program) -> None:
        self.at(FLUX, "flux", 0)
        self.at(FLUX, "long", 100)
        self.delay(200 * TICK)

    def setup(self: Program) -> None:
        self.flux()
        self.add_pulse(ch=FLUX, name="long", style="const", freq=0, phase=0, gain=0.1, length=0.5)

    return program(body, reps=3, period=None, setup=setup)


def test_a_repetition_that_reaches_into_the_next_is_an_error_with_shot_instruction_and_line() -> None:
    soc, _ = board()
    told = (
        r"shot 1, instruction \d+ \(WPORT_WR p0 .*\): generator 0 .* busy with the previous repetition for 11[56] more"
    )
    with pytest.raises(BoardError, match=told):
        overrunning().run_rounds(soc, progress=False)


def test_a_repetition_that_reaches_into_the_next_is_a_warning_in_each_shot_if_the_user_wants_it_so() -> None:
    soc = SimulatedSoc(CONFIG, board()[1], hazards="warn")
    with pytest.warns(RuntimeWarning, match="busy with the previous repetition") as told:
        overrunning().run_rounds(soc, progress=False)
    assert [str(one.message).partition(",")[0] for one in told] == ["shot 1", "shot 2"]
    assert soc.get_tproc_counter(1) == 3


def test_the_segments_of_one_pulse_follow_each_other() -> None:
    def setup(self: Program) -> None:
        self.drive(name="flat", style="flat_top", length=86 / 430.08)

    def body(self: Program) -> None:
        self.at(DRIVE, "flat", 0)
        self.read()

    soc, plant = board()
    program(body, setup=setup).acquire(soc, progress=False)
    ((repetition, _),) = plant.asked
    drives = [played for played in repetition.played if played.generator == DRIVE]
    starts = np.array([played.start for played in drives]) / SECOND
    assert starts == pytest.approx(np.cumsum([0, 10, 86, 10]), abs=1e-6)
    flat = drives[1]
    assert flat.envelope.shape == (1,)
    assert abs(flat.envelope[0]) == pytest.approx(0.4 * 0.9 / 2, rel=1e-3)
    # The oscillator goes on through the segments.
    turned = 2 * np.pi * flat.frequency * (flat.start - drives[0].start)
    assert np.exp(1j * (flat.phase - drives[0].phase)) == pytest.approx(np.exp(1j * turned), abs=1e-9)


def test_an_unknown_instruction_is_refused_with_address_and_word() -> None:
    soc, _ = board()
    broken = plain()
    broken.binprog["pmem"][5] = [0, 0, 0x60, 0, 0, 0, 0, 0]
    with pytest.raises(BoardError, match="instruction 5, word 0x600000000000000000"):
        broken.acquire(soc, progress=False)


def test_a_wrong_number_of_triggers_is_refused() -> None:
    soc, _ = board()
    wrong = plain()
    wrong.set_reads_per_shot(2)
    with pytest.raises(BoardError, match="readout 2 fired 1 times in repetition 0, 2 were expected"):
        wrong.acquire(soc, progress=False)


def test_a_wrong_number_of_repetitions_is_refused() -> None:
    soc, _ = board()
    wrong = plain(reps=10)
    wrong.loop_dims = [11]
    with pytest.raises(BoardError, match="10 repetitions of 11 expected"):
        wrong.acquire(soc, progress=False)


def triggered_twice() -> Program:
    def body(self: Program) -> None:
        flux_and_read(self)
        self.trigger(ros=[READOUTS[0]], t=600 * TICK)

    return program(body, setup=lambda self: self.flux())


def test_a_trigger_inside_an_open_window_is_refused_with_shot_instruction_and_line() -> None:
    told = r"shot 0, instruction \d+ \(TRIG p\d+ set.*\): readout 2 .* while its window is still open"
    with pytest.raises(BoardError, match=told):
        triggered_twice().acquire(board()[0], progress=False)


def test_a_trigger_inside_an_open_window_is_a_warning_if_the_user_wants_it_so() -> None:
    soc = SimulatedSoc(CONFIG, board()[1], hazards="warn")
    with pytest.warns(RuntimeWarning, match="the board would not hear it"):
        data = triggered_twice().acquire(soc, progress=False)
    assert data[0].shape == (2, 2)


def _with_drives(period: int, **cfg: Any) -> EchoPlant:
    def setup(self: Program) -> None:
        for generator, name in ((DRIVE, "drive"), (OTHER_DRIVE, "other")):
            self.drive(generator, name, **cfg.get("pulse", {}))

    def body(self: Program) -> None:
        self.at(DRIVE, "drive", 0)
        self.at(OTHER_DRIVE, "other", 0)
        self.read()

    soc, plant = board()
    program(body, reps=8, period=period, setup=setup, mixers=cfg.get("mixers", (4800.0, 4800.0))).acquire(
        soc, progress=False
    )
    return plant


def test_drives_of_one_mixer_that_reset_their_phase_are_one_group() -> None:
    plant = _with_drives(5600)
    ((repetition, shots),) = plant.asked
    assert shots == 8
    assert repetition.played[0].phase == pytest.approx(np.pi / 6)
    assert repetition.played[0].oscillator + repetition.played[0].frequency == pytest.approx(4810e6, abs=1)


def test_two_mixers_are_one_group_only_if_the_period_holds_whole_turns_of_their_difference() -> None:
    # 6.72 MHz apart: 5600 ticks are 87.5 turns, 5632 would be 88.
    assert len(_with_drives(5600, mixers=(4798.08, 4804.8)).asked) == 2
    assert len(_with_drives(5600 * 2, mixers=(4798.08, 4804.8)).asked) == 1
    plant = _with_drives(5600, mixers=(4800.0, 4805.0))
    phases = [repetition.played[1].phase - repetition.played[0].phase for repetition, _ in plant.asked]
    turned = np.exp(1j * np.diff(phases))
    assert len(plant.asked) > 2
    assert turned == pytest.approx(np.exp(2j * np.pi * 5e6 * 5600 * SECOND), abs=1e-6)


def test_a_drive_without_phase_reset_has_the_phase_of_a_clock_that_never_stops() -> None:
    plant = _with_drives(5600, pulse={"phrst": 0})
    assert len(plant.asked) == 8
    phases = np.array([repetition.played[0].phase for repetition, _ in plant.asked])
    frequency = plant.asked[0][0].played[0].frequency
    expected = 2 * np.pi * frequency * 5600 * SECOND * np.arange(1, 9) + np.pi / 6
    assert np.exp(1j * phases) == pytest.approx(np.exp(1j * expected), abs=1e-6)


def test_a_matched_readout_hears_the_same_phase_in_every_repetition() -> None:
    soc, plant = board()
    plain(reps=50, period=5600).acquire(soc, progress=False)
    ((repetition, _),) = plant.asked
    tones = [played for played in repetition.played if played.generator == TONES]
    for tone, window in zip(tones, repetition.windows, strict=True):
        assert tone.oscillator + tone.frequency == pytest.approx(window.frequency, abs=1e-3)
        assert tone.duration == pytest.approx(430 * SECOND)
    assert [abs(tone.envelope[0]) for tone in tones] == pytest.approx([0.5, 0.3], abs=1e-4)


def test_origins_that_lie_differently_on_the_clocks_are_different_groups() -> None:
    soc, plant = board()
    plain(reps=12, period=5600 + 14).acquire(soc, progress=False)
    starts = {round(repetition.windows[0].start / SECOND, 6) for repetition, _ in plant.asked}
    assert len(plant.asked) == len(starts) == 4
    assert all(0 <= start - 528 < 11.2 for start in starts)


def test_a_readout_driven_by_the_processor_may_be_set_up_late_but_before_its_trigger() -> None:
    def setup(self: Program) -> None:
        self.declare_readout(ch=0, length=1.0)
        self.add_readoutconfig(ch=0, name="local", freq=6350.0, gen_ch=TONES)
        self.send_readoutconfig(ch=0, name="local", t=0)

    def body(self: Program) -> None:
        self.read()
        self.trigger(ros=[0], t=528 * TICK)

    soc, plant = board()
    program(body, setup=setup, reps=2).acquire(soc, progress=False)
    window = next(window for window in plant.asked[0][0].windows if window.readout == 0)
    assert window.frequency == pytest.approx(6350e6, abs=3)
    assert window.samples == 307


def test_feedback_is_refused_by_a_plant_that_answers_after_the_run() -> None:
    soc, _ = board()
    with pytest.raises(BoardError, match="EchoPlant has no follow"):
        program(lambda self: self.read_input(READOUTS[0])).acquire(soc, progress=False)


def test_importing_what_the_plant_needs_loads_neither_qick_nor_numba() -> None:
    code = (
        "import sys; from coldlink.instruments.simulated.board import Played, Plant, Repetition, Window; "
        "print(sorted({'qick', 'numba'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_a_matched_readout_hears_the_same_phase_wherever_its_tone_begins() -> None:
    def body(self: Program) -> None:
        for tick in (3, 1001, 2345):
            self.read(tick)

    soc, plant = board()
    program(body, reps=2).acquire(soc, progress=False)
    ((repetition, _),) = plant.asked
    tones = [played for played in repetition.played if played.generator == TONES][::2]
    windows = repetition.windows[::2]
    heard = []
    for tone, window in zip(tones, windows, strict=True):
        turned = tone.oscillator * window.start + tone.frequency * (window.start - tone.start)
        heard.append(np.exp(1j * (2 * np.pi * turned + tone.phase - window.phase)))
    assert len(heard) == 3
    assert heard == pytest.approx([heard[0]] * 3, abs=1e-6)


@pytest.mark.parametrize(
    ("build", "why"),
    [
        (lambda: SimulatedSoc(3), "3 is no soccfg; give a QickConfig"),
        (lambda: SimulatedSoc(CONFIG, hazards="ignore"), "hazards='ignore' is none of 'raise', 'warn'"),
        (lambda: SimulatedSoc(CONFIG, plant=3), r"3 is no plant, it has no measure\(\)"),
        (lambda: SimulatedSoc(CONFIG, wires(generator=16, readout=0)), "there is no generator 16, the board has 16"),
        (lambda: SimulatedSoc(CONFIG, wires(generator=0, readout=1000)), "readout 1000 of board 1; there are 1"),
        (lambda: Loopback(7), "numpy Generator, not from 7"),
        (lambda: wires(generator=0, readout=0, delay=-1e-9), "a cable's delay of -1e-09 cannot be"),
        (lambda: wires(generator=0, readout=0, noise=float("inf")), "a cable's noise of inf cannot be"),
        (lambda: wires(generator=0, readout=0, gain=float("nan")), "a cable's gain of nan cannot be"),
    ],
)
def test_a_board_that_is_put_together_wrongly_is_refused(build: Callable[[], Any], why: str) -> None:
    with pytest.raises(BoardError, match=why):
        build()


def wires(**cable: Any) -> Loopback:
    return Loopback(np.random.default_rng(1), (Cable(**cable),))


@pytest.mark.parametrize("value", [0, -1.0, float("inf"), "fast", None])
def test_a_clock_that_does_not_run_is_refused_with_its_place(value: Any) -> None:
    config = deepcopy(CONFIG.get_cfg())
    config["readouts"][3]["f_output"] = value
    with pytest.raises(BoardError, match=rf"f_output of readout 3 is {value!r} MHz"):
        SimulatedSoc(config)


def test_a_channel_or_a_word_that_is_not_there_is_refused_by_each_call() -> None:
    soc, _ = board()
    for call in (
        lambda: soc.get_accumulated(10, 0, 1),
        lambda: soc.get_decimated(-1, 0, 1),
        lambda: soc.config_avg(10, length=10),
        lambda: soc.set_nyquist(16, 1),
    ):
        with pytest.raises(BoardError, match=r"there is no (generator|readout) (10|16|-1), the board has 1[06]"):
            call()
    with pytest.raises(BoardError, match="4 words from 16381 on are more than the 16384 of dmem"):
        soc.read_mem(4, addr=16381)


def test_of_many_warnings_alike_the_first_are_given_and_then_their_number() -> None:
    def late(self: Program) -> None:
        self.wait(3000 * TICK)
        self.at(FLUX, "flux", 100)
        self.read(3500)

    soc = SimulatedSoc(CONFIG, EchoPlant(), hazards="warn")
    with pytest.warns(RuntimeWarning) as caught:
        program(late, reps=30, setup=lambda self: self.flux()).acquire(soc, progress=False)
    texts = [str(one.message) for one in caught if one.category is RuntimeWarning]
    assert [text.split(",")[0] for text in texts[:-1]] == [f"shot {shot}" for shot in range(10)]
    assert all("late, asked for tick" in text for text in texts)
    assert texts[-1].startswith("and 20 more like this, the last in shot 29, instruction ")
