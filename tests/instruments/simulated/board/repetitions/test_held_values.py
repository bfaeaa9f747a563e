"""Waves whose last value stays at the converter, within a repetition and beyond it."""

from typing import Any

import numpy as np
import pytest
from qick.asm_v2 import QickSweep1D

from coldlink.instruments.simulated.board import Played, Repetition, SimulatedSoc

from ..programs import FLUX, Program, board, program

STEP = 160 / 9584.64e6
"""Length of the envelope (s)."""
CYCLE = 16 / 9584.64e6


def hold(self: Program, **more: Any) -> None:
    """A step that stays, and a pulse that ends it."""
    self.flux(**{"outsel": "input", "stdysel": "last"} | more)
    self.add_pulse(ch=FLUX, name="off", style="const", length=10 / 599.04, freq=0, phase=0, gain=0)


def held_until(tick: int | None) -> Any:
    def body(self: Program) -> None:
        self.at(FLUX, "flux", 28)
        if tick is not None:
            self.at(FLUX, "off", tick)
        self.read()

    return body


def groups(body: Any, *, reps: int = 4, **more: Any) -> tuple[list[Repetition], list[int]]:
    soc: SimulatedSoc
    soc, _ = board()
    program(body, reps=reps, **more).acquire(soc, progress=False)
    return soc.groups, soc.owner.tolist()


def flux(repetition: Repetition) -> list[Played]:
    return [wave for wave in repetition.played if wave.generator == FLUX]


def test_a_last_value_is_held_until_the_next_wave() -> None:
    (only,), owner = groups(held_until(364), setup=hold)
    step, held, off = flux(only)
    assert owner == [0] * 4
    assert step.duration == pytest.approx(STEP)
    assert held.start == pytest.approx(step.start + STEP)
    assert held.start + held.duration == pytest.approx(off.start, abs=1e-15)
    assert held.envelope == pytest.approx(step.envelope[-1:])
    assert (held.oscillator, held.frequency) == (0, 0)


def test_a_value_that_nothing_ends_is_found_by_the_next_repetition_and_lasts_to_its_end() -> None:
    (first, after), owner = groups(held_until(None), setup=hold)
    assert owner == [0, 1, 1, 1]
    assert len(flux(first)) == 2
    kept, step, held = flux(after)
    assert kept.start < 0
    assert kept.start + kept.duration == pytest.approx(step.start, abs=1e-15)
    for wave in (kept, held):
        assert wave.envelope == pytest.approx(step.envelope[-1:])
    window = after.windows[-1]
    assert held.start + held.duration == pytest.approx(window.start + window.length, abs=2 * CYCLE)


def test_a_value_that_was_set_once_is_there_in_every_repetition() -> None:
    def setup(self: Program) -> None:
        hold(self)
        self.at(FLUX, "flux", 1000)

    found, owner = groups(lambda self: self.read(), setup=setup)
    assert owner == [0, 1, 1, 1]
    (kept,) = flux(found[1])
    assert kept.start < 0 < kept.start + kept.duration
    assert kept.envelope == pytest.approx(flux(found[0])[0].envelope[-1:])


@pytest.mark.parametrize("end", [364, None])
def test_what_is_held_has_the_gain_of_its_wave(end: int | None) -> None:
    gains = np.linspace(0.1, 0.5, 5)
    sweep = {"loops": {"gain": 5}, "setup": lambda self: hold(self, gain=QickSweep1D("gain", 0.1, 0.5))}
    found, owner = groups(held_until(end), reps=2, **sweep)
    for shot, group in enumerate(owner):
        steady = [wave for wave in flux(found[group]) if wave.envelope.size == 1 and wave.envelope.any()]
        expected = [gains[shot % 5]]
        if end is None and shot:
            expected.insert(0, gains[(shot - 1) % 5])
        assert [wave.envelope[0].real for wave in steady] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("reset", [0, 1])
def test_a_tone_stands_still_at_the_phase_that_it_has_reached_also_in_the_next_repetition(reset: int) -> None:
    def setup(self: Program) -> None:
        settings = {"style": "const", "length": 10 / 599.04, "freq": 120.7, "phase": 0, "gain": 0.5}
        self.add_pulse(ch=FLUX, name="flux", stdysel="last", phrst=reset, **settings)

    found, owner = groups(held_until(None), setup=setup)
    before = None
    for repetition in (found[group] for group in owner):
        *kept, step, held = flux(repetition)
        reached = step.phase + 2 * np.pi * step.frequency * (9 * CYCLE - 1 / 9584.64e6)
        assert np.exp(1j * held.phase) == pytest.approx(np.exp(1j * reached), abs=1e-6)
        assert [np.exp(1j * wave.phase) for wave in kept] == pytest.approx([] if before is None else [before], abs=1e-6)
        before = np.exp(1j * held.phase)
    assert len(found) == (2 if reset else 4)
