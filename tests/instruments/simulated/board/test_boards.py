"""Several boards that one pulse starts: what one plays is heard by the other, with skew and drift."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from threading import Thread
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from qick.asm_v2 import AveragerProgramV2, QickSweep1D

from coldlink.instruments.qick.firmware import RFSOC4X2, soccfg
from coldlink.instruments.simulated import Cable, Loopback, SimulatedSoc
from coldlink.instruments.simulated.board import Boards, Repetition
from coldlink.instruments.simulated.board.output import BOARD
from coldlink.sequences.errors import BoardError

FULL = 10_000.0
STEP = 1 / 307.2e6
"""One decimated sample of a dynamic readout (s)."""
FREQ = 100.0
Trace = NDArray[np.complex128]


class Both(AveragerProgramV2):
    """Plays if it has a gain, and listens 0.35 us later."""

    def _initialize(self, cfg: dict[str, Any]) -> None:
        self.declare_gen(ch=0, nqz=1)
        tuned = {"freq": FREQ, "gen_ch": 0} if cfg.get("tuned") else {}
        self.declare_readout(ch=0, length=0.4, **tuned)
        if not tuned:
            self.add_readoutconfig(ch=0, name="ro", freq=FREQ, gen_ch=0)
            self.send_readoutconfig(ch=0, name="ro", t=0)
        if "loop" in cfg:
            self.add_loop("gain", cfg["loop"])
        pulse = {"style": "const", "freq": FREQ, "length": 0.1, "phase": 0}
        self.add_pulse(ch=0, name="p", gain=cfg["gain"], ro_ch=0, **pulse)

    def _body(self, cfg: dict[str, Any]) -> None:
        self.pulse(ch=0, name="p", t=0)
        self.trigger(ros=[0], t=0.35)


def cables(*ways: tuple[int, int], noise: float = 0.0) -> Loopback:
    return Loopback(
        np.random.default_rng(4), tuple(Cable(generator=one, readout=other, noise=noise) for one, other in ways)
    )


def pair(*ways: tuple[int, int], other: Any = None, **clocks: Any) -> Boards:
    return Boards((SimulatedSoc(), SimulatedSoc(other)), cables(*ways), **clocks)


def traces(boards: Boards, reps: int = 1, period: float = 1.0, rounds: int = 1, **cfg: Any) -> list[Trace]:
    """Decimated samples of the first board, which plays, and of the second one."""
    progs = [
        Both(soc, reps=reps, final_delay=period, cfg={"gain": 1.0 - number} | cfg)
        for number, soc in enumerate(boards.socs)
    ]
    for prog, soc in zip(progs, boards.socs, strict=True):
        prog.acquire_decimated(soc, rounds=rounds, start_src="external", step_rounds=True, progress=False)
    boards.trigger_start()
    while {prog.finish_round() for prog in progs} == {True}:
        for prog in progs:
            prog.prepare_round()
        boards.trigger_start()
    return [prog.finish_acquire()[0] @ np.array([1, 1j]) for prog in progs]


def middle(trace: Trace) -> NDArray[np.float64]:
    """Where the energy of each trace lies (s)."""
    power = abs(trace)
    return np.asarray((power * np.arange(trace.shape[-1])).sum(axis=-1) / power.sum(axis=-1) * STEP)


def angle(trace: Trace) -> NDArray[np.float64]:
    return np.angle(trace.sum(axis=-1))


def test_boards_without_skew_and_drift_agree_to_the_sample() -> None:
    first, second = traces(pair((0, 0), (0, BOARD)), reps=3)
    assert first.shape == second.shape == (3, 123)
    assert abs(first).max() == pytest.approx(FULL, rel=1e-3)
    assert np.array_equal(first, second)


def test_a_board_among_others_hears_itself_as_it_does_alone() -> None:
    alone = SimulatedSoc(plant=cables((0, 0)))
    prog = Both(alone, reps=3, final_delay=1.0, cfg={"gain": 1.0})
    heard = prog.acquire_decimated(alone, progress=False)[0] @ np.array([1, 1j])
    assert np.array_equal(traces(pair((0, 0)), reps=3)[0], heard)
    assert abs(traces(pair((BOARD, BOARD)), reps=3)[1]).max() == 0


@pytest.mark.parametrize("skew", [3.2e-9, -40e-9])
def test_a_board_that_starts_later_hears_the_other_one_earlier_and_turned(skew: float) -> None:
    first, second = traces(pair((0, 0), (0, BOARD), skew=(0.0, skew)))
    assert middle(second) - middle(first) == pytest.approx(-skew, abs=2e-11)
    turned = np.exp(1j * (angle(second) - angle(first)))
    assert turned == pytest.approx(np.exp(2j * np.pi * FREQ * 1e6 * skew), abs=2e-3)


def test_the_skew_is_the_same_in_every_repetition_and_every_round() -> None:
    boards = pair((0, 0), (0, BOARD), skew=(0.0, 20e-9))
    first, second = traces(boards, reps=4, rounds=2)
    late = middle(second) - middle(first)
    assert late == pytest.approx(np.full(4, -20e-9), abs=5e-11)


def test_a_drift_grows_from_repetition_to_repetition_in_delay_and_phase() -> None:
    drift, reps = 2e-5, 6
    boards = pair((0, 0), (0, BOARD), drift=(0.0, drift))
    first, second = traces(boards, reps=reps, period=200.0)
    soc = boards.socs[1]
    expected = drift * soc.origins / 430.08e6
    assert np.ptp(expected) == pytest.approx(drift * 5 * 200e-6, rel=0.01)
    # The window opens 0.35 us after its repetition's begin, which drifts by another 7 ps.
    assert middle(first) - middle(second) == pytest.approx(expected, abs=4e-11)
    turned = np.exp(1j * (angle(second) - angle(first)))
    assert turned == pytest.approx(np.exp(2j * np.pi * FREQ * 1e6 * expected), abs=0.02)
    assert len(soc.groups) == reps


def test_a_drift_of_both_boards_is_none() -> None:
    first, second = traces(pair((0, 0), (0, BOARD), drift=(1e-6, 1e-6)), reps=4, period=100.0)
    assert abs(first - second).max() <= 1


def test_what_one_board_sweeps_is_an_axis_of_the_others_data() -> None:
    boards = pair((0, BOARD))
    one = Both(boards.socs[0], reps=100, final_delay=25.0, cfg={"gain": QickSweep1D("gain", 0.0, 1.0), "loop": 5})
    two = Both(boards.socs[1], reps=100, final_delay=25.0, cfg={"gain": 0.0, "loop": 5})
    for prog, soc in zip((one, two), boards.socs, strict=True):
        prog.acquire(soc, start_src="external", step_rounds=True, progress=False)
    boards.trigger_start()
    assert not one.finish_round() and not two.finish_round()
    (data,) = two.finish_acquire()
    level = abs(data[0] @ [1, 1j])
    assert level / level[-1] == pytest.approx(np.linspace(0, 1, 5), abs=1e-3)
    # Repetitions in which the other board plays the same at the same distance are measured together.
    assert sum(boards.socs[1].shots) == 500
    assert len(boards.socs[1].groups) < 250


def test_programs_wait_in_their_own_threads_until_all_boards_are_started() -> None:
    boards, data = pair((0, 0), (0, BOARD)), {}

    def acquire(number: int) -> None:
        prog = Both(boards.socs[number], reps=5, final_delay=1.0, cfg={"gain": 1.0 - number})
        data[number] = prog.acquire(boards.socs[number], start_src="external", progress=False)[0]

    threads = [Thread(target=acquire, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    boards.trigger_start(timeout=20.0)
    for thread in threads:
        thread.join()
    assert np.array_equal(data[0], data[1])
    assert np.hypot(*data[0][0]) == pytest.approx(FULL * 0.1 / 0.4, rel=0.02)


def test_a_start_while_one_board_is_not_ready_starts_none_and_can_be_given_again() -> None:
    boards = pair((0, 0), (0, BOARD))
    progs = [Both(soc, reps=5, final_delay=1.0, cfg={"gain": 1.0 - n}) for n, soc in enumerate(boards.socs)]
    waiting = {"start_src": "external", "step_rounds": True, "progress": False}
    progs[0].acquire(boards.socs[0], **waiting)
    with pytest.raises(BoardError, match="board 1: no program waits for a start, so that none was started"):
        boards.trigger_start()
    progs[1].acquire(boards.socs[1], **waiting)
    boards.trigger_start()
    data = []
    for prog in progs:
        prog.finish_round()
        data.append(prog.finish_acquire()[0])
    assert np.array_equal(*data)
    assert abs(data[0]).max() > 100


def late(soc: SimulatedSoc) -> Both:
    """A program whose second repetition begins before the first one's pulse has ended."""
    return Both(soc, reps=2, final_delay=None, final_wait=None, cfg={"gain": 1.0})


@pytest.mark.parametrize("decimated", [False, True])
def test_a_run_that_fails_when_it_is_triggered_fails_where_its_program_waits(decimated: bool) -> None:
    soc = SimulatedSoc()
    prog, errors = late(soc), list[BaseException]()

    def acquire() -> None:
        take = prog.acquire_decimated if decimated else prog.acquire
        with pytest.raises(BoardError, match="the run ended when it was started: shot 1") as caught:
            take(soc, start_src="external", progress=False)
        errors.append(caught.value)

    thread = Thread(target=acquire)
    thread.start()
    with pytest.raises(BoardError, match="shot 1") as caught:
        soc.trigger_start(timeout=20.0)
    thread.join()
    assert errors[0].__cause__ is caught.value
    # The next run is none the worse for it.
    ((data,),) = Both(soc, reps=2, final_delay=1.0, cfg={"gain": 1.0}).acquire(soc, progress=False)
    assert np.hypot(*data) > 1000


def test_one_boards_failure_ends_the_wait_of_the_others() -> None:
    boards = pair((0, 0), (0, BOARD))
    first, other = boards.socs
    Both(first, reps=2, final_delay=1.0, cfg={"gain": 1.0}).acquire(
        first, start_src="external", step_rounds=True, progress=False
    )
    late(other).acquire(other, start_src="external", step_rounds=True, progress=False)
    with pytest.raises(BoardError, match="shot 1"):
        boards.trigger_start()
    for soc in boards.socs:
        with pytest.raises(BoardError, match="the run ended when it was started"):
            soc.get_tproc_counter(addr=1)


def test_boards_of_two_kinds_hear_each_other() -> None:
    boards = pair((0, 0), (0, BOARD), other=soccfg(RFSOC4X2))
    progs = [
        Both(soc, reps=1, final_delay=1.0, cfg={"gain": 1.0 - number, "tuned": number == 1})
        for number, soc in enumerate(boards.socs)
    ]
    for prog, soc in zip(progs, boards.socs, strict=True):
        prog.acquire_decimated(soc, start_src="external", step_rounds=True, progress=False)
    boards.trigger_start()
    heard = []
    for prog in progs:
        prog.finish_round()
        trace = prog.finish_acquire()[0] @ np.array([1, 1j])
        time = prog.get_time_axis(0)
        heard.append((abs(trace) * time).sum() / abs(trace).sum())
        assert abs(trace).max() == pytest.approx(FULL, rel=1e-3)
    assert heard[0] == pytest.approx(heard[1], abs=3e-3)


class Led(Both):
    """The vendor's tutorial: the leader's pin starts the follower, and both play 10 us later."""

    def _initialize(self, cfg: dict[str, Any]) -> None:
        super()._initialize(cfg)
        if cfg["send_start"]:
            self.delay(0.5)
            self.trigger(pins=[0], t=0)
            self.delay(cfg["leader_delay"])

    def _body(self, cfg: dict[str, Any]) -> None:
        self.delay(10)
        super()._body(cfg)


@pytest.mark.parametrize(("late", "skew"), [(0, 0), (18, 0), (22, 22), (22, 15)])
def test_a_leader_starts_its_follower_with_a_pin(late: int, skew: int) -> None:
    """late: Ticks that the leader waits for its follower. skew: Ticks that the follower needs to start."""
    boards = pair((0, 0), (BOARD, 0), pin=0, skew=(0.0, skew / 430.08e6))
    cfg = {"leader_delay": boards.socs[0].cycles2us(late)}
    progs = [
        Led(soc, reps=1, final_delay=0.5, cfg=cfg | {"gain": 1.0 - 0.5 * number, "send_start": number == 0})
        for number, soc in enumerate(boards.socs)
    ]
    for prog, soc, source in zip(progs, boards.socs, ("internal", "external"), strict=True):
        prog.acquire_decimated(soc, rounds=2, start_src=source, step_rounds=True, progress=False)
    with ThreadPoolExecutor(2) as pool:
        while list(pool.map(lambda prog: prog.finish_round(), progs)) == [True, True]:
            for prog in progs:
                prog.prepare_round()
    trace = progs[0].finish_acquire()[0] @ np.array([1, 1j])
    loud = np.flatnonzero(abs(trace) > 0.25 * FULL) * STEP
    assert np.ptp(loud) == pytest.approx(0.1e-6 + abs(late - skew) / 430.08e6 - STEP, abs=1.5 * STEP)
    # The follower's oscillators are as old as its time, so the phase between the boards is that of its start.
    began = (boards.socs[0].us2cycles(0.5) + skew) / 430.08
    together = abs(1 + 0.5 * np.exp(2j * np.pi * FREQ * began)) * FULL
    assert abs(trace).max() == pytest.approx(together if late == skew else max(together, FULL), rel=2e-3)


def test_a_leader_that_never_raises_its_pin_is_an_error() -> None:
    boards = pair((0, 0), pin=0)
    with pytest.raises(BoardError, match="pin 0 of the first board starts the others but never goes up"):
        Both(boards.socs[0], reps=1, final_delay=1.0, cfg={"gain": 1.0}).run_rounds(boards.socs[0], progress=False)


def test_boards_refuse_clocks_for_other_boards_and_a_start_that_nobody_waits_for() -> None:
    with pytest.raises(BoardError, match="skew has 1 values for 2 boards"):
        pair((0, 0), skew=(0.0,))
    with pytest.raises(BoardError, match="no program waits for a start"):
        pair((0, 0)).trigger_start()
    with pytest.raises(BoardError, match=r"drift is \(0.0, inf\); give finite numbers"):
        pair((0, 0), drift=(0.0, float("inf")))
    soc = SimulatedSoc()
    with pytest.raises(BoardError, match="2 boards, of which not each is another"):
        Boards((soc, soc), cables())


class Dice:
    """Gives all windows of a shot the same number, which grows by ten in each shot if it `counts`."""

    def __init__(self, counts: bool = False) -> None:
        self.rng, self.counts, self.now = np.random.default_rng(1), counts, 0.0
        self.asked: list[tuple[int, ...]] = []

    def measure(self, repetition: Repetition, shots: int) -> Trace:
        self.asked.append(tuple(window.readout for window in repetition.windows))
        return np.repeat(self.rng.integers(0, 10**6, (shots, 1)), len(repetition.windows), axis=1).astype(complex)

    def follow(self) -> Any:
        return nullcontext(self)

    def remembers(self, repetition: Repetition) -> bool:
        return self.counts

    def answer(self, repetition: Repetition, window: int) -> complex:
        self.asked.append((repetition.windows[window].readout,))
        return self.now

    def close(self, repetition: Repetition) -> None:
        self.now += 10


def shots(dice: Dice, periods: tuple[float, float] = (25.0, 25.0), **clocks: Any) -> list[list[float]]:
    """What each of two boards finds, shot by shot."""
    boards = Boards((SimulatedSoc(), SimulatedSoc()), dice, **clocks)
    progs = [
        Both(soc, reps=20, final_delay=period, cfg={"gain": 0.5})
        for soc, period in zip(boards.socs, periods, strict=True)
    ]
    for prog, soc in zip(progs, boards.socs, strict=True):
        prog.acquire(soc, start_src="external", step_rounds=True, progress=False)
    boards.trigger_start()
    for prog in progs:
        prog.finish_round()
    return [prog.get_raw()[0][:, 0, 0].tolist() for prog in progs]


@pytest.mark.parametrize("skew", [-30e-9, 0.0, 1e-6])
def test_what_two_boards_find_in_a_shot_is_correlated(skew: float) -> None:
    dice = Dice()
    one, two = shots(dice, skew=(0.0, skew))
    assert one == two and len(set(one)) > 15
    assert {frozenset(asked) for asked in dice.asked} == {frozenset({0, BOARD})}


def test_the_shots_of_boards_whose_clocks_drift_apart_are_the_same_until_a_board_is_a_repetition_ahead() -> None:
    one, two = shots(Dice(), drift=(0.0, 1e-3))
    assert one == two
    one, two = shots(Dice(), periods=(25.0, 22.0))
    assert one != two


def test_what_one_board_reads_is_remembered_by_what_the_other_board_reads() -> None:
    one, two = shots(Dice(counts=True), skew=(0.0, 40e-9))
    assert one == two == [10.0 * shot for shot in range(20)]


def test_a_program_that_reads_results_on_the_board_is_refused_among_others() -> None:
    class Reads(Both):
        def _body(self, cfg: dict[str, Any]) -> None:
            super()._body(cfg)
            self.wait_auto(0.2)
            self.read_input(ro_ch=0)

    boards = pair((0, 0))
    for soc in boards.socs:
        prog = Reads(soc, reps=2, final_delay=1.0, cfg={"gain": 0.5})
        prog.acquire(soc, start_src="external", step_rounds=True, progress=False)
    with pytest.raises(BoardError, match="gives results after the run, but the program reads one on the board"):
        boards.trigger_start()
