"""Special registers: random numbers, what s2 selects, status, results under way, and words that are not kept."""

from typing import Any

import pytest
from qick.tprocv2_assembler import Assembler

from coldlink.instruments.simulated.board.processor.arithmetic import leap, step
from coldlink.instruments.simulated.board.processor.host import Host, RandomStep
from coldlink.instruments.simulated.board.processor.processor import load
from coldlink.sequences.errors import BoardError

from .test_processor import TPROC, assembled, events

SAVE = "DMEM_WR [&{0}] op -op({1})\n"
REST = "NOP\n" * 4


def saved(text: str, count: int, **settings: Any) -> list[int]:
    """The first words of the data memory after a program."""
    processor = assembled(text + ".END", **settings)
    events(processor)
    words: list[int] = processor.dmem[:count].tolist()
    return words


def test_random_numbers_are_a_shift_register_of_greatest_length() -> None:
    assert [step(0), step(1), step(0x80000000)] == [1, 2, 0]
    number = 12345
    for steps in range(1, 200):
        number = step(number)
        assert leap(12345, steps) == number
    assert leap(12345, 2**32 - 1) == 12345
    assert all(leap(12345, (2**32 - 1) // prime) != 12345 for prime in (3, 5, 17, 257, 65537))


def test_random_numbers_stand_still_unless_the_host_lets_them_go_on() -> None:
    text = "REG_WR s1 imm #77\n" + SAVE.format(0, "s1") + SAVE.format(1, "s1")
    assert saved(text, 2) == [77, 77]
    assert saved(text, 2, host=Host(random=RandomStep.READ)) == [77, step(77)]


def test_a_write_to_s0_asks_for_the_next_random_number() -> None:
    text = "REG_WR s1 imm #77\n" + SAVE.format(0, "s1") + ("REG_WR s0 imm #0\n" + REST) * 2 + SAVE.format(1, "s1")
    assert saved(text, 2, host=Host(random=RandomStep.WRITE_ZERO)) == [77, leap(77, 2)]
    assert saved(text, 2, host=Host(random=RandomStep.READ)) == [77, step(77)]


def test_a_step_asked_for_shows_three_cycles_later() -> None:
    text = "REG_WR s1 imm #77\n" + REST + "REG_WR s0 imm #0\n{0}" + SAVE.format(0, "s1")
    wait = Host(random=RandomStep.WRITE_ZERO)
    assert [saved(text.format("NOP\n" * n), 1, host=wait)[0] for n in range(4)] == [77, 77, step(77), step(77)]


def test_free_running_numbers_count_the_cycles_since_the_seed() -> None:
    text = "REG_WR s1 imm #77\n{0}" + SAVE.format(0, "s1")
    found = [saved(text.format("NOP\n" * n), 1, host=Host(random=RandomStep.EVERY_CYCLE))[0] for n in (3, 4, 50)]
    assert found[1] == step(found[0])
    assert found[2] == leap(found[0], 47)


@pytest.mark.parametrize(
    ("selection", "expected"), [(0x00, 0), (0x10, 1), (0x20, 0), (0x80, 0), (0xF0, 0)], ids=lambda value: hex(value)
)
def test_s2_selects_the_flag_that_conditions_see(selection: int, expected: int) -> None:
    text = f"REG_WR s2 imm #{selection}\nREG_WR r1 imm #1 -if(F)\n" + SAVE.format(0, "r1")
    assert saved(text, 1, host=Host(flag=True)) == [expected]
    if selection == 0x20:
        assert saved(text, 1, host=Host(pin=True)) == [1]


def test_a_peripherals_flag_is_refused_where_it_is_used() -> None:
    text = "REG_WR s2 imm #h50\nREG_WR r1 imm #1\nREG_WR r1 imm #2 -if(F)\n.END"
    with pytest.raises(BoardError, match=r"instruction 3, word 0x[0-9a-f]{18}: s2 selects a peripheral outside"):
        events(assembled(text))


def test_a_peripherals_words_are_refused_where_they_are_read() -> None:
    with pytest.raises(BoardError, match=r"instruction 2, word 0x[0-9a-f]{18}: s2 selects a peripheral outside"):
        events(assembled("REG_WR s2 imm #h03\nREG_WR r1 op -op(s7)\n.END"))


def test_s6_and_s7_show_the_hosts_words_a_product_or_an_input() -> None:
    show = SAVE.format(0, "s6") + SAVE.format(1, "s7")
    assert saved(show, 2, host=Host(words=(5, 2**33 + 6))) == [5, 6]
    factors = "REG_WR r1 imm #60000000\nREG_WR r2 imm #-100000\nARITH T r1 r2\n" + REST * 2
    product = -60000000 * 100000 & (2**64 - 1)
    assert saved(factors + "REG_WR s2 imm #1\n" + show, 2) == [product & 0xFFFFFFFF, product >> 32]
    inputs = [(50, 0, 11, 22)]
    assert saved("WAIT time @1000\nREG_WR s2 imm #7\n" + show, 2, inputs=inputs) == [11, 22]
    assert saved("REG_WR s2 imm #6\n" + show, 2, host=Host(words=(5, 6))) == [0, 0]


def test_a_product_and_a_quotient_come_when_they_are_done() -> None:
    start = "REG_WR r1 imm #60\nREG_WR r2 imm #7\n{0}\n{1}" + SAVE.format(0, "{2}")
    for instruction, result, cycles, value in (("ARITH T r1 r2", "s3", 6, 420), ("DIV r1 r2", "s4", 35, 8)):
        found = [saved(start.format(instruction, "NOP\n" * n, result), 1)[0] for n in (cycles - 2, cycles - 1)]
        assert found == [0, value]


def test_a_division_ends_one_under_way() -> None:
    text = "REG_WR r1 imm #60\nREG_WR r2 imm #7\nDIV r1 r2\n{0}DIV r2 #2\n" + "NOP\n" * 40
    text += SAVE.format(0, "s4") + SAVE.format(1, "s5")
    assert saved(text.format("NOP\n" * 5), 2) == [3, 1]
    assert saved(text.format("NOP\n" * 40), 2) == [3, 1]
    assert saved(text.format("NOP\n" * 31), 2) == [8, 4]


def test_the_status_tells_what_is_free_and_what_is_new() -> None:
    text = "REG_WR r1 imm #60\nREG_WR r2 imm #7\n" + SAVE.format(0, "s10") + "DIV r1 r2\n" + SAVE.format(1, "s10")
    text += "NOP\n" * 40 + SAVE.format(2, "s10") + "CLEAR div\n" + SAVE.format(3, "s10")
    assert saved(text, 4) == [0b0101, 0b0001, 0b1101, 0b0101]
    product = "ARITH T r1 r2\n" + SAVE.format(0, "s10") + REST * 2 + SAVE.format(1, "s10") + "CLEAR arith\n"
    assert saved(product + SAVE.format(2, "s10"), 3) == [0b0100, 0b0111, 0b0101]


def test_a_wait_for_a_port_ends_with_its_input() -> None:
    text = (
        "WAIT port_dt\nWPORT_WR p0 wmem [&0] @90000\n" + SAVE.format(0, "s10") + "CLEAR port\n" + SAVE.format(1, "s10")
    )
    processor = assembled(text + ".END", inputs=[(20000, 3, 1, 2)])
    (event,) = events(processor)
    assert 0 < event["pushed"] - 20000 < 60
    assert processor.dmem[:2].tolist() == [1 << 19 | 1 << 15 | 0b0101, 0b0101]


def test_words_that_are_not_kept_reach_the_next_two_instructions() -> None:
    for register, word, kept in (("s0", 9, 0), ("s2", 0x10021, 0x21), ("s15", 0x20001, 1)):
        found = []
        for wait in range(3):
            processor = assembled(
                f"REG_WR {register} imm #{word}\n" + "NOP\n" * wait + f"REG_WR r1 op -op({register} OR r2)\n.END"
            )
            events(processor)
            found.append(processor.final()["r"][1])
        assert found == [word, word, kept]


def test_a_wave_load_that_writes_a_wave_register_loads_nothing() -> None:
    processor = assembled("REG_WR r1 imm #5\nREG_WR r_wave wmem [&2] -wr(w3 op) -op(r1)\n.END")
    events(processor)
    assert processor.final()["w"] == [0, 0, 0, 5, 0, 0]


def test_a_wait_that_counts_its_turns_is_executed_turn_by_turn() -> None:
    text = "TEST -op(s11 - #8600) -uf\nJUMP PREV -if(S) -wr(r1 op) -op(r1 + #1)\n" + SAVE.format(0, "r1")
    assert 300 < saved(text, 1)[0] < 700


def test_a_unit_that_the_firmware_lacks_is_refused() -> None:
    _, words = Assembler.str_asm2bin("NOP\nDIV r1 r2\n.END")
    image = {"pmem": words, "wmem": None, "dmem": None}
    with pytest.raises(BoardError, match=r"instruction 2 needs a unit that this firmware lacks \(has_divider is 0"):
        load(image, TPROC | {"has_divider": 0})


def test_an_input_at_a_port_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BoardError, match="input port 16 does not exist"):
        assembled("NOP\n.END", inputs=[(0, 16, 0, 0)])
