"""A board whose output is wired to its input: what a true one is told, and what a damaged one."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from coldlink.instruments.qick.conformance import conformance, near_edges
from coldlink.instruments.qick.firmware import RFSOC4X2, ZCU111, ZCU216, Firmware, soccfg
from coldlink.instruments.qick.loop import Loop
from coldlink.instruments.qick.probe import CONTENT, LEAD, PROBES, TAIL
from coldlink.instruments.simulated.board import Cable, Loopback, Repetition, SimulatedSoc, Window
from coldlink.sequences.errors import InstrumentError, SequenceError

WINDOW = LEAD + CONTENT + TAIL
"""Samples of each window but the first probe's."""
LIMIT = 1e-6
NAMES = [probe.name for probe in PROBES]
CONFIG = soccfg()
Trace = NDArray[np.complex128]
Change = Callable[[Trace, Repetition], Trace]


class Changed(Loopback):
    """A cable that does something to each trace."""

    def __init__(self, cable: Cable, change: Change, seed: int = 5) -> None:
        super().__init__(np.random.default_rng(seed), (cable,))
        object.__setattr__(self, "change", change)

    def traces(self, repetition: Repetition, windows: Iterable[Window]) -> list[Trace]:
        return [self.change(one, repetition) for one in super().traces(repetition, windows)]  # type: ignore[attr-defined]


def cable(**more: Any) -> Cable:
    return Cable(**{"generator": 0, "readout": 0, "delay": 0.4321e-6, "gain": 9000.0, "noise": 6.0} | more)


def board(kind: type[SimulatedSoc] = SimulatedSoc, plant: Any = None, config: Any = CONFIG) -> SimulatedSoc:
    return kind(config, plant or Loopback(np.random.default_rng(5), (cable(),)))


def failed(soc: SimulatedSoc) -> dict[str, str]:
    """What differs, by the name of the probe."""
    found = conformance(soc, Loop.chosen(soc), LIMIT)
    assert [verdict.name for verdict in found.verdicts] == NAMES
    assert found.passed == all(verdict.passed for verdict in found.verdicts)
    return {verdict.name: "; ".join(verdict.problems) for verdict in found.verdicts if not verdict.passed}


@pytest.mark.parametrize(
    ("firmware", "generator", "readout"),
    [(ZCU216, 0, 0), (ZCU216, 3, 4), (ZCU216, 5, 1), (ZCU216, 9, 2), (ZCU111, 6, 1), (RFSOC4X2, 1, 0)],
)
def test_a_twin_passes_through_any_cable_and_the_cable_is_found(
    firmware: Firmware, generator: int, readout: int
) -> None:
    config = soccfg(firmware)
    rng = np.random.default_rng([generator, readout])
    true = cable(
        generator=generator,
        readout=readout,
        delay=rng.uniform(0.2e-6, 0.9e-6),
        gain=rng.uniform(3000, 20_000),
        noise=rng.uniform(1, 10),
    )
    loop = Loop.chosen(config, generator, readout)
    found = conformance(board(plant=Loopback(rng, (true,)), config=config), loop, LIMIT)
    assert [verdict.problems for verdict in found.verdicts] == [()] * len(PROBES)
    # The converter of an interpolated generator plays at most 0.9 of its full scale: the fit knows, as the twin does.
    assert abs(found.cable.gain) == pytest.approx(true.gain, rel=5e-3)
    assert found.cable.delay == pytest.approx(true.delay, abs=0.01 * loop.sample * 1e-6)
    assert found.cable.noise == pytest.approx(true.noise, rel=0.2)


def test_a_phase_that_each_run_draws_for_itself_is_no_difference_and_is_reported() -> None:
    rng = np.random.default_rng(3)

    class Drifting(SimulatedSoc):
        phase = 0.0

        def load_bin_program(self, binprog: Any, load_mem: bool = True) -> None:
            self.phase = rng.uniform(-np.pi, np.pi)
            super().load_bin_program(binprog, load_mem)

    plant = Changed(cable(), lambda heard, _: heard * np.exp(1j * soc.phase))
    soc = board(Drifting, plant)
    found = conformance(soc, Loop.chosen(soc), LIMIT)
    assert found.passed
    assert np.ptp([verdict.phase for verdict in found.verdicts]) > 1


@pytest.mark.parametrize("delay", np.linspace(0.4e-6, 0.404e-6, 4))
def test_edges_that_filters_smear_are_no_difference(delay: float) -> None:
    taps = np.array([-0.02, 0.08, 0.24, 0.4, 0.24, 0.08, -0.02])
    assert taps.sum() == pytest.approx(1)
    plant = Changed(cable(delay=delay), lambda heard, _: np.convolve(heard, taps, mode="same"))
    assert failed(board(plant=plant)) == {}


def test_a_delay_that_jumps_with_the_gain_is_told() -> None:
    class Jumping(Loopback):
        def traces(self, repetition: Repetition, windows: Iterable[Window]) -> list[Trace]:
            soft = max(abs(wave.envelope).max() for wave in repetition.played) < 0.3
            moved = cable(delay=cable().delay + (1.5e-9 if soft else 0.0))
            return Loopback(self.rng, (moved,)).traces(repetition, windows)

    differences = failed(board(plant=Jumping(np.random.default_rng(5))))
    assert list(differences) == ["three gains"]
    assert re.match(r"window 0: the echo comes 1\.(4[5-9]|5[0-5]) ns later than the twin's", differences["three gains"])


def test_a_gain_that_is_lower_in_one_image_is_told() -> None:
    def change(heard: Trace, repetition: Repetition) -> Trace:
        shaped = len(repetition.played) == 1 and repetition.played[0].envelope.size > 1
        return heard * (0.9 if shaped else 1.0)

    differences = failed(board(plant=Changed(cable(), change)))
    assert list(differences) == ["gauss envelope"]
    assert "the amplitude is 0.90" in differences["gauss envelope"]


def test_a_phase_that_turns_the_wrong_way_is_told() -> None:
    class Backwards(SimulatedSoc):
        def load_bin_program(self, binprog: Any, load_mem: bool = True) -> None:
            waves = np.array(binprog["wmem"], np.int64)
            waves[:, 1] *= -1
            super().load_bin_program({**binprog, "wmem": waves}, load_mem)

    differences = failed(board(Backwards))
    assert list(differences) == ["three phases", "back to back"]
    assert "I + iQ is" in differences["three phases"]


def test_quadratures_that_are_swapped_are_told() -> None:
    class Swapped(SimulatedSoc):
        def get_decimated(self, ch: int, address: int = 0, length: int | None = None) -> Any:
            return super().get_decimated(ch, address, length)[:, ::-1]

    assert list(failed(board(Swapped))) == ["three phases", "beat", "back to back", "accumulated sum"]


@pytest.mark.parametrize(("name", "windows", "wrong"), [("swept time", 4, 2), ("moved trigger", 8, 5)])
def test_a_window_that_comes_a_sample_late_is_told(name: str, windows: int, wrong: int) -> None:
    class Late(SimulatedSoc):
        def get_decimated(self, ch: int, address: int = 0, length: int | None = None) -> Any:
            data = super().get_decimated(ch, address, length)
            if length == windows * WINDOW:
                data[wrong * WINDOW : (wrong + 1) * WINDOW] = np.roll(
                    data[wrong * WINDOW : (wrong + 1) * WINDOW], 1, axis=0
                )
            return data

    differences = failed(board(Late))
    assert list(differences) == [name]
    assert f"window {wrong}: the echo comes 3.2" in differences[name]
    assert differences[name].count("the echo comes") == 1


def test_envelopes_that_are_written_wrongly_are_told() -> None:
    class Shifted(SimulatedSoc):
        def load_envelope(self, ch: int, data: Any, addr: int) -> None:
            super().load_envelope(ch, np.roll(data, len(data) // 8, axis=0), addr)

    assert list(failed(board(Shifted))) == ["gauss envelope", "flat top"]


def test_a_sum_that_is_one_too_large_is_told() -> None:
    class Miscounting(SimulatedSoc):
        def get_accumulated(self, ch: int, address: int = 0, length: int | None = None) -> Any:
            return super().get_accumulated(ch, address, length) + np.array([0, 1])

    differences = failed(board(Miscounting))
    assert list(differences) == ["accumulated sum"]
    assert "the board sums" in differences["accumulated sum"]


@pytest.mark.parametrize(
    ("plant", "message"),
    [
        (Loopback(np.random.default_rng(1), (cable(readout=1),)), "no echo of generator 0 at readout 0"),
        (Loopback(np.random.default_rng(1), (cable(delay=1.5e-6),)), "allow a longer delay"),
        (Loopback(np.random.default_rng(1), (cable(delay=LIMIT + 0.1e-6),)), "allow a longer delay"),
        (Loopback(np.random.default_rng(1), (cable(gain=300.0),)), "attenuate it less"),
        (Changed(cable(), lambda heard, _: np.clip(heard.real * 9, -32767, 32767) + 0j), "put an attenuator"),
    ],
)
def test_an_echo_that_cannot_be_judged_is_refused_with_what_to_do(plant: Any, message: str) -> None:
    soc = board(plant=plant)
    with pytest.raises(InstrumentError, match=message):
        conformance(soc, Loop.chosen(soc), LIMIT)


def test_a_board_whose_run_is_interrupted_is_stopped() -> None:
    stopped: list[bool] = []

    class Interrupted(SimulatedSoc):
        def get_decimated(self, ch: int, address: int = 0, length: int | None = None) -> Any:
            raise KeyboardInterrupt

        def stop_tproc(self, lazy: bool = False) -> None:
            stopped.append(lazy)

    soc = board(Interrupted)
    with pytest.raises(KeyboardInterrupt):
        conformance(soc, Loop.chosen(soc), LIMIT)
    assert stopped


def test_a_loop_takes_what_the_board_offers_and_says_what_else_there_is() -> None:
    only_slow = soccfg(replace(ZCU216, fast=0, fast_dacs=(), dynamic=0, adcs=("20",)))
    loop = Loop.chosen(only_slow)
    assert (loop.generator, only_slow["gens"][loop.generator]["type"]) == (1, "axis_sg_int4_v2")
    with pytest.raises(SequenceError, match=r"generator 4 is a axis_sg_mixmux8_v1, .* use generator 0, 1, 2, 3, 5"):
        Loop.chosen(CONFIG, generator=4)
    with pytest.raises(SequenceError, match="there is no readout 10, this board has 10; use readout 0, 1"):
        Loop.chosen(CONFIG, readout=10)
    with pytest.raises(SequenceError, match="no generator of this board"):
        Loop.chosen(soccfg(replace(ZCU216, fast=0, fast_dacs=(), interpolated=0)))


@pytest.mark.parametrize("limit", [0.0, -1.0, float("nan"), float("inf")])
def test_a_limit_that_is_no_time_is_refused(limit: float) -> None:
    soc = board()
    with pytest.raises(SequenceError, match="give a time"):
        conformance(soc, Loop.chosen(soc), limit)


def test_the_longest_limit_that_is_offered_is_possible() -> None:
    soc = board()
    loop = Loop.chosen(soc)
    with pytest.raises(SequenceError, match="readout 0 keeps 4096; lower the delay's limit to") as refused:
        conformance(soc, loop, 1e-3)
    offered = float(str(refused.value).split()[-2])
    program = PROBES[0].program(loop, reach=offered)
    assert 0.98 * 4096 < program.cfg["samples"] <= 4096


def test_edges_are_steps_and_no_flanks() -> None:
    step = np.repeat([0.0, 1.0, 0.0], 20)[None, :] + 0j
    assert np.flatnonzero(near_edges(step)).tolist() == [*range(17, 23), *range(37, 43)]
    assert not near_edges(np.sin(np.linspace(0, np.pi, 60))[None, :] + 0j).any()
