"""Programs in the vendor's words that read results on the board and act on the link's qubits: reset, correction.

What they must give is computed here from the truth by stepping populations: with QuTiP for a pulse, with a matrix
exponential for a wait, and with many random walks for what a readout records and leaves.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from qick.asm_v2 import AveragerProgramV2
from scipy.linalg import expm

from coldlink.instruments.qick.firmware import soccfg
from coldlink.instruments.simulated.board import SimulatedSoc
from coldlink.instruments.simulated.truth import Truth

from ...direct_link import driven
from ...one_mode import one_mode
from .rack import of_qubits

CONFIG = soccfg()
DRIVE, TONES, READOUTS = (6, 7), 4, (2, 3)
QUBIT, TONE, MIXER = (5110.0, 5105.0), (6350.0, 6450.0), 5100.0
"""Of qubits, tones and mixer (MHz)."""
WINDOW, ECHO = 17 / 38.4, 0.093
"""Length of a window, and delay of an echo (us)."""
TURN = 18 / 430.08
"""Length of a half turn (us)."""
PART = 0.4697
"""Of the tones' full scale."""
GAIN = 1 / (2 * 100 * TURN) / 0.9
"""Of a half turn on a generator that reaches 0.9 of its full scale, with a Rabi rate of 100 MHz there."""
MET, FIRST, DECIDED, SECOND = 0.07, 0.25, 1.05, 1.15
"""When A meets the line, and when the first readout, the second turn and the second readout begin (us)."""
HALF, WHOLE = 12 / 599.04, 23 / 599.04
"""Contacts in which A gives half of its excitation to the line, and B takes it (us)."""
CONTACTS = (
    (0, 0.4824, MET, HALF),
    (2, 0.3643, MET, HALF),
    (1, 0.4824, MET + HALF, WHOLE),
    (3, 0.3277, MET + HALF, WHOLE),
    (5, 0.3423 / 0.9, MET - 0.01, HALF + WHOLE + 0.02),
)
"""Generator of coupler or flux, part of its full scale, start and length (us); the last one closes the load."""
CLOCKS = 28 / 430.08
"""After which all clocks of the board coincide again (us)."""
SLOW, FAST, SLOWEST = 4000 * CLOCKS, 40 * CLOCKS, 10_000_000 * CLOCKS
"""Periods: the next repetition does not remember, or does; or does not even if T1 is a tenth of a second (us)."""
SHOTS = 1500


class Decision(AveragerProgramV2):
    """A half turn of qubit A, its readout, a second half turn if that one says so, and a second readout.

    cfg: `prepared` makes the first turn. `shared` brings A and B together. `flipped` is the qubit that is turned after
    a result above `threshold`, None for neither. `second` is the qubit that is read at last.
    """

    def _initialize(self, cfg: dict[str, Any]) -> None:
        for number in (0, 1):
            self.declare_gen(ch=DRIVE[number], nqz=2, mixer_freq=MIXER)
            self.constant(DRIVE[number], GAIN, TURN, freq=QUBIT[number])
        for channel, height, _, length in CONTACTS:
            self.declare_gen(ch=channel, nqz=1, **({"mixer_freq": 0.0} if CONFIG["gens"][channel]["has_mixer"] else {}))
            self.constant(channel, height, length)
        self.declare_gen(
            ch=TONES, nqz=2, mixer_freq=6400.0, mux_freqs=list(TONE), mux_gains=[PART] * 2, ro_ch=READOUTS[0]
        )
        for number in (0, 1):
            self.declare_readout(ch=READOUTS[number], length=WINDOW, freq=TONE[number], gen_ch=TONES)
            self.add_pulse(ch=TONES, name=f"tone{number}", style="const", mask=[number], length=WINDOW + 0.03)

    def _body(self, cfg: dict[str, Any]) -> None:
        if cfg["prepared"]:
            self.pulse(ch=DRIVE[0], name=str(DRIVE[0]), t=0)
        for channel, _, start, _ in CONTACTS if cfg["shared"] else ():
            self.pulse(ch=channel, name=str(channel), t=start)
        self.read(0, FIRST)
        self.wait(FIRST + ECHO + WINDOW + 0.15)
        if cfg["flipped"] is not None:
            self.read_and_jump(ro_ch=READOUTS[0], component="Q", threshold=cfg["threshold"], test="<", label="over")
            self.pulse(ch=DRIVE[cfg["flipped"]], name=str(DRIVE[cfg["flipped"]]), t=DECIDED)
            self.label("over")
        self.read(cfg["second"], SECOND)
        self.wait(SECOND + ECHO + WINDOW + 0.15)
        self.delay(cfg["period"])

    def constant(self, channel: int, gain: float, length: float, freq: float = 0.0) -> None:
        settings = {"style": "const", "freq": freq, "phase": 0, "phrst": 1, "gain": gain, "length": length}
        self.add_pulse(ch=channel, name=str(channel), **settings)

    def read(self, number: int, start: float) -> None:
        self.pulse(ch=TONES, name=f"tone{number}", t=start)
        self.trigger(ros=[READOUTS[number]], t=start + ECHO)


def quiet(held: Truth) -> Truth:
    """Without slow noise."""
    return of_qubits(quasi_static=0.0)(held)


def still(held: Truth) -> Truth:
    """Without noise, and with qubits that stay in g or e."""
    silent = tuple(replace(resonator, noise=0.0) for resonator in held.resonators)
    return replace(of_qubits(quasi_static=0.0, t1=0.1, residual_population=1e-6)(held), resonators=silent)


def board(change: Callable[[Truth], Truth] = quiet, seed: int = 5) -> SimulatedSoc:
    return SimulatedSoc(CONFIG, one_mode("sim_1k", change, seed).plant)


def run(soc: SimulatedSoc, shots: int, **cfg: Any) -> np.ndarray:
    """What tells the level of the qubit that is read, in each shot's two readouts: Q of A, I of B."""
    usual = {"prepared": True, "shared": False, "flipped": None, "second": 0, "threshold": 0, "period": SLOW}
    program = Decision(
        CONFIG, reps=shots, initial_delay=200 * CLOCKS, final_delay=None, final_wait=None, cfg=usual | cfg
    )
    program.acquire(soc, progress=False)
    echoes = [np.asarray(raw) for raw in program.get_raw()]
    return np.concatenate([echoes[0][..., 1], echoes[1][..., 0]], axis=1)


@cache
def shown() -> np.ndarray:
    """That of each qubit in g, e and (it hardly ever is there) f, shape (2, 3)."""
    silent, always = board(still), -(2**22)
    a = [np.median(run(silent, 20, period=SLOWEST, prepared=up)[:, 0]) for up in (False, True)]
    b = [np.median(run(silent, 20, period=SLOWEST, flipped=up, second=1, threshold=always)[:, 1]) for up in (None, 1)]
    return np.array([[*a, a[1]], [*b, b[1]]])


def middle(qubit: int) -> int:
    return round(shown()[qubit, :2].mean())


# --- what must come out -----------------------------------------------------------------------------------------------


def after(held: Truth, qubit: int, time: float) -> np.ndarray:
    """Populations (rows) that each level (columns) has become after a wait (us)."""
    model, ladder = held.device.qubits[qubit], np.array([1, 2])
    p = model.residual_population
    flow = np.diag(p / model.t1 * ladder, -1) + np.diag((1 - p) / model.t1 * ladder, 1)
    return expm((flow - np.diag(flow.sum(axis=0))) * time * 1e-6)


def turned(held: Truth, qubit: int) -> np.ndarray:
    """Populations (rows) that a half turn makes of each level (columns)."""
    rate = np.pi * held.drives[qubit].rabi_rate * GAIN * 0.9
    ends = [
        driven(held.device, qubit, np.diag(row), 0.0, lambda t: rate, TURN * 1e-6) for row in np.eye(3, dtype=complex)
    ]
    return np.array([np.diag(end).real for end in ends]).T


def thermal(held: Truth, qubit: int) -> np.ndarray:
    return after(held, qubit, 1e4)[:, 0]


def recorded(held: Truth, qubit: int) -> np.ndarray:
    """Probability of result r and last level l for each first level s, shape (2, 3, 3) as (r, l, s), from walks."""
    rng, walks, steps = np.random.default_rng(11), 100_000, 60
    edges = np.cumsum(after(held, qubit, WINDOW / steps), axis=0)
    spread = held.resonators[qubit].noise * np.sqrt(round(WINDOW * 38.4))
    table = np.zeros((2, 3, 3))
    for begun in range(3):
        now, mean = np.full(walks, begun), np.zeros(walks)
        for _ in range(steps):
            mean += shown()[qubit][now] / steps
            now = np.minimum((rng.random(walks) > edges[:, now]).sum(axis=0), 2)
        high = mean + spread * rng.standard_normal(walks) >= middle(qubit)
        np.add.at(table, (high.astype(int), now, begun), 1 / walks)
    return table


def within(found: float, expected: float, shots: int) -> bool:
    """Four standard deviations of a share of so many shots."""
    return abs(found - expected) <= 4 * np.sqrt(expected * (1 - expected) / shots)


class Chain:
    """Two readouts of A in each repetition of `period` (us). reset: A is turned again after a high result.

    parts: What each pair of results makes of the populations at the origin: its probability, and those at the next.
    """

    def __init__(self, held: Truth, period: float, *, reset: bool) -> None:
        table, turn = recorded(held, 0), turned(held, 0)
        begin, between = after(held, 0, FIRST - TURN) @ turn, after(held, 0, DECIDED - FIRST - WINDOW)
        late, rest = after(held, 0, SECOND - DECIDED - TURN), after(held, 0, period - SECOND - WINDOW)
        acts = (after(held, 0, TURN), turn if reset else after(held, 0, TURN))
        self.parts = {
            (first, second): rest @ table[second] @ late @ acts[first] @ between @ table[first] @ begin
            for first in (0, 1)
            for second in (0, 1)
        }

    def steady(self) -> np.ndarray:
        """Populations at the origin that come again."""
        whole = np.linalg.matrix_power(sum(self.parts.values()), 1000)
        return whole[:, 0]

    def shares(self, start: np.ndarray) -> dict[tuple[int, int], float]:
        """Of the results."""
        return {results: float((part @ start).sum()) for results, part in self.parts.items()}


def counted(high: np.ndarray, first: int, second: int) -> float:
    return float(np.mean((high[:, 0] == first) & (high[:, 1] == second)))


# --- on the twin ------------------------------------------------------------------------------------------------------


def test_a_measured_qubit_is_reset_as_readout_errors_the_turn_and_t1_allow() -> None:
    soc = board()
    high = run(soc, SHOTS, flipped=0, threshold=middle(0)) >= middle(0)
    held = soc.plant.truth
    expected = Chain(held, SLOW, reset=True).shares(thermal(held, 0))
    for results, share in expected.items():
        assert within(counted(high, *results), share, SHOTS)
    assert expected[0, 1] + expected[1, 1] < 0.06
    assert high[:, 0].mean() > 0.9


@pytest.mark.parametrize("reset", [True, False])
def test_repetitions_that_follow_at_once_begin_with_what_the_one_before_has_left(reset: bool) -> None:
    """With reset the board decides; without it the run is followed all the same, as its readouts are remembered."""
    soc = board()
    high = run(soc, SHOTS, period=FAST, threshold=middle(0), flipped=0 if reset else None) >= middle(0)
    chain = Chain(soc.plant.truth, FAST, reset=reset)
    steady = chain.steady()
    # What a repetition begins with depends on the one before, so that shares spread more than those of free shots.
    wide = SHOTS // (1 if reset else 4)
    for results, share in chain.shares(steady).items():
        assert within(counted(high[50:], *results), share, wide)
    for results, part in chain.parts.items():
        begun = part @ steady
        following = high[1:][(high[:-1] == results).all(axis=1)]
        if len(following) > 100:
            next_high = sum(share for (first, _), share in chain.shares(begun / begun.sum()).items() if first)
            assert within(following[:, 0].mean(), next_high, len(following))


def test_without_reset_a_remembered_qubit_is_turned_to_and_fro() -> None:
    soc = board()
    high = run(soc, 400, period=FAST) >= middle(0)
    assert np.corrcoef(high[:-1, 1], high[1:, 0])[0, 1] < -0.7


def test_the_partner_of_a_measured_qubit_is_turned_by_its_result() -> None:
    soc = board()
    held = soc.plant.truth
    plain = run(soc, SHOTS, shared=True, second=1)
    (group,) = soc.groups
    pair = soc.plant.cycle(group).means()[0].joint
    first_a, (_, high_b), turn = recorded(held, 0).sum(axis=1), recorded(held, 1).sum(axis=1), turned(held, 1)
    expected = dict.fromkeys((None, 1), 0.0)
    for flipped in expected:
        for first in (0, 1):
            kept = after(held, 1, DECIDED - FIRST) @ (first_a[first] @ pair)
            kept = (turn if flipped and first else after(held, 1, TURN)) @ kept
            expected[flipped] += float(high_b @ after(held, 1, SECOND - DECIDED - TURN) @ kept)
    found = run(soc, SHOTS, shared=True, second=1, flipped=1, threshold=middle(0))
    assert within(np.mean(plain[:, 1] >= middle(1)), expected[None], SHOTS)
    assert within(np.mean(found[:, 1] >= middle(1)), expected[1], SHOTS)
    assert expected[1] > expected[None] + 0.3
