"""A run of the processor: where it stops, how it goes on, and what it refuses."""

from typing import Any

import numpy as np
import pytest
from qick.tprocv2_assembler import Assembler

from coldlink.instruments.simulated.board.processor.event import COUNT, LATENCY, TRIG, WAVE
from coldlink.instruments.simulated.board.processor.processor import Processor, load
from coldlink.sequences.errors import BoardError

TPROC = {"f_time": 430.08, "f_core": 200.0, "wmem_size": 1024, "dmem_size": 16384, "fifo_depth": 512}
WAVES = [[100 + n, 200 + n, n, 1000 * n, 3 + n, 9, 0, 0] for n in range(4)]


def assembled(text: str, **settings: Any) -> Processor:
    _, words = Assembler.str_asm2bin(text)
    return load({"pmem": words, "wmem": WAVES, "dmem": None}, TPROC, **settings)


def events(processor: Processor, **settings: Any) -> Any:
    return np.concatenate(list(processor.run(**settings)))


LOOP = """
     REG_WR r0 imm #0
     TIME inc_ref #1000
AGAIN:
     WPORT_WR p3 wmem [&1] @0
     WPORT_WR p3 wmem [&2] @50
     TRIG p5 set @20
     TRIG p5 clr @30
     REG_WR s12 op -op(s12 + #1)
     TIME inc_ref #500
     TEST -op(r0 - #39)
     JUMP AGAIN -if(NZ) -wr(r0 op) -op(r0 + #1)
     .END
"""


def test_a_run_in_small_blocks_gives_the_events_of_one_in_a_large_block() -> None:
    whole = events(assembled(LOOP))
    pieces = list(assembled(LOOP).run(block=7))
    assert len(pieces) > 20
    assert max(map(len, pieces)) < 7
    assert np.array_equal(np.concatenate(pieces), whole)
    assert (whole["kind"] == COUNT).sum() == 40


def test_an_event_fires_a_fixed_latency_after_the_tick_asked_for() -> None:
    found = events(assembled(LOOP))
    waves = found[found["kind"] == WAVE]
    assert waves["asked"].tolist() == [1000 + 500 * n + t for n in range(40) for t in (0, 50)]
    assert np.array_equal(waves["tick"], waves["asked"] + LATENCY)
    assert waves["freq"][:2].tolist() == [101, 102]
    assert found[found["kind"] == TRIG]["value"].tolist() == [1, 0] * 40


def test_a_wait_lets_the_time_pass_without_executing_it() -> None:
    waiting = assembled("TIME inc_ref #100\n WAIT time @8000000\n WPORT_WR p0 wmem [&0] @8001000\n .END")
    (event,) = events(waiting)
    assert event["asked"] == 8001100
    assert 0 < event["possible"] - 8000100 < 100
    assert waiting.executed < 100


def test_a_program_that_never_ends_is_stopped() -> None:
    with pytest.raises(BoardError, match="1000 instructions without an event: it never ends"):
        events(assembled("HERE_A:\n NOP\n JUMP HERE_A\n", patience=1000))


def test_a_wait_for_what_never_comes_is_stopped() -> None:
    with pytest.raises(BoardError, match="it never ends"):
        events(assembled("TEST -op(r0 - #0)\n SELF:\n JUMP SELF -if(Z)\n .END", patience=1000))


def test_running_off_the_end_is_refused() -> None:
    with pytest.raises(BoardError, match="stopped at instruction 2: it ran off the end"):
        events(assembled("REG_WR r0 imm #1\n"))


def test_a_return_without_a_call_is_refused() -> None:
    with pytest.raises(BoardError, match="returns without a call"):
        events(assembled("RET\n .END"))


def test_a_call_from_within_itself_is_refused() -> None:
    with pytest.raises(BoardError, match="nested deeper than 7"):
        events(assembled("SUB:\n CALL SUB\n .END"))


def test_what_arrives_at_a_port_is_read_after_it_has_come() -> None:
    text = "WAIT time @{0}\n DPORT_RD p2\n NOP\n NOP\n NOP\n DMEM_WR [&7] op -op(s8)\n DMEM_WR [&8] op -op(s9)\n .END"
    inputs = [(5000, 2, 11, 22), (9000, 2, 33, 44), (4000, 3, 55, 66)]
    for wait, expected in ((3000, [0, 0]), (6000, [11, 22]), (10000, [33, 44])):
        processor = assembled(text.format(wait), inputs=inputs)
        events(processor)
        assert processor.dmem[7:9].tolist() == expected


def test_a_full_queue_holds_the_core() -> None:
    text = "TIME inc_ref #{0}\n" + "WPORT_WR p0 wmem [&0]\n REG_WR s14 op -op(s14 + #100)\n" * 600 + "NOP\n .END"
    pushed = events(assembled(text.format(200000)))["pushed"]
    assert pushed[511] < 50000
    assert np.array_equal(pushed[512:] >= 200000 + 100 * np.arange(88), np.full(88, True))


def test_a_wait_of_one_instruction_lets_the_time_pass_too() -> None:
    _, words = Assembler.str_asm2bin(
        "NOP\nJUMP HERE -if(S) -op(s11 - #8000000) -uf\nWPORT_WR p0 wmem [&0] @8001000\n.END"
    )
    waiting = load({"pmem": words, "wmem": WAVES, "dmem": None}, TPROC)
    first = waiting.stop_at(3)
    assert first is not None and first.tick < 100
    waiting = assembled(
        "TEST -op(s11 - #8000000) -uf\nJUMP HERE -if(S) -op(s11 - #8000000) -uf\nWPORT_WR p0 wmem [&0] @8001000\n .END"
    )
    (event,) = events(waiting)
    assert 0 < event["possible"] - 8000000 < 100
    assert waiting.executed < 100
