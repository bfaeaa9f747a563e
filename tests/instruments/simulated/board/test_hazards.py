"""What compiles without a word and then plays something else: found, named, and told where it is."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qick.helpers import json2progs, progs2json
from qick.tprocv2_assembler import Assembler

from coldlink.instruments.qick.firmware import soccfg
from coldlink.instruments.qick.image import written
from coldlink.instruments.simulated import SimulatedSoc
from coldlink.instruments.simulated.board.converters.wiring import Wiring
from coldlink.instruments.simulated.board.hazard import Hazard
from coldlink.instruments.simulated.board.hazards import check, hazards
from coldlink.instruments.simulated.board.processor.processor import load
from coldlink.instruments.simulated.board.trace.record import documents, record
from coldlink.instruments.simulated.board.trace.trace import trace
from coldlink.sequences.errors import BoardError

from .programs import FLUX, TICK, TONES, Program, board, program

GOLDEN = Path(__file__).parent / "golden" / "hazards.json.gz"
CONFIG = soccfg()
WAVES = [
    [100, 0, 0, 1000, 40, 9, 0, 0],
    [100, 0, 0, 49149, 40, 9, 0, 0],
    [100, 0, 0, 5, 70000, 9, 0, 0],
    [100, 0, 0, 1000, 40, 13, 0, 0],
    [100, 0, 0, 1000, 40, 29, 0, 0],
]
PLAIN, PERIODIC, RESTARTED = 0, 3, 4
"""Tones among them."""
KINDS = {
    "haz_gain_wrap_1p5": {"gain-wrap"},
    "haz_rwave_wreg_deadlock": {"stall"},
    "haz_head_of_line": {"head-of-line", "stale-counter"},
    "haz_shot_counter_before_pulses": {"stale-counter"},
    "haz_late_dt_20000ps": {"stale-counter"},
    "haz_late_dt_15000ps": {"late"},
    "haz_late_dt_10000ps": {"late"},
    "haz_late_after_feedback_too_early": {"late"},
    "haz_fifo_full_pauses_core": {"fifo-full", "stale-counter"},
    "haz_call_depth_6": set(),
    "haz_call_depth_8": {"call-depth", "endless", "fifo-full"},
    "haz_call_depth_9": {"call-depth", "endless", "fifo-full"},
    "haz_inc_ref_negative": {"far-ahead"},
    # An image holds only the word to which the compiler folded the frequency; it is that of a legal tone.
    "haz_freq_20GHz": set(),
}


def kinds(found: list[Hazard]) -> list[str]:
    return [hazard.kind for hazard in found]


def events(text: str) -> Any:
    _, words = Assembler.str_asm2bin(text)
    processor = load({"pmem": words, "wmem": WAVES, "dmem": None}, CONFIG["tprocs"][0] | {"fifo_depth": 512})
    return np.concatenate(list(processor.run()))


@pytest.mark.parametrize("document", documents(GOLDEN), ids=lambda document: document["name"])
def test_every_recorded_hazard_is_found_as_what_it_is(document: dict[str, Any]) -> None:
    found = {hazard.kind for hazard in trace(record(document, GOLDEN)).hazards}
    assert found - {"overlap", "generator-queue"} == KINDS[document["name"]]


def test_every_record_of_hazards_is_looked_at() -> None:
    assert {document["name"] for document in documents(GOLDEN)} == KINDS.keys()


def test_late_events_are_those_of_the_record() -> None:
    for document in documents(GOLDEN):
        if document["name"] not in {"haz_call_depth_8", "haz_call_depth_9"}:
            found = kinds(list(trace(record(document, GOLDEN)).hazards))
            assert found.count("late") == document["n_late"]
            assert found.count("head-of-line") == document["n_queued"]


def test_a_hazard_tells_shot_instruction_port_and_line() -> None:
    (document,) = (one for one in documents(GOLDEN) if one["name"] == "haz_head_of_line")
    first, second = (hazard for hazard in trace(record(document, GOLDEN)).hazards if hazard.kind == "head-of-line")
    assert (first.shot, first.instruction, first.port, first.tick) == (0, 5, 0, 867)
    assert (second.shot, second.instruction, second.port, second.tick) == (1, 5, 0, 2166)
    assert first.source == "line 7 after reps: WPORT_WR p0 wmem [&0] @86"
    assert str(first).startswith("shot 0, instruction 5 (line 7 after reps: WPORT_WR p0 wmem [&0] @86): wave port 0: ")


def test_an_event_before_the_start_is_early() -> None:
    (found,) = hazards(events("WPORT_WR p0 wmem [&0] @-300\n .END"), None)
    assert found.kind == "early"
    assert "tick -300 lies before the program's start" in found.why


def test_a_length_beyond_its_bits_wraps() -> None:
    (found,) = hazards(events("WPORT_WR p0 wmem [&2] @300\n .END"), None)
    assert found.kind == "length-wrap"
    assert "70000 fabric cycles" in found.why and f"play {70000 & 0xFFFF}" in found.why


def test_a_wave_that_begins_while_another_plays_overlaps_it_where_the_generator_is_known() -> None:
    played = events("WPORT_WR p0 wmem [&0] @300\n WPORT_WR p0 wmem [&0] @310\n .END")
    assert hazards(played, None) == []
    (found,) = hazards(played, Wiring(CONFIG))
    assert found.kind == "overlap"
    assert found.why.startswith("generator 0")


def test_a_generator_holds_sixteen_waiting_waves() -> None:
    def queue(waves: int) -> list[Hazard]:
        text = "".join(f"WPORT_WR p0 wmem [&0] @{3000 + 4 * n}\n" for n in range(waves))
        return hazards(events(text + ".END"), Wiring(CONFIG))

    assert "generator-queue" not in kinds(queue(17))
    assert kinds(queue(20)).count("generator-queue") == 3


def test_a_wave_to_a_port_without_a_listener_is_named_once() -> None:
    played = events("WPORT_WR p15 wmem [&0] @300\n WPORT_WR p15 wmem [&0] @500\n .END")
    alone = Wiring({"tprocs": CONFIG["tprocs"], "gens": CONFIG["gens"][:1], "readouts": []})
    (found,) = hazards(played, alone)
    assert (found.kind, found.port, found.tick) == ("nothing-listens", 15, 304)


def test_a_counter_that_steps_after_its_pulses_is_not_stale() -> None:
    waiting = "WPORT_WR p0 wmem [&0] @3000\n WAIT time @3100\n REG_WR s12 imm #1\n .END"
    hasty = "WPORT_WR p0 wmem [&0] @3000\n REG_WR s12 imm #1\n .END"
    assert hazards(events(waiting), None) == []
    assert kinds(hazards(events(hasty), None)) == ["stale-counter"]


def test_a_periodic_tone_that_only_begins_late_is_told_of_and_played() -> None:
    def late(wave: int, before: str = "", after: str = "") -> list[str]:
        return kinds(hazards(events(f"{before}WPORT_WR p0 wmem [&{wave}] @0\n{after}.END"), Wiring(CONFIG)))

    assert late(PERIODIC) == ["late-tone"]
    with pytest.warns(RuntimeWarning, match=r"instruction 1: .* asked for tick 0, sounds as asked from tick \d+ on"):
        check(events(f"WPORT_WR p0 wmem [&{PERIODIC}] @0\n.END"), Wiring(CONFIG))
    # Whatever else is late changes what is measured: phases that begin with the wave, a tone that ends too late,
    # one that takes another's place too late, and one that a readout has already listened for.
    assert late(RESTARTED) == ["late"]
    assert late(PLAIN) == ["late"]
    assert "late" in late(PERIODIC, before=f"WPORT_WR p0 wmem [&{PERIODIC}] @0\n")
    assert "late" in late(PERIODIC, before="TRIG p0 set @0\n")
    assert late(PERIODIC, after="TRIG p0 set @300\n") == ["late-tone"]


def test_a_mask_of_tones_is_not_taken_for_a_periodic_wave() -> None:
    waves = [[0, 0, 0, 0, 400, 0b100, 0, 0]]
    port = CONFIG["gens"][TONES]["tproc_ch"]
    _, words = Assembler.str_asm2bin(f"WPORT_WR p{port} wmem [&0] @300\nWPORT_WR p{port} wmem [&0] @500\n.END")
    processor = load({"pmem": words, "wmem": waves, "dmem": None}, CONFIG["tprocs"][0])
    (found,) = hazards(np.concatenate(list(processor.run())), Wiring(CONFIG))
    assert found.kind == "overlap"


def test_a_run_is_refused_at_the_first_hazard_with_its_shot() -> None:
    step = "REG_WR s12 op -op(s12 + #1)\n TIME inc_ref #500\n"
    played = events("TIME inc_ref #500\n" + step + step + "WPORT_WR p0 wmem [&1] @0\n .END")
    with pytest.raises(BoardError, match=r"shot 2, instruction 6: wave port 0, generator 0 .*gain word 49149"):
        check(played, Wiring(CONFIG))
    with pytest.raises(BoardError, match=r"shot 7, instruction 6 \(flip the sign\): wave port 0"):
        check(played, Wiring(CONFIG), shot=5, sources={6: "flip the sign"})


def test_who_wants_to_be_told_only_is_told_all() -> None:
    told: list[Hazard] = []
    check(
        events("WPORT_WR p0 wmem [&1] @900\n WPORT_WR p0 wmem [&0] @700\n .END"), Wiring(CONFIG), on_hazard=told.append
    )
    assert kinds(told) == ["gain-wrap", "head-of-line"]


def test_a_readout_triggered_after_the_last_step_of_the_counter_is_refused() -> None:
    def hasty(self: Program) -> None:
        self.read(3000)
        self.delay(4000 * TICK)

    soc, _ = board()
    compiled = program(hasty, reps=2, period=None)
    compiled.config_all(soc)
    compiled.config_bufs(soc, enable_avg=True, enable_buf=False)
    told = r"shot 1, instruction \d+ \(TRIG .*\): .*readout 2 .*is triggered at tick \d+, after the"
    with pytest.raises(BoardError, match=told):
        soc.start_tproc()


@pytest.mark.parametrize("revision", [21, 25])
def test_a_full_queue_loses_events_before_revision_25_and_holds_the_core_from_then_on(
    revision: int,
) -> None:
    def crowded(self: Program) -> None:
        self.open_loop(600, name="many")
        self.at(FLUX, "flux", 20_000)
        self.delay(100 * TICK)
        self.close_loop()
        self.delay(30_000 * TICK)

    config = CONFIG.get_cfg()
    soc = SimulatedSoc({**config, "tprocs": [config["tprocs"][0] | {"revision": revision, "fifo_depth": 512}]})
    compiled = program(crowded, setup=lambda self: self.flux(), reps=1, period=None)
    compiled.config_all(soc)
    told = (
        r"shot 0, instruction \d+ \(WPORT_WR p0 .*\): wave port 0: 512 events wait in its queue, so the core is held 88"
    )
    if revision < 25:
        with pytest.raises(BoardError, match=told + r" times.* \(this is 21\) loses them instead"):
            soc.start_tproc()
        return
    with pytest.warns(RuntimeWarning, match=told):
        soc.start_tproc()
    assert len(soc.groups[0].played) == 600


def test_a_gain_that_wraps_is_played_as_the_board_does_if_the_user_only_wants_a_warning() -> None:
    def loud(self: Program) -> None:
        self.at(FLUX, "flux", 500)

    settings = {"style": "const", "freq": 0, "phase": 0, "gain": 1.5, "length": 0.1}

    def played(**reaction: Any) -> float:
        soc = SimulatedSoc(CONFIG, **reaction)
        compiled = program(loud, setup=lambda self: self.add_pulse(ch=FLUX, name="flux", **settings), reps=1)
        compiled.config_all(soc)
        soc.start_tproc()
        return float(soc.groups[0].played[0].envelope[0].real)

    with pytest.raises(BoardError, match=r"shot 0, instruction .* gain word 49149"):
        played()
    with pytest.warns(RuntimeWarning, match="gain word 49149 .* would play -16387"):
        assert played(hazards="warn") == pytest.approx(-16387 / CONFIG["gens"][FLUX]["maxv"])


def test_a_readout_that_the_program_waits_for_is_not_refused() -> None:
    def patient(self: Program) -> None:
        self.read(3000)
        self.wait(3600 * TICK)
        self.delay(4000 * TICK)

    soc, _ = board()
    compiled = program(patient, reps=2, period=None)
    compiled.config_all(soc)
    compiled.config_bufs(soc, enable_avg=True, enable_buf=False)
    soc.start_tproc()
    assert soc.get_tproc_counter(1) == 2


def shortened(self: Program) -> None:
    """Reads every 600 ticks; the windows are 1 us, which is 430 ticks, or longer."""
    self.read(100)
    self.wait(300 * TICK)
    self.delay(600 * TICK)


def test_a_window_that_is_opened_again_too_early_is_listed_for_each_readout_and_shot() -> None:
    def listed(document: dict[str, Any]) -> list[Hazard]:
        found = trace(record(document, GOLDEN, soccfg=CONFIG.get_cfg())).hazards
        return [hazard for hazard in found if hazard.kind == "open-window"]

    compiled = program(shortened, reps=3, period=None)
    assert listed(json.loads(written(compiled))) == []
    for channel in compiled.ro_chs.values():
        channel["length"] = 80
    for document in (json.loads(written(compiled)), json2progs(progs2json([compiled.dump_prog()]))[0]):
        found = listed(document)
        assert [hazard.shot for hazard in found] == [1, 1]
        assert "readout 2 (axis_pfb_readout_v4) is triggered at tick" in found[0].why
        assert "the board would not hear it" in found[0].why


def test_settings_of_a_readout_that_the_board_does_not_have_are_an_error() -> None:
    document = {"pmem": [[0, 0, 0]], "registers": [json.dumps(["config_avg", [99], {"length": 10}])]}
    with pytest.raises(BoardError, match="readout 99 is set, the board has 10"):
        trace(record(document, GOLDEN, soccfg=CONFIG.get_cfg()))
    with pytest.raises(BoardError, match="correct the file"):
        record({"pmem": [[0, 0, 0]], "registers": ["config_avg"]}, GOLDEN)
