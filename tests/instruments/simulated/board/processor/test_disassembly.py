"""Text of instruction words: the vendor's assembler turns it into the same words again."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qick.tprocv2_assembler import Assembler

from coldlink.instruments.simulated.board.processor.disassembly import Line, disassemble, text, word
from coldlink.instruments.simulated.board.processor.processor import load

GOLDEN = Path(__file__).parents[1] / "golden"
COMPILED = ("tproc_asm_v2_main", "tproc_asm_v2_feedback", "hazards")
RANDOM = ("tproc_random_straight", "tproc_random_flow", "tproc_random_arith")
LITERAL = ((1 << 24) - 1) << 7
"""Bits of an operand that is a number."""


def assembled(lines: list[Line]) -> list[int]:
    """The words of the lines' text.

    Random programs hold two kinds of words that the assembler's text cannot say: a TEST that writes a register is
    given to it as an entry of its list, and the number of an arithmetic shift above 15 is put into the word.
    """
    texts = [line.text for line in lines[1:]]
    written = {n: re.search(r"-wr\(([^)]*)\)", one) for n, one in enumerate(texts) if one.startswith("TEST")}
    shifts = {n: re.search(r"ASR #(\d+)", one) for n, one in enumerate(texts)}
    far = {n: int(found[1]) for n, found in shifts.items() if found and int(found[1]) > 15}
    for n, found in written.items():
        texts[n] = texts[n].replace(found[0], "") if found else texts[n]
    for n, number in far.items():
        texts[n] = texts[n].replace(f"#{number}", "#0")
    commands, labels = Assembler.str_asm2list("\n".join(texts))
    for n, found in written.items():
        if found:
            commands[n + 1]["WR"] = found[1]
    words = [word(row) for row in Assembler.list2bin(commands, labels)[1]]
    return [one & ~LITERAL | far[n - 1] << 7 if n - 1 in far else one for n, one in enumerate(words)]


def programs(file: str) -> list[dict[str, Any]]:
    with gzip.open(GOLDEN / f"{file}.json.gz", "rt", encoding="utf-8") as stream:
        found: list[dict[str, Any]] = json.load(stream)
    return found


def executed(program: dict[str, Any], words: list[int]) -> tuple[Any, dict[str, Any]]:
    """Events and final state of a golden program with these words."""
    rows = [[one & 0xFFFFFFFF, one >> 32 & 0xFFFFFFFF, one >> 64] for one in words]
    tproc = {"f_time": program["f_time_mhz"], "f_core": program["f_core_mhz"], "wmem_size": 1024, "dmem_size": 16384}
    inputs = [tuple(row) for row in program["inject"]]
    processor = load(program | {"pmem": rows}, tproc, inputs=inputs, enable_tick=program["core_enable_tick"])
    return np.concatenate(list(processor.run())), processor.final()


@pytest.mark.parametrize("file", COMPILED)
def test_assembling_the_text_of_a_compiled_program_gives_the_same_words(file: str) -> None:
    wrong = []
    for program in programs(file):
        lines = disassemble(program["pmem"])
        if assembled(lines) != [line.word for line in lines]:
            wrong.append(program["name"])
    assert wrong == []


@pytest.mark.parametrize("file", RANDOM)
def test_assembling_the_text_of_a_random_program_gives_one_that_does_the_same(file: str) -> None:
    """Its words hold bits which the processor does not look at, and which the assembler leaves at zero."""
    wrong = []
    for program in programs(file):
        lines = disassemble(program["pmem"])
        events, final = executed(program, assembled(lines))
        expected, end = executed(program, [line.word for line in lines])
        if not np.array_equal(events, expected) or final != end:
            wrong.append(program["name"])
    assert wrong == []


@pytest.mark.parametrize(
    "source",
    [
        "ARITH T r1 r2",
        "ARITH TM s3 w1 r15",
        "ARITH PT r1 r2 r3",
        "ARITH MTP r1 s8 w3 r4",
        "DIV r3 r4 -if(NZ)",
        "DIV s8 #1000",
        "TIME rst",
        "TIME updt #-5",
        "TIME set_ref r7",
        "TIME inc_ref #-1 -if(F)",
        "FLAG inv -if(NF)",
        "CALL [&7] -if(Z) -op(r0 - r1) -uf -wr(r0 op)",
        "RET -if(S)",
        "JUMP s15 -op(r1 AND #15)",
        "REG_WR r_wave wmem [r3] -ww -op(r2) -wr(r5 op)",
        "REG_WR r_wave wmem [&3] -wp(wmem) p7",
        "REG_WR r2 dmem [s8 + &9] -if(NS) -op(r1 + r2) -uf",
        "REG_WR w3 op -op(NOT r2) -uf",
        "REG_WR r1 op -op(r2 << #20)",
        "REG_WR r1 imm #-1",
        "DMEM_WR [r1 + r2] imm #0",
        "DMEM_WR [&9] op -op(r1 + r2) -wr(r3 imm) #77",
        "WMEM_WR [&9] -wp(r_wave) p3 @-5",
        "WMEM_WR [r1] -op(r1 - #3) -uf -wr(w4 op)",
        "WPORT_WR p15 r_wave -ww [&3] @7",
        "WPORT_WR p15 wmem [r2] -wr(s14 op) -op(s14 + #40)",
        "TRIG p31 clr -wr(r1 imm) #5",
        "DPORT_WR p3 reg r9 @4",
        "DPORT_WR p0 imm 255",
        "DPORT_RD p7",
        "PA 3 r1 r2",
        "PB 31 r1 s0 r3 r4",
    ],
)
def test_every_form_of_the_assembler_comes_back_as_the_same_word(source: str) -> None:
    (_, row) = Assembler.str_asm2bin(source)[1]
    (_, again) = Assembler.str_asm2bin(text(word(row)))[1]
    assert word(again) == word(row)


def test_a_line_shows_address_word_and_text() -> None:
    _, rows = Assembler.str_asm2bin("TRIG p5 set @20\n .END")
    lines = disassemble(rows, {1: "line 4, in reps: TRIG p5 set @20"})
    assert [str(line) for line in lines] == [
        "    0  000000000000000000  NOP",
        "    1  dda000328000000a00  TRIG p5 set @20",
        "    2  3c0000400000000000  JUMP [&2]",
    ]
    assert [line.source for line in lines] == [None, "line 4, in reps: TRIG p5 set @20", None]


def test_a_word_without_a_text_says_so() -> None:
    assert text(7 << 69) == "NOP // 0xe00000000000000000 has no text in the assembler"
