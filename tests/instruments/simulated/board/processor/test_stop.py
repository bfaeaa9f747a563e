"""Breakpoints: what the processor holds before an instruction, and that a stop changes nothing."""

import numpy as np
import pytest

from coldlink.instruments.simulated.board.processor.processor import Processor
from coldlink.sequences.errors import BoardError

from .test_processor import LOOP, assembled, events

BODY = 3
"""Address of the loop's first instruction."""


def stopped(processor: Processor, address: int, visit: int = 1):
    stop = processor.stop_at(address, visit)
    assert stop is not None
    return stop


def test_a_stop_shows_registers_before_the_instruction() -> None:
    stop = stopped(assembled(LOOP), BODY, 5)
    assert (stop.address, stop.visit) == (BODY, 5)
    assert (stop.registers["r0"], stop.registers["s12"], stop.reference) == (4, 4, 1000 + 4 * 500)
    assert stop.registers["s11"] == (stop.tick - stop.reference) & 0xFFFFFFFF
    assert not stop.zero
    assert stop.wmem[2].tolist() == [102, 202, 2, 2000, 5, 9]
    assert len(stop.events) == 4 * 5


def test_a_stop_changes_nothing() -> None:
    processor = assembled(LOOP)
    pieces = [stopped(processor, BODY, 3).events, stopped(processor, BODY).events, *processor.run()]
    assert np.array_equal(np.concatenate(pieces), events(assembled(LOOP)))
    assert processor.final()["s12"] == 40


def test_the_instruction_at_which_it_stands_counts_when_it_is_reached_again() -> None:
    processor = assembled(LOOP)
    assert [stopped(processor, BODY).registers["r0"] for _ in range(3)] == [0, 1, 2]


def test_calls_are_shown_innermost_last() -> None:
    text = "JUMP MAIN_A\nINNER_A:\nNOP\nRET\nOUTER_A:\nCALL INNER_A\nRET\nMAIN_A:\nCALL OUTER_A\n.END"
    assert stopped(assembled(text), 2).calls == (7, 5)


def test_a_stop_inside_a_wait_counts_every_turn() -> None:
    text = "WAIT time @9000\n.END"
    turns = 0
    processor = assembled(text)
    while processor.stop_at(2) is not None:
        turns += 1
    assert 300 < turns < 1000
    assert processor.stop_at(1) is None


def test_a_program_that_ends_before_gives_no_stop() -> None:
    assert assembled(LOOP).stop_at(BODY, 41) is None


@pytest.mark.parametrize(("address", "visit"), [(-1, 1), (100, 1), (3, 0)])
def test_a_breakpoint_that_cannot_be_is_refused(address: int, visit: int) -> None:
    with pytest.raises(BoardError, match="no breakpoint at instruction"):
        assembled(LOOP).stop_at(address, visit)


def test_what_went_wrong_is_told_after_the_events_until_there() -> None:
    processor = assembled("WPORT_WR p0 wmem [&0] @1000\nRET\n.END")
    blocks = processor.run()
    assert len(next(blocks)) == 1
    with pytest.raises(BoardError, match=r"stopped at instruction 2, word 0x[0-9a-f]{18}: it returns without a call"):
        next(blocks)
