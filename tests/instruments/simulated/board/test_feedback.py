"""Programs that read results on the board and go on as they tell them, in the vendor's own words."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from qick.asm_v2 import AveragerProgramV2, QickSweep1D

from coldlink.instruments.simulated import Cable, Loopback
from coldlink.instruments.simulated.board import Repetition, SimulatedSoc
from coldlink.instruments.simulated.board.feedback import AHEAD, ARRIVAL, Feedback
from coldlink.instruments.simulated.board.hazard import UNFINISHED, Hazard, refuse
from coldlink.instruments.simulated.board.processor.event import TRIG, WAVE
from coldlink.instruments.simulated.board.processor.processor import Processor, load
from coldlink.instruments.simulated.board.reference.processor import ReferenceProcessor
from coldlink.instruments.simulated.board.repetitions.repetitions import Repetitions
from coldlink.sequences.errors import BoardError

from .programs import CONFIG, DRIVE, EchoPlant, Program, program
from .random_programs import random_program
from .reference.test_reference import KEPT

FREQUENCY = 500.0
LISTEN = 0.3
"""Length of the windows (us)."""
WHOLE, HALF = 10_000.0, 5_000.0
"""Of the cables to the two readouts (converter units)."""


class Decision(AveragerProgramV2):
    """Plays and reads, and plays a second time if a result is at least `cfg["threshold"]`; a second window looks on."""

    def _initialize(self, cfg: dict[str, Any]) -> None:
        channels = cfg.get("readouts", [0])
        for channel in channels:
            self.declare_gen(ch=channel, nqz=1)
            self.declare_readout(ch=channel, length=LISTEN)
            self.add_readoutconfig(ch=channel, name=f"tuned{channel}", freq=FREQUENCY, gen_ch=channel)
        if "points" in cfg:
            self.add_loop("gain", cfg["points"])
        for channel in channels:
            settings = {"style": "const", "length": 0.5, "freq": FREQUENCY, "ro_ch": channel}
            settings["phase"] = cfg.get("phase", 0.0)
            self.add_pulse(ch=channel, name=f"play{channel}", gain=cfg.get("gain", 0.5), **settings)

    def _body(self, cfg: dict[str, Any]) -> None:
        readouts = cfg.get("readouts", [0])
        for channel in readouts:
            self.send_readoutconfig(ch=channel, name=f"tuned{channel}", t=0)
            self.pulse(ch=channel, name=f"play{channel}", t=0)
        self.trigger(ros=readouts, t=0.1)
        self.wait(0.1 + LISTEN + cfg.get("margin", 0.15))
        self.read_and_jump(
            ro_ch=cfg.get("asked", 0), component=cfg.get("component", "I"), threshold=cfg["threshold"], test="<",
            label="over",
        )  # fmt: skip
        self.pulse(ch=0, name="play0", t=1.5)
        self.label("over")
        self.trigger(ros=readouts, t=1.6)
        self.wait(2.5)


@dataclass(frozen=True)
class Sums:
    """A run that a loop-back follows, of which only the sums are told."""

    loopback: Loopback

    def answer(self, repetition: Repetition, window: int) -> complex:
        return self.loopback.answer(repetition, window)

    def close(self, repetition: Repetition) -> None: ...


class EchoesAndSums(Loopback):
    """Tells samples after a run, and of one under way only sums."""

    def __init__(self, loopback: Any) -> None:
        super().__init__(loopback.rng, loopback.cables)

    @contextmanager
    def follow(self) -> Iterator[Sums]:  # type: ignore[override]
        yield Sums(self)


def board(gain: float = WHOLE, noise: float = 0.0, **more: Any) -> SimulatedSoc:
    cables = tuple(Cable(generator=n, readout=n, delay=0.0, gain=(gain, HALF)[n], noise=noise) for n in (0, 1))
    return SimulatedSoc(CONFIG, Loopback(np.random.default_rng(1), cables), **more)


@cache
def straight() -> float:
    """Phase of the pulses at which their echo is all I (degrees)."""
    (data,) = raw(board(), Decision(CONFIG, reps=1, final_delay=1.0, cfg={"threshold": 2**23 - 1}))
    return float(-np.degrees(np.angle(complex(*data[0, 0]))))


def decision(*, reps: int = 3, **cfg: Any) -> Decision:
    return Decision(CONFIG, reps=reps, final_delay=1.0, cfg={"threshold": 0, "phase": straight()} | cfg)


def raw(soc: SimulatedSoc, program: Decision) -> list[NDArray[np.int64]]:
    """Per readout an array (repetitions, windows, 2)."""
    program.acquire(soc, progress=False)
    return [np.asarray(array) for array in program.get_raw()]


@pytest.fixture(scope="module")
def first() -> int:
    """I of the first window with a whole cable, from a run whose threshold is never reached."""
    (data,) = raw(board(), decision(threshold=2**23 - 1))
    return int(data[0, 0, 0])


def test_a_second_pulse_is_played_only_if_the_first_result_is_above_a_threshold(first: int) -> None:
    program = decision(threshold=first * 3 // 4)
    for gain, again in ((WHOLE, True), (HALF, False)):
        (data,) = raw(board(gain), program)
        seen = data[:, 0, 0]
        assert seen == pytest.approx(first * gain / WHOLE, rel=1e-3)
        assert data[:, 1, 0] == pytest.approx(seen if again else 0.0, abs=1)


def test_the_threshold_itself_counts_as_reached_and_one_more_does_not(first: int) -> None:
    for threshold, again in ((first, True), (first + 1, False)):
        (data,) = raw(board(), decision(threshold=threshold))
        assert (data[:, 1, 0] > 0).tolist() == [again] * 3


def test_each_shot_decides_by_its_own_result(first: int) -> None:
    (data,) = raw(board(noise=100.0), decision(reps=60, threshold=first))
    again = data[:, 0, 0] >= first
    assert 10 < again.sum() < 50
    assert (data[:, 1, 0] > first // 2).tolist() == again.tolist()


def test_a_swept_pulse_is_answered_from_where_it_is_strong_enough(first: int) -> None:
    program = decision(reps=2, threshold=first // 2, points=5, gain=QickSweep1D("gain", 0.05, 0.5))
    (data,) = raw(board(), program)
    again = data[..., 0, 0] >= first // 2
    assert again.tolist() == [[False, False, True, True, True]] * 2
    assert (data[..., 1, 0] > 0).tolist() == again.tolist()


@pytest.mark.parametrize(("asked", "again"), [(0, True), (1, False)])
def test_of_two_readouts_the_one_that_is_read_decides(first: int, asked: int, again: bool) -> None:
    data = raw(board(), decision(readouts=[0, 1], asked=asked, threshold=first * 3 // 4))
    assert data[1][:, 0, 0] == pytest.approx(first / 2, rel=1e-3)
    assert (data[0][:, 1, 0] > 0).tolist() == [again] * 3


def test_the_other_component_is_the_other_word(first: int) -> None:
    (data,) = raw(board(), decision(component="Q", threshold=first // 2))
    assert abs(data[:, 0, 1]).max() < first // 100
    assert (data[:, 1, 0] == 0).all()


def test_a_read_before_the_result_is_refused_and_names_the_missing_time() -> None:
    with pytest.raises(BoardError, match=r"shot 0, .*: readout of a window that is not over: .*wait") as told:
        raw(board(), decision(margin=0.05))
    missing = int(str(told.value).split("wait ")[1].split()[0]) / CONFIG["tprocs"][0]["f_time"]
    # A wait ends 10 ticks early, and the processor takes some cycles from there to its read.
    assert missing == pytest.approx(ARRIVAL * 1e6 - 0.05, abs=10 / CONFIG["tprocs"][0]["f_time"])


class Alternation(Decision):
    """Plays only if the last repetition's result, which arrives after its step of the host's counter, is small."""

    def _body(self, cfg: dict[str, Any]) -> None:
        self.wait(0.5)
        self.send_readoutconfig(ch=0, name="tuned0", t=0.7)
        self.read_and_jump(ro_ch=0, component="I", threshold=cfg["threshold"], test=">=", label="over")
        self.pulse(ch=0, name="play0", t=0.9)
        self.label("over")
        self.trigger(ros=[0], t=1.0)
        self.wait(1.1)
        self.delay(1.5)


def test_a_result_may_arrive_in_the_repetition_after_its_own(first: int) -> None:
    settings = {"threshold": first // 2, "phase": straight()}
    program = Alternation(CONFIG, reps=7, final_delay=None, final_wait=None, cfg=settings)
    (data,) = raw(board(), program)
    assert data[:, 0, 0] == pytest.approx([first, 0, first, 0, first, 0, first], rel=1e-3)


@pytest.mark.filterwarnings("ignore:shot:RuntimeWarning")
def test_a_read_before_the_result_gives_the_one_before(first: int) -> None:
    # The result before is that of the last repetition's second window.
    (data,) = raw(board(hazards="warn"), decision(reps=4, margin=0.0, threshold=first // 2))
    assert (data[:, 0, 0] == first).all()
    assert (data[:, 1, 0] == 0).all()


def test_each_early_read_is_one_hazard() -> None:
    found: list[Hazard] = []
    feedback, _ = ran(decision(margin=0.0), on_hazard=found.append)
    assert [(hazard.kind, hazard.shot, hazard.port) for hazard in found] == [(UNFINISHED, n, 0) for n in range(3)]
    assert all(feedback.processor.program["port"][hazard.instruction] == 0 for hazard in found)


def ran(program: Decision, noise: float = 0.0, on_hazard: Any = refuse) -> tuple[Feedback, NDArray[Any]]:
    """A run of the program apart from the board's memories, and all of its events."""
    soc = board(noise=noise)
    program.config_all(soc)
    program.config_bufs(soc, enable_avg=True, enable_buf=False)
    processor = load(program.binprog, CONFIG["tprocs"][0])
    repetitions = Repetitions(soc.wiring, [0, 1], on_hazard)
    feedback = Feedback(processor, repetitions, Loopback(np.random.default_rng(1), soc.plant.cables))
    blocks = []
    for events in feedback.run():
        repetitions.add(events)
        blocks.append(events)
    return feedback, np.concatenate(blocks)


@pytest.mark.parametrize("noise", [0.0, 100.0])
def test_the_reference_plays_the_same_with_the_same_results(first: int, noise: float) -> None:
    program = decision(reps=12, readouts=[0, 1], threshold=first)
    feedback, events = ran(program, noise)
    reference = ReferenceProcessor(program.binprog, CONFIG["tprocs"][0], inputs=feedback.arrived)
    assert (reference.run() == events).all()
    again = load(program.binprog, CONFIG["tprocs"][0], inputs=feedback.arrived)
    assert (np.concatenate(list(again.run())) == events).all()


def test_a_result_arrives_a_latency_after_its_window_with_what_the_data_say(first: int) -> None:
    feedback, events = ran(decision(reps=12, threshold=first), 100.0)
    rising = events[(events["kind"] == TRIG) & (events["value"] == 1)]
    length = LISTEN * CONFIG["tprocs"][0]["f_time"]
    ticks = np.array([tick for tick, *_ in feedback.arrived])
    latency = ARRIVAL * 1e6 * CONFIG["tprocs"][0]["f_time"]
    assert ticks - rising["tick"] == pytest.approx(length + latency, abs=4)
    assert [[i, q] for _, _, i, q in feedback.arrived] == feedback.heard().sums[0].tolist()
    waves = events[(events["kind"] == WAVE) & (events["port"] == 0)]
    assert len(waves) == 12 + (feedback.heard().sums[0][::2, 0] >= first).sum()


def seen(machine: Processor, events: list[NDArray[Any]]) -> tuple[Any, ...]:
    registers, memories = machine.registers[KEPT].tolist(), (machine.dmem.tolist(), machine.wmem.tolist())
    return np.concatenate(events).tolist(), registers, memories, machine.final()


def test_what_arrives_just_before_it_can_be_seen_acts_as_if_it_had_been_known_from_the_start() -> None:
    late = 0
    for seed in range(150):
        program = random_program(seed)
        coming = deque(sorted(program.settings["inputs"]))
        whole = load(program.image, program.tproc, **program.settings)
        machine = load(program.image, program.tproc, **program.settings | {"inputs": ()})
        events = []
        for block in machine.attended():
            events.append(block)
            while coming and coming[0][0] <= machine.tick_of(int(machine.core["cycle"][0]) + AHEAD):
                machine.inject(*coming.popleft())
                late += 1
        assert seen(machine, events) == seen(whole, list(whole.run())), seed
    assert late > 100


@dataclass
class Attentive:
    """Answers full scale to every window, and notes what it was told of it. after: Repetitions remember each other."""

    told: list[tuple[Repetition, int | None]]
    after: bool = False
    ended: bool = False

    def measure(self, repetition: Repetition, shots: int) -> NDArray[np.complex128]:
        raise AssertionError("it was asked after the run")

    def remembers(self, repetition: Repetition) -> bool:
        return self.after

    @contextmanager
    def follow(self) -> Iterator["Attentive"]:
        yield self
        self.ended = True

    def answer(self, repetition: Repetition, window: int) -> complex:
        self.told.append((repetition, window))
        return 1e6 - 5j

    def close(self, repetition: Repetition) -> None:
        self.told.append((repetition, None))


def test_a_plant_is_asked_once_for_each_window_with_what_has_been_played_until_then() -> None:
    plant = Attentive([])
    (data,) = raw(SimulatedSoc(CONFIG, plant), decision(reps=2))
    assert [window for _, window in plant.told] == [0, 1, None] * 2
    assert [len(repetition.played) for repetition, _ in plant.told] == [1, 2, 2] * 2
    assert plant.ended
    assert data.reshape(-1, 2).tolist() == [[1_000_000, -5]] * 4


def test_a_plant_learns_how_long_a_repetition_lasts_when_it_is_over() -> None:
    plant = Attentive([])
    raw(SimulatedSoc(CONFIG, plant), decision(reps=2))
    periods = [repetition.period for repetition, _ in plant.told]
    assert np.isnan(periods).tolist() == [True, True, False] * 2
    assert periods[2] == periods[5] > 2.5e-6


def test_a_run_whose_repetitions_remember_each_other_is_answered_in_the_order_of_time() -> None:
    class Counting(Attentive):
        def answer(self, repetition: Repetition, window: int) -> complex:
            super().answer(repetition, window)
            return complex(len(self.told))

    plant = Counting([], after=True)

    def body(self: Program) -> None:
        self.at(DRIVE, "drive", 0)
        self.read()

    def setup(self: Program) -> None:
        self.drive(gain=QickSweep1D("point", 0.1, 0.4))

    run = program(body, reps=3, loops={"point": 2}, setup=setup)
    run.acquire(SimulatedSoc(CONFIG, plant), progress=False)
    data = np.asarray(run.get_raw())[..., 0, 0].transpose(1, 2, 0).reshape(6, 2)
    # A readout adds an offset. In each of the six repetitions two windows are asked for, and it is closed.
    assert (data - data[0, 0]).tolist() == [[3 * n, 3 * n + 1] for n in range(6)]
    assert [window for _, window in plant.told] == [0, 1, None] * 6
    gains = [abs(repetition.played[0].envelope).max() for repetition, _ in plant.told[::3]]
    assert gains[::2] == pytest.approx([gains[0]] * 3)
    assert gains[1::2] == pytest.approx([4 * gains[0]] * 3, rel=1e-3)
    assert plant.ended


def test_a_plant_that_answers_after_the_run_only_is_refused() -> None:
    with pytest.raises(BoardError, match=r"EchoPlant has no follow\(\)"):
        raw(SimulatedSoc(CONFIG, EchoPlant()), decision())


def test_decimated_samples_show_what_the_program_has_decided(first: int) -> None:
    soc = board()
    program = decision(reps=2, threshold=first * 3 // 4)
    for gain, again in ((WHOLE, True), (HALF, False)):
        soc.plant = board(gain).plant
        (traces,) = program.acquire_decimated(soc, progress=False)
        assert traces.shape == (2, 2, round(LISTEN * 307.2), 2)
        begin, after = traces[:, 0, :, 0], traces[:, 1, :, 0]
        assert begin == pytest.approx(gain / 2, rel=1e-3)
        assert after == pytest.approx(begin if again else 0 * begin, abs=1)
        # The accumulated buffer holds their sums, by which the program has decided.
        assert soc.get_accumulated(0, 0, 4).reshape(2, 2, 2) == pytest.approx(traces.sum(axis=2), abs=1)


def test_rounds_of_decimated_samples_decide_each_by_itself(first: int) -> None:
    soc = board(noise=2000.0)
    program = decision(reps=1, threshold=first)
    seen = [program.acquire_decimated(soc, progress=False)[0][1, 20:80, 0].mean() for _ in range(20)]
    played = np.array(seen) > HALF / 2
    assert 0 < played.sum() < 20
    both = program.acquire_decimated(soc, progress=False, rounds=20)[0][1, 20:80, 0].mean()
    assert 0 < both < HALF


def test_a_run_that_is_followed_in_sums_alone_gives_no_decimated_samples() -> None:
    plant = EchoesAndSums(board().plant)
    soc = SimulatedSoc(CONFIG, plant)
    assert raw(soc, decision())[0].shape == (3, 2, 2)
    with pytest.raises(BoardError, match=r"Sums has no samples\(\): .* use acquire\(\)"):
        decision(reps=1).acquire_decimated(soc, progress=False)


def test_its_events_are_those_of_one_run_only() -> None:
    soc = board()
    decision().acquire(soc, progress=False)
    with pytest.raises(BoardError, match="each run has its own events"):
        soc.events()
