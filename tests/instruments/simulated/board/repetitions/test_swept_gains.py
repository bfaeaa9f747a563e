"""Repetitions that differ in gains: what they play is found as if each had been met for the first time."""

import warnings
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from qick.asm_v2 import QickSweep1D

from coldlink.instruments.simulated.board import Repetition, SimulatedSoc
from coldlink.instruments.simulated.board.repetitions import repetitions
from coldlink.instruments.simulated.board.repetitions.patterns import PatternBuilder

from ..programs import CONFIG, FLUX, EchoPlant, Program, program

POINTS, BEGINNINGS = 5, 56
"""Of the sweep; of a repetition that is one tick too long on the board's clocks. They have no divisor in common."""


def swept(self: Program) -> None:
    self.flux(gain=QickSweep1D("gains", -0.6, 0.6))
    self.drive(gain=QickSweep1D("gains", 0.1, 0.9))


def played(self: Program) -> None:
    self.at(FLUX, "flux", 100)
    self.at(5, "drive", 300)
    self.read()


def overlapping(self: Program) -> None:
    self.at(FLUX, "flux", 100)
    self.at(FLUX, "flux", 103)
    self.read()


def ringing(self: Program) -> None:
    self.drive()
    gain = QickSweep1D("gains", 0.1, 0.6)
    self.add_pulse(ch=FLUX, name="flux", style="const", freq=0, phase=0, gain=gain, length=0.1, mode="periodic")


def run(body: Callable[[Program], None], setup: Callable[[Program], None]) -> tuple[list[Any], list[str], int]:
    """Groups, hazards told, and how many patterns were built."""
    soc, built = SimulatedSoc(CONFIG, EchoPlant(), hazards="warn"), []
    build = PatternBuilder.build

    def counted(builder: PatternBuilder, *events: Any) -> Any:
        built.append(builder)
        return build(builder, *events)

    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        patch.setattr(PatternBuilder, "build", counted)
        program(body, loops={"gains": POINTS}, setup=setup, reps=BEGINNINGS, period=5601).acquire(soc, progress=False)
    return [listed(one) for one in soc.groups], [str(one.message) for one in told], len(built)


def listed(one: Repetition) -> tuple[Any, ...]:
    waves = [(*vars(wave).values(),) for wave in one.played]
    return (
        one.period,
        one.windows,
        [[getattr(value, "tolist", lambda v=value: v)() for value in wave] for wave in waves],
    )


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on, no two repetitions are taken for alike."""
    numbers = count()
    return lambda: monkeypatch.setattr(repetitions, "shape", lambda events: b"%d" % next(numbers))


@pytest.mark.parametrize("body", [played, overlapping])
def test_gains_are_played_as_in_repetitions_that_are_looked_at_each_by_itself(
    body: Callable[[Program], None], anew: Callable[[], None]
) -> None:
    groups, told, _ = run(body, swept)
    anew()
    assert (groups, told) == run(body, swept)[:2]
    assert len(groups) == POINTS * BEGINNINGS


def test_one_pattern_serves_all_gains_but_not_those_of_a_hazard() -> None:
    groups, told, built = run(played, swept)
    assert built == BEGINNINGS and not told
    groups, told, built = run(overlapping, swept)
    assert built == len(groups) and f"and {len(groups) - 10} more like this" in told[-1]


def test_a_gain_that_rings_on_is_that_of_its_own_repetition(anew: Callable[[], None]) -> None:
    groups, _, built = run(played, ringing)
    assert built == len(groups)
    anew()
    assert groups == run(played, ringing)[0]
