"""The interpreter against events recorded from the upstream HDL (golden/README.md gives the record)."""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coldlink.instruments.simulated.board.processor.event import COUNT, DATA, LATENCY, TRIG, WAVE
from coldlink.instruments.simulated.board.processor.processor import Processor, load
from coldlink.sequences.errors import BoardError

GOLDEN = Path(__file__).parent / "golden"
WAVE_FIELDS = ("tick", "port", "freq", "phase", "env", "gain", "length", "conf", "asked")
PORT_FIELDS = ("tick", "port", "value", "asked")
RANDOM = ("tproc_random_straight", "tproc_random_flow", "tproc_random_arith")
COMPILED = ("tproc_asm_v2_main", "tproc_asm_v2_feedback")
ENDLESS = {"haz_call_depth_8", "haz_call_depth_9", "haz_rwave_wreg_deadlock"}


@cache
def records(name: str) -> list[dict[str, Any]]:
    with gzip.open(GOLDEN / f"{name}.json.gz", "rt", encoding="utf-8") as file:
        found: list[dict[str, Any]] = json.load(file)
    return found


def processor(record: dict[str, Any]) -> Processor:
    tproc = {
        "f_time": record["f_time_mhz"],
        "f_core": record["f_core_mhz"],
        "wmem_size": 1024,
        "dmem_size": 16384,
        "fifo_depth": 512,
        "dreg_qty": 16,
    }
    return load(record, tproc, inputs=[tuple(row) for row in record["inject"]], enable_tick=record["core_enable_tick"])


def fired(events: Any, kind: int) -> list[tuple[int, ...]]:
    rows = events[events["kind"] == kind]
    rows = rows[np.lexsort((rows["port"], rows["tick"]))]
    fields = WAVE_FIELDS if kind == WAVE else PORT_FIELDS
    return [tuple(int(row[name]) for name in fields) for row in rows]


def recorded(record: dict[str, Any], key: str) -> list[tuple[int, ...]]:
    """tick, port, words, asked of each event (the record's push_tick and class left out)."""
    return [tuple(row[:-2]) for row in record[key]]


@pytest.mark.parametrize("file", [*RANDOM, *COMPILED])
def test_every_event_and_register_is_that_of_the_hdl(file: str) -> None:
    wrong = []
    for record in records(file):
        if not record["ticks_phase_independent"]:
            continue
        run = processor(record)
        events = np.concatenate(list(run.run()))
        same = all(
            fired(events, kind) == recorded(record, key)
            for kind, key in ((WAVE, "wave"), (TRIG, "trig"), (DATA, "data"))
        )
        final = run.final()
        if not same or any(final[key] != record["final"][key] for key in final):
            wrong.append(record["name"])
        before = processor(record)
        for memory in ("dmem", "wmem"):
            expected = getattr(before, memory)
            for place, words in record["final"][f"{memory}_changed"].items():
                expected[int(place)] = words
            if not np.array_equal(getattr(run, memory), expected):
                wrong.append(f"{record['name']} {memory}")
    assert wrong == []


def test_a_program_that_reads_the_time_gives_the_recorded_words() -> None:
    (record,) = (record for record in records("tproc_asm_v2_main") if record["name"] == "asm_resync")
    events = np.concatenate(list(processor(record).run()))
    words = [row[1:8] for row in fired(events, WAVE)]
    assert words == [row[1:8] for row in recorded(record, "wave")]


@pytest.mark.parametrize("record", records("hazards"), ids=lambda record: record["name"])
def test_late_pushes_are_found_and_no_others(record: dict[str, Any]) -> None:
    if record["name"] in ENDLESS:
        with pytest.raises(BoardError, match="instruction"):
            list(processor(record).run())
        return
    events = np.concatenate(list(processor(record).run()))
    ports = events[events["kind"] != COUNT]
    late = ports["possible"] > ports["asked"] + LATENCY
    assert late.sum() == record["n_late"]
    shifted = ports["tick"] > ports["asked"] + LATENCY
    assert shifted.sum() == record["n_late"] + record["n_queued"]


def test_on_time_events_of_a_late_program_are_exact() -> None:
    for record in records("hazards"):
        if record["name"] in ENDLESS or not record["n_late"]:
            continue
        mine = set(fired(np.concatenate(list(processor(record).run())), WAVE))
        on_time = {tuple(row[:-2]) for row in record["wave"] if row[-1] == 0}
        assert on_time and on_time <= mine
