"""What is told without executing it is what executing it gives, and a program that is not periodic is executed."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qick.tprocv2_assembler import Assembler

from coldlink.instruments.simulated.board.processor.event import COUNT, LATENCY
from coldlink.instruments.simulated.board.processor.host import Host, RandomStep
from coldlink.instruments.simulated.board.processor.processor import Processor, load
from coldlink.instruments.simulated.board.repetitions.stretch import Stretch
from coldlink.instruments.simulated.board.replication import induction, proof, replication
from coldlink.instruments.simulated.board.replication.comparison import Comparison
from coldlink.instruments.simulated.board.replication.replication import Replication
from coldlink.sequences.errors import BoardError

from ..random_loops import random_loop
from ..random_programs import RandomProgram, random_program
from ..test_golden import COMPILED, ENDLESS, RANDOM, processor, records

TPROC = {"f_time": 430.08, "f_core": 200.0, "wmem_size": 32, "dmem_size": 64, "fifo_depth": 64}
WAVES = [[100 + n, 200 + n, n, 1000 * n, 3 + n, 9, 0, 0] for n in range(4)]
NOT_STATE = ("executed", "attended", "standing")
"""Of the core: how it came to where it is."""
SHOTS = 400
BODY = """
     WPORT_WR p3 wmem [&1] @0
     WPORT_WR p3 wmem [&2] @50
     TRIG p5 set @20
     TRIG p5 clr @30
"""


@pytest.fixture(autouse=True)
def _eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Periods are looked for early, so that short programs have them."""
    monkeypatch.setattr(replication, "FIRST", 32)
    monkeypatch.setattr(replication, "WATCHED", 1)


def loop(
    body: str, *, shots: int = SHOTS, wait: int = 300, period: int = 700, before: str = "", after: str = ""
) -> str:
    """A program of `shots` repetitions."""
    return f"""
     TIME inc_ref #3000
     REG_WR r0 imm #0
     {before}
AGAIN:
     {body}
     {f"WAIT time @{wait}" if wait else ""}
     TIME inc_ref #{period}
     REG_WR s12 op -op(s12 + #1)
     TEST -op(r0 - #{shots - 1})
     JUMP AGAIN -if(NZ) -wr(r0 op) -op(r0 + #1)
     {after}
     .END
"""


def assembled(text: str, **settings: Any) -> RandomProgram:
    _, words = Assembler.str_asm2bin(text)
    image = {"pmem": words, "wmem": WAVES, "dmem": [7] * 40}
    return RandomProgram(image=image, tproc=TPROC, settings=settings)


def loaded(program: RandomProgram) -> Processor:
    return load(program.image, program.tproc, **program.settings, patience=10**5)


def gathered(run: Any) -> tuple[list[Any], str]:
    """What a run gives until it ends, and what it raises then."""
    parts = []
    try:
        parts += run
    except BoardError as why:
        return parts, str(why)
    return parts, ""


def expanded(parts: list[Any]) -> Any:
    return np.concatenate([part.expanded() if isinstance(part, Stretch) else part for part in parts])


def told(parts: list[Any]) -> int:
    """Periods that were not executed."""
    return sum(part.times for part in parts if isinstance(part, Stretch))


def state(one: Processor) -> dict[str, Any]:
    core = {name: int(one.core[name][0]) for name in one.core.dtype.names or () if name not in NOT_STATE}
    # s6, s7, s10 and s11 are looked up whenever somebody reads them.
    registers = {n: word for n, word in enumerate(one.registers.tolist()) if n not in (6, 7, 10, 11)}
    memories = {"dmem": one.dmem.tolist(), "wmem": one.wmem.tolist(), "calls": one.stack[: core["depth"]].tolist()}
    return core | registers | memories | {"ports": one.ports.tolist(), "queue": one.queue.tolist()} | one.final()


def compare(whole: Processor, other: Processor, *, block: int = 256) -> tuple[Replication, list[Any], str | None]:
    """Execute one and replicate the other; what has been told, and what differs."""
    executed, error = gathered(whole.run())
    run = Replication(other)
    parts, other_error = gathered(run.run(block=block))
    if error != other_error:
        return run, parts, f"error: {other_error} for {error}"
    events, found = np.concatenate(executed), expanded(parts)
    if not np.array_equal(events, found):
        return run, parts, "events"
    left = state(other)
    differing = [name for name, value in state(whole).items() if left[name] != value]
    return run, parts, f"state: {differing}" if differing else None


def both(program: RandomProgram) -> tuple[Replication, list[Any]]:
    """Replicated; it must be as executed."""
    run, parts, difference = compare(loaded(program), loaded(program))
    assert difference is None
    return run, parts


def test_repetitions_that_are_alike_are_told_without_executing_them() -> None:
    run, parts = both(assembled(loop(BODY)))
    assert told(parts) > 0.8 * SHOTS
    assert run.processor.executed < 0.2 * 13 * SHOTS
    assert (expanded(parts)["kind"] == COUNT).sum() == SHOTS


def test_how_long_a_wait_takes_is_told_as_it_is_though_the_clocks_drift() -> None:
    _, parts = both(assembled(loop(BODY)))
    events = expanded(parts)
    counts = events[events["kind"] == COUNT]
    assert len(set((counts["tick"] - counts["reference"]).tolist())) > 3


def test_a_stretch_never_holds_much_more_than_a_block() -> None:
    program = assembled(loop(BODY))
    parts, _ = gathered(Replication(loaded(program)).run(block=50))
    assert max(part.pushed.size for part in parts if isinstance(part, Stretch)) <= 50


def test_a_sweep_within_each_repetition_is_told_as_a_whole() -> None:
    sweep = f"""
     REG_WR r1 imm #0
POINT:
     {BODY} WAIT time @300
     TIME inc_ref #700
     REG_WR s12 op -op(s12 + #1)
     REG_WR r_wave wmem [&2]
     REG_WR w3 op -op(w3 + #11)
     WMEM_WR [&2]
     TEST -op(r1 - #4)
     JUMP POINT -if(NZ) -wr(r1 op) -op(r1 + #1)
     REG_WR r_wave wmem [&2]
     REG_WR w3 op -op(w3 - #55)
     WMEM_WR [&2]
"""
    text = loop(sweep, wait=0).replace("REG_WR s12 op -op(s12 + #1)\n     TEST -op(r0", "TEST -op(r0")
    run, parts = both(assembled(text))
    assert told(parts) > 0.8 * SHOTS
    assert [(one.counted, len(set(one.trail.events["gain"].tolist()))) for one in run.proofs] == [(5, 7)]


def test_a_sweep_around_the_repetitions_is_proven_anew_at_each_point() -> None:
    inner = loop(BODY, shots=60).replace("TIME inc_ref #3000", "").replace(".END", "")
    step = "REG_WR r_wave wmem [&2]\nREG_WR w3 op -op(w3 + #11)\nWMEM_WR [&2]\n"
    close = "TEST -op(r1 - #9)\nJUMP POINT -if(NZ) -wr(r1 op) -op(r1 + #1)\n.END"
    run, parts = both(assembled(f"TIME inc_ref #3000\nREG_WR r1 imm #0\nPOINT:\n{inner}{step}{close}"))
    assert len(run.proofs) >= 9
    assert told(parts) > 300


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("REG_WR w3 op -op(s12 SR #8)\nWPORT_WR p1 r_wave @5", "a wave for port 1 changes"),
        ("REG_WR w3 op -op(s12 + #0)\nWPORT_WR p1 r_wave @5", None),
        ("REG_WR r5 op -op(r0 SR #8)\nREG_WR w3 op -op(r5 + #3)\nWPORT_WR p1 r_wave @5", "a wave for port 1 changes"),
        ("REG_WR r5 op -op(s1)", "it looks at what changes by itself"),
        ("REG_WR w3 op -op(s1)\nWPORT_WR p1 r_wave @5", "it looks at what changes by itself"),
        ("DPORT_RD p2\nNOP\nNOP\nREG_WR w3 op -op(s8)\nWPORT_WR p1 r_wave @5", "it reads an input port"),
        ("REG_WR r5 op -op(s10)", "it looks at what changes by itself"),
        ("REG_WR r5 op -op(s6)", "it looks at what changes by itself"),
        ("REG_WR w3 op -op(s11 SR #15)\nWPORT_WR p1 r_wave @5", "a wave for port 1 changes"),
        ("REG_WR w3 dmem [r0]\nWPORT_WR p1 r_wave @5", "register 32 changes"),
        ("REG_WR r5 op -op(r0 AND #7)\nREG_WR w3 dmem [r5]\nWPORT_WR p1 r_wave @5", "register 37 changes"),
        ("REG_WR r5 op -op(r0 AND #7)\nDMEM_WR [r5] imm #9", "register 37 changes"),
        ("REG_WR r5 op -op(r0 AND #3)\nREG_WR r_wave wmem [r5]\nWMEM_WR [&0]", "register 37 changes"),
        ("REG_WR r5 op -op(r5 + #1)\nTIME inc_ref r5", "register 37 changes"),
        ("REG_WR r5 op -op(r0 SR #7)\nTIME inc_ref r5", "register 37 changes"),
        ("REG_WR s14 op -op(s14 + #1)\nTRIG p6 set", None),
        ("REG_WR r5 op -op(r0 SR #8)\nTRIG p6 set\nDPORT_WR p0 reg r5 @9", "register 37 changes"),
        ("REG_WR r5 op -op(r0 SR #8)\nTEST -op(r5 - #1)\nJUMP OVER -if(NZ)\nTRIG p6 set @9\nOVER:", "may be anything"),
        ("ARITH T r1 r2\n" + "NOP\n" * 8 + "REG_WR w3 op -op(s3)\nWPORT_WR p1 r_wave @5", "it waits for a product"),
        ("FLAG inv", "it changes the flag"),
        ("REG_WR s2 imm #0", "it writes s2"),
        ("REG_WR s0 imm #5", "it writes s0"),
        ("REG_WR s1 imm #5", "it writes s1"),
        ("REG_WR r5 op -op(r5 + r0)", "register 37 does not change by the same step"),
        ("DMEM_WR [&9] op -op(r5 + r0)\nREG_WR r5 dmem [&9]", "register 37 does not change by the same step"),
    ],
)
def test_a_program_that_is_not_periodic_is_never_told(body: str, why: str | None) -> None:
    inputs = [(3000 + 700 * 350, 2, 5, 6)]
    program = assembled(loop(f"{body}\n{BODY}"), inputs=inputs, host=Host(random=RandomStep.WRITE_ZERO))
    run, parts = both(program)
    assert (told(parts), run.proofs) == (0, [])
    if why is None:
        assert run.refused == []  # Its words tell: it was not even watched.
    else:
        assert run.refused and all(why in one for one in run.refused)


def test_what_changes_only_in_the_last_repetition_is_executed_there() -> None:
    last = f"TEST -op(r0 - #{SHOTS - 1})\nJUMP OVER -if(NZ)\nTRIG p6 set @9\nOVER:\n"
    _, parts = both(assembled(loop(last + BODY)))
    assert told(parts) > 0.8 * SHOTS
    assert not isinstance(parts[-1], Stretch)
    events = expanded(parts)
    assert np.flatnonzero(events["port"] == 6).tolist() == [events.size - 6]


def test_a_table_that_differs_only_in_its_last_word_is_executed() -> None:
    read = "REG_WR r5 op -op(r0 SR #3)\nREG_WR w3 dmem [r5]\nWPORT_WR p1 r_wave @5\n"
    program = assembled(loop(read + BODY, shots=320))
    program.image["dmem"][39] = 8
    run, parts = both(program)
    assert told(parts) == 0 and run.refused
    waves = expanded(parts)
    assert set(waves["gain"][waves["port"] == 1].tolist()) == {7, 8}


def test_repetitions_are_told_only_as_long_as_the_core_is_in_time() -> None:
    _, parts = both(assembled(loop(BODY + "NOP\n" * 30, wait=0, period=80)))
    assert told(parts) > 20
    events = expanded(parts)
    late = events["possible"] > events["asked"] + LATENCY
    assert late[events["kind"] != COUNT].any()
    assert not any(
        (part.expanded()["possible"] > part.expanded()["asked"] + LATENCY)[part.events["kind"] != COUNT].any()
        for part in parts
        if isinstance(part, Stretch) and part.times == 1
    )


def test_repetitions_are_told_only_as_long_as_queues_have_room() -> None:
    _, parts = both(assembled(loop(BODY, wait=0)))
    assert 0 < told(parts) < 64


def test_a_counter_that_wraps_is_told_to_its_end() -> None:
    wraps = "REG_WR r6 op -op(r6 + #1)\nREG_WR s13 op -op(s13 - #3)\n"
    _, parts = both(assembled(loop(wraps + BODY, before="REG_WR r6 imm #-50\nREG_WR s12 imm #-50")))
    assert told(parts) > 0.8 * SHOTS


@pytest.mark.parametrize("register", ["r0", "s12"])
def test_a_program_that_looks_at_its_counter_after_the_loop_finds_it_as_executed(register: str) -> None:
    after = f"DMEM_WR [&20] op -op({register} + #0)\nREG_WR w3 op -op({register})\nWPORT_WR p1 r_wave @5"
    _, parts = both(assembled(loop(BODY, after=after)))
    assert told(parts) > 0.8 * SHOTS
    assert expanded(parts)["gain"][-1] == SHOTS - (register == "r0")


def test_counts_kept_in_memory_are_told() -> None:
    counting = "REG_WR r5 dmem [&9]\nNOP\nDMEM_WR [&9] op -op(r5 + #2)\n"
    run, parts = both(assembled(loop(counting + BODY)))
    assert told(parts) > 0.8 * SHOTS
    assert run.processor.dmem[9] == 7 + 2 * SHOTS


def test_what_a_repetition_only_writes_may_depend_on_the_time() -> None:
    _, parts = both(assembled(loop("REG_WR r5 op -op(s11 + #0)\nDMEM_WR [&9] op -op(r5)\n" + BODY)))
    assert told(parts) > 0.8 * SHOTS


def test_an_endless_program_is_executed() -> None:
    text = "TIME inc_ref #3000\nAGAIN:\n" + BODY + "REG_WR s12 op -op(s12 + #1)\nTIME inc_ref #900\nJUMP AGAIN\n.END"
    run = Replication(loaded(assembled(text))).run()
    assert not any(isinstance(next(run), Stretch) for _ in range(20))


@pytest.mark.parametrize("periods", [50, 200, 1000])
def test_no_time_is_told_that_would_count_as_one_before_the_start(periods: int) -> None:
    program = assembled(loop(BODY))
    machines = [loaded(program) for _ in range(2)]
    for one in machines:
        cycle = int(((1 << 47) - 700 * periods) / one.clock[0])
        one.core["cycle"], one.core["reference"] = cycle, one.tick_of(cycle)
        one.ports["fires"] = one.tick_of(cycle)
    _, parts, difference = compare(*machines)
    assert difference is None
    assert told(parts) > min(periods, SHOTS) - 40
    assert all((part.expanded()["asked"] < 1 << 47).all() for part in parts if isinstance(part, Stretch))


def brute(one: Comparison) -> int | None:
    """Repetitions in which the flag stays, if they are not too many."""

    def flag(n: int) -> bool:
        word = (one.value + n * one.step) & 0xFFFFFFFF
        return bool(word >> 31) if one.sign else word == 0

    return next((n - 1 for n in range(1, 3000) if flag(n) != flag(0)), None)


NEAR = st.integers(-3000, 3000) | st.integers(-3000, 3000).map(lambda n: n + (1 << 31)) | st.integers(0, (1 << 32) - 1)


@given(NEAR, NEAR, st.booleans())
def test_a_flag_stays_as_long_as_counting_shows(value: int, step: int, sign: bool) -> None:
    one = Comparison(value=value & 0xFFFFFFFF, step=step & 0xFFFFFFFF or 1, sign=sign)
    found = brute(one)
    assert one.lasting() >= 2999 if found is None else one.lasting() == found


def differing(programs: list[RandomProgram]) -> tuple[list[int], int]:
    """Which programs are not replicated exactly, and how many have periods that are told."""
    wrong, replicated = [], 0
    for n, program in enumerate(programs):
        _, parts, difference = compare(loaded(program), loaded(program))
        replicated += told(parts) > 0
        if difference is not None:
            wrong.append(n)
    return wrong, replicated


def test_200_random_loops_are_replicated_as_they_are_executed() -> None:
    wrong, replicated = differing([random_loop(seed) for seed in range(200)])
    assert wrong == []
    assert replicated > 50


@pytest.mark.nightly
def test_2000_random_loops_are_replicated_as_they_are_executed() -> None:
    wrong, replicated = differing([random_loop(seed) for seed in range(2000)])
    assert wrong == []
    assert replicated > 500


def test_random_programs_of_every_kind_of_instruction_are_replicated_as_they_are_executed() -> None:
    assert differing([random_program(seed) for seed in range(100)])[0] == []


@pytest.mark.parametrize("file", [*RANDOM, *COMPILED, "hazards"])
def test_recorded_programs_are_replicated_as_they_are_executed(file: str) -> None:
    found = {
        record["name"]: compare(processor(record), processor(record))[2]
        for record in records(file)
        if record["name"] not in ENDLESS
    }
    assert {name: difference for name, difference in found.items() if difference is not None} == {}


def test_a_proof_that_let_words_change_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(induction, "_constant", lambda value, what: value.word)
    assert differing([random_loop(seed) for seed in range(60)])[0]


def test_a_replay_that_took_one_cycle_more_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*arguments: Any) -> Any:
        found = true_steps(*arguments)
        found["cycles"][0] += 1
        return found

    true_steps = proof.steps
    monkeypatch.setattr(proof, "steps", slow)
    assert differing([random_loop(seed) for seed in range(60)])[0]
