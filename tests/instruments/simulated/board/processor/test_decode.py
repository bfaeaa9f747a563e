"""Decoding of instruction words: what has no meaning on this twin is refused by address and word."""

import pytest

from coldlink.instruments.simulated.board.processor.decode import (
    BRANCH,
    COUNTER,
    DATA_REGISTERS,
    REGISTER_WRITE,
    WAVE_LOAD,
    WAVE_PORT,
    decode,
)
from coldlink.sequences.errors import BoardError


def row(word: int) -> list[int]:
    return [word & 0xFFFFFFFF, word >> 32 & 0xFFFFFFFF, word >> 64, 0, 0, 0, 0, 0]


def test_a_register_write_of_an_immediate_is_decoded_with_its_sign() -> None:
    word = 0b100_0_11_000_11_0_00_00 << 56 | (-5 & 0xFFFFFFFF) << 7 | 0b01_00011
    (code,) = decode([row(word)])
    assert (code["kind"], code["source"], code["destination"]) == (REGISTER_WRITE, 3, DATA_REGISTERS + 3)
    assert code["immediate"] == 0xFFFFFFFB


def test_a_wave_push_carries_port_address_and_time() -> None:
    word = 0b110_1_11_001_11_0_00_00 << 56 | 17 << 45 | 9 << 39 | 1234 << 7
    (code,) = decode([row(word)])
    assert (code["kind"], code["port"], code["address"]) == (WAVE_PORT, 9, 17)
    assert (code["port_time"], code["immediate"], code["wave_register"]) == (1, 1234, 0)


def test_a_jump_can_write_a_register_on_the_way() -> None:
    word = 0b001_1_10_011_00_0_10_00 << 56 | 6 << 45 | 0b01_00001 << 31 | 1 << 7 | 0b01_00001
    (code,) = decode([row(word)])
    assert (code["kind"], code["condition"], code["operation"], code["address"]) == (BRANCH, 3, 0, 6)
    assert (code["destination"], code["d0"], code["operand"]) == (33, 33, 1)


def test_special_registers_that_cannot_be_written_are_not() -> None:
    words = [0b100_0_11_000_11_0_00_00 << 56 | register for register in (3, 11, 0, 1, COUNTER)]
    assert decode([row(word) for word in words])["destination"].tolist() == [-1, -1, 0, 1, COUNTER]


def test_what_an_instruction_must_look_up_is_told() -> None:
    plain = 0b100_0_01_000_00_0_0000 << 56 | 0b01_00001 << 31
    status = 0b100_0_01_101_00_0_0000 << 56 | 10 << 31 | 1 << 23
    assert decode([row(plain), row(status)])["special"].tolist() == [0, 1 << 10 | 1 << 1 | 1 << 16]


def test_the_word_can_be_put_together_again() -> None:
    (code,) = decode([row(0b110_1_11_001_11_0_00_00 << 56 | 17 << 45 | 9 << 39 | 1234 << 7)])
    assert (
        int(code["high"]) << 36 | int(code["low"]) == 0b110_1_11_001_11_0_00_00 << 56 | 17 << 45 | 9 << 39 | 1234 << 7
    )


@pytest.mark.parametrize(
    ("word", "why"),
    [
        (0b011 << 69, "NET .header 3. is a peripheral outside"),
        (0b011 << 69 | 0b11 << 61, "PB .header 3. is a peripheral outside"),
        (0b111 << 69, "header 7"),
        (0b001_0_00_000_01_0_00_00 << 56, "SO = 0, TO = 1"),
        (0b010_0_01_000_000_0001 << 56, "TIME rst sets the board's time counter"),
        (0b010_0_01_000_000_0010 << 56, "TIME updt sets the board's time counter"),
        (0b010_0_01_000_000_0011 << 56, "control unit 0 operation 3"),
        (0b010_0_01_000_010_1001 << 56, "control unit 2 operation 9"),
        (0b010_0_01_000_000_1000 << 56 | 11 << 23, "reads s11, which it changes itself"),
        (0b010_0_01_000_011_0000 << 56 | 10 << 23, "reads s10, which it changes itself"),
        (0b110_0_01_000_00_0_00_00 << 56 | 8 << 31, "reads s8, which it changes itself"),
        (0b100_0_01_000_00_0_0000 << 56 | 10 << 31 | 2, "reads s10, which it changes itself"),
        (0b100_0_11_000_11_0_00_00 << 56 | 0b01_10000, "register r16 does not exist"),
        (0b100_0_11_000_11_0_00_00 << 56 | 0b10_00110, "register w6 does not exist"),
        (0b100_1_01_100_10_0_00_00 << 56, "reads and writes the wave memory at once"),
        (0b110_1_11_101_11_0_00_00 << 56, "reads and writes the wave memory at once"),
        (0b101_1_11_101_10_0_00_00 << 56, "reads and writes the wave memory at once"),
        (0b100_1_01_000_10_0_00_00 << 56 | 0b10_00001 << 31, "stalls for ever"),
        (0b110_1_11_001_11_0_00_00 << 56 | 40 << 39, "port 40 does not exist"),
    ],
)
def test_a_word_without_meaning_is_refused(word: int, why: str) -> None:
    with pytest.raises(BoardError, match=f"instruction 1, word 0x{word:018x}: .*{why}"):
        decode([row(0), row(word)])


def test_a_wave_load_from_memory_alone_is_fine() -> None:
    (code,) = decode([row(0b100_1_11_000_10_0_00_00 << 56 | 3 << 45)])
    assert (code["kind"], code["address"], code["port"]) == (WAVE_LOAD, 3, -1)
