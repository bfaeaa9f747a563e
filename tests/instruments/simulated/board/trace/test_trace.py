"""Traces of records: the events of the HDL, in its records' own words."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from qick.tprocv2_assembler import Assembler

from coldlink.instruments.simulated.board.trace.record import documents, record
from coldlink.instruments.simulated.board.trace.trace import Trace, trace
from coldlink.sequences.errors import BoardError

GOLDEN = Path(__file__).parents[1] / "golden"
FILES = (
    "tproc_random_straight",
    "tproc_random_flow",
    "tproc_random_arith",
    "tproc_asm_v2_main",
    "tproc_asm_v2_feedback",
)
HERE = Path("program.json")


def traced(text: str, **more: Any) -> Trace:
    _, words = Assembler.str_asm2bin(text)
    waves = [[1, 2, 3, 4, 50, 6, 0, 0]]
    return trace(record({"pmem": words, "wmem": waves, "dmem": [], "asm": text, **more}, HERE))


def without_push(rows: list[list[int]]) -> list[list[int]]:
    """When the core pushed an event is exact in neither."""
    return [[*row[:-2], row[-1]] for row in rows]


@pytest.mark.parametrize("file", FILES)
def test_a_trace_tells_what_the_record_tells(file: str) -> None:
    path, wrong = GOLDEN / f"{file}.json.gz", []
    for number, expected in enumerate(documents(path)):
        if not expected["ticks_phase_independent"]:
            continue
        found = trace(record(expected, path, number)).document()
        lists = all(without_push(found[key]) == without_push(expected[key]) for key in ("wave", "trig", "data"))
        if not lists or found["final"] != expected["final"] or found["ended"] != expected["ended"]:
            wrong.append(expected["name"])
    assert wrong == []


def test_the_keys_of_a_document_stand_in_the_records_order() -> None:
    found = traced("TIME inc_ref #100\n WPORT_WR p0 wmem [&0] @50\n TRIG p3 set @60\n .END").document()
    assert list(found) == ["name", "wave", "trig", "data", "final", "hazards", "ended"]
    assert list(found["final"]) == ["s12", "s13", "s14", "ref", "r", "w", "dmem_changed", "wmem_changed"]
    assert found["wave"][0][:9] == [154, 0, 1, 2, 3, 4, 50, 6, 150]
    assert found["trig"][0][:4] == [164, 3, 1, 160]
    assert json.loads(json.dumps(found)) == found


def test_a_program_without_results_runs_all_the_same() -> None:
    (expected, *_) = documents(GOLDEN / "tproc_asm_v2_main.json.gz")
    bare = {key: value for key, value in expected.items() if key not in ("wave", "trig", "data", "final")}
    assert without_push(trace(record(bare, HERE)).document()["wave"]) == without_push(expected["wave"])


@pytest.mark.parametrize(
    ("text", "kind", "why"),
    [
        ("WPORT_WR p0 wmem [&0] @90\n NOP", "off-the-end", "ran off the end"),
        ("WPORT_WR p0 wmem [&0] @90\n RET\n .END", "return-without-call", "returns without a call"),
        ("WPORT_WR p0 wmem [&0] @90\nSUB:\n CALL SUB\n .END", "call-depth", "nested deeper than 7"),
        ("WPORT_WR p0 wmem [&0] @90\n REG_WR r_wave wmem [&0] -wr(r5 op) -op(w3)\n .END", "stall", "for ever"),
        (
            "WPORT_WR p0 wmem [&0] @90\n REG_WR r_wave wmem [&0] -wr(r5 op) -op(r1 + w3)\n .END",
            "stall",
            "for ever",
        ),
        ("WPORT_WR p0 wmem [&0] @90\n DPORT_RD p0 -wr(r5 op) -op(s8)\n .END", "stall", "for ever"),
    ],
)
def test_a_program_that_stops_shows_its_events_until_then(text: str, kind: str, why: str) -> None:
    found = traced(text)
    assert found.events["asked"].tolist() == [90]
    assert not found.ended
    hazard, *_ = found.hazards
    assert hazard.kind == kind
    assert why in hazard.why


@pytest.mark.parametrize("depth", [8, 9])
def test_a_return_stack_that_wraps_leads_astray_as_the_board_is_led(depth: int) -> None:
    (expected,) = (one for one in documents(GOLDEN / "hazards.json.gz") if one["name"] == f"haz_call_depth_{depth}")
    found = trace(record(expected, HERE))
    assert [hazard.kind for hazard in found.hazards] == ["fifo-full", "call-depth", "endless"]
    played = [wave for wave in found.document()["wave"] if wave[0] <= expected["last_tick"]]
    assert len(played) > 300
    assert without_push(played) == without_push(expected["wave"])


def test_a_program_that_plays_for_ever_is_followed_for_a_while() -> None:
    text = "TIME inc_ref #1000\n WPORT_WR p0 wmem [&0] @50\n TIME inc_ref #100\n JUMP [&2]"
    _, words = Assembler.str_asm2bin(text)
    found = trace(record({"pmem": words, "wmem": [[1, 2, 3, 4, 50, 6]]}, HERE), longest=5000)
    assert found.events.size >= 5000
    assert not found.ended
    assert found.hazards[-1].kind == "cut-off"


def test_a_program_that_is_cut_off_is_not_said_to_count_too_early() -> None:
    text = (
        "TIME inc_ref #1000\n REG_WR s12 op -op(s12 + #1)\n WPORT_WR p0 wmem [&0] @50\n TIME inc_ref #100\n JUMP [&2]"
    )
    _, words = Assembler.str_asm2bin(text)
    found = trace(record({"pmem": words, "wmem": [[1, 2, 3, 4, 50, 6]]}, HERE), longest=400)
    assert [hazard.kind for hazard in found.hazards if hazard.kind != "fifo-full"] == ["cut-off"]


def test_a_stop_after_many_events_loses_none_of_them() -> None:
    text = "REG_WR r0 imm #0\nAGAIN:\n WPORT_WR p0 wmem [&0] @90\n TIME inc_ref #100\n TEST -op(r0 - #39999)\n"
    found = traced(text + " JUMP AGAIN -if(NZ) -wr(r0 op) -op(r0 + #1)\n RET\n .END")
    assert found.events["asked"].tolist() == [90 + 100 * n for n in range(40000)]
    assert found.hazards[-1].kind == "return-without-call"


def test_queued_behind_a_late_event_is_late_too() -> None:
    crowd = "".join("WPORT_WR p0 wmem [&0] @100\n" for _ in range(60))
    found = traced(crowd + ".END")
    lateness = found.lateness.tolist()
    assert lateness[0] == 0
    assert set(lateness[1:]) == {1, 2}
    assert lateness.index(2) > lateness.index(1)


def test_an_undefined_word_is_told_with_its_address() -> None:
    with pytest.raises(BoardError, match="instruction 1, word 0xe00000000000000000"):
        trace(record({"pmem": [[0, 0, 0], [0, 0, 0xE0]]}, HERE))


def test_a_compressed_file_holds_the_same_programs(tmp_path: Path) -> None:
    raw = json.dumps([{"pmem": [[0, 0, 0]], "name": "a"}, {"pmem": [[0, 0, 0]]}])
    plain, packed = tmp_path / "two.json", tmp_path / "two.json.gz"
    plain.write_text(raw, encoding="utf-8")
    packed.write_bytes(gzip.compress(raw.encode()))
    assert documents(plain) == documents(packed)
    assert [record(one, packed, n).name for n, one in enumerate(documents(packed))] == ["a", "two-1"]
