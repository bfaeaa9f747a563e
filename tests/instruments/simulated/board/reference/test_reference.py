"""The fast interpreter and the readable one are one machine: recorded programs, random programs, undefined words."""

from typing import Any

import numpy as np
import pytest

from coldlink.instruments.simulated.board.processor.decode import (
    ARITH,
    BRANCH,
    DIVIDE,
    PORT_READ,
    TRIGGER,
    WAVE_PORT,
    decode,
)
from coldlink.instruments.simulated.board.processor.processor import Processor, load
from coldlink.instruments.simulated.board.reference.processor import ReferenceProcessor
from coldlink.sequences.errors import BoardError

from ..random_programs import random_program, row, undefined_word
from ..test_golden import COMPILED, ENDLESS, RANDOM, processor, records

KEPT = [*range(6), 8, 9, *range(12, 16), *range(32, 48), *range(64, 70)]
"""Registers that hold something whether they are looked at or not."""
GOLDEN = {"wmem_size": 1024, "dmem_size": 16384, "fifo_depth": 512, "dreg_qty": 16}


def both(seed: int) -> tuple[Processor, Any, ReferenceProcessor, Any]:
    program = random_program(seed)
    fast = load(program.image, program.tproc, **program.settings)
    slow = ReferenceProcessor(program.image, program.tproc, **program.settings)
    return fast, np.concatenate(list(fast.run())), slow, slow.run()


def difference(seed: int) -> str | None:
    """What differs between the two after a random program."""
    fast, events, slow, expected = both(seed)
    if not np.array_equal(events, expected):
        return f"{seed}: events"
    if fast.registers[KEPT].tolist() != [slow.registers[place] for place in KEPT]:
        return f"{seed}: registers"
    if fast.final() != slow.final():
        return f"{seed}: final state"
    memories = fast.dmem.tolist() == slow.dmem and [tuple(words) for words in fast.wmem.tolist()] == slow.wmem
    return None if memories else f"{seed}: memories"


def test_both_do_the_same_in_200_random_programs() -> None:
    assert [found for seed in range(200) if (found := difference(seed))] == []


@pytest.mark.nightly
def test_both_do_the_same_in_2000_random_programs() -> None:
    assert [found for seed in range(2000) if (found := difference(seed))] == []


def test_random_programs_hold_every_kind_of_instruction_and_of_event() -> None:
    kinds, events, special = set(), set(), 0
    for seed in range(40):
        program = random_program(seed)
        fast = load(program.image, program.tproc, **program.settings)
        kinds |= set(fast.program["kind"].tolist())
        special |= int(np.bitwise_or.reduce(fast.program["special"]))
        events |= set(np.concatenate(list(fast.run()))["kind"].tolist())
    assert kinds == set(range(14))
    assert events == {0, 1, 2, 3}
    assert special == 1 << 1 | 1 << 6 | 1 << 7 | 1 << 10 | 1 << 11 | 1 << 16


@pytest.mark.parametrize("file", [*RANDOM, *COMPILED, "hazards"])
def test_the_reference_passes_the_recorded_programs_too(file: str) -> None:
    wrong = []
    for record in records(file):
        if record["name"] in ENDLESS:
            continue
        fast = processor(record)
        tproc = GOLDEN | {"f_time": record["f_time_mhz"], "f_core": record["f_core_mhz"]}
        inputs = [tuple(words) for words in record["inject"]]
        slow = ReferenceProcessor(record, tproc, inputs=inputs, enable_tick=record["core_enable_tick"])
        if not np.array_equal(np.concatenate(list(fast.run())), slow.run()) or fast.final() != slow.final():
            wrong.append(record["name"])
        if record["final_phase_independent"] and any(slow.final()[key] != record["final"][key] for key in slow.final()):
            wrong.append(f"{record['name']} final")
    assert wrong == []


def test_undefined_words_are_refused_by_both_with_address_and_word() -> None:
    tproc = GOLDEN | {"f_time": 430.08, "f_core": 200.0}
    for seed in range(300):
        instruction = undefined_word(seed)
        image = {"pmem": [row(0), row(instruction)], "wmem": None, "dmem": None}
        for machine in (load, ReferenceProcessor):
            with pytest.raises(BoardError, match=f"instruction 1, word 0x{instruction:018x}"):
                machine(image, tproc)


@pytest.mark.parametrize("kind", [ARITH, BRANCH, DIVIDE, PORT_READ, TRIGGER, WAVE_PORT])
def test_a_machine_that_got_one_kind_wrong_would_be_found(kind: int) -> None:
    def forgetful(seed: int) -> bool:
        program = random_program(seed)
        fast = load(program.image, program.tproc, **program.settings, patience=10**5)
        same = ReferenceProcessor(program.image, program.tproc, **program.settings)
        chosen = fast.program["kind"] == kind
        fast.program[chosen] = decode([row(0)])[0]
        try:
            return not np.array_equal(np.concatenate(list(fast.run())), same.run()) or fast.final() != same.final()
        except BoardError:
            return True

    assert any(forgetful(seed) for seed in range(20))
