"""`coldlink trace`: what a person and a program read, and what becomes of files that are none."""

import base64
import errno
import json
import os
import re
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qick.asm_v2 import AveragerProgramV2
from qick.tprocv2_assembler import Assembler

from coldlink.instruments.qick.firmware import soccfg
from coldlink.instruments.qick.image import written
from coldlink.instruments.simulated.board.trace.channels import Channels
from coldlink.instruments.simulated.board.trace.record import record
from coldlink.instruments.simulated.board.trace.trace import trace
from coldlink.sequences.errors import BoardError
from coldlink.stations.trace_figure import figure_of

GOLDEN = Path(__file__).parents[1] / "instruments" / "simulated" / "board" / "golden"
TEXT = """
 TIME inc_ref #1000
 REG_WR r0 imm #0
AGAIN:
 WPORT_WR p0 wmem [&0] @0
 TRIG p5 set @20
 TRIG p5 clr @30
 WAIT time @60
 REG_WR s12 op -op(s12 + #1)
 TIME inc_ref #500
 TEST -op(r0 - #9)
 JUMP AGAIN -if(NZ) -wr(r0 op) -op(r0 + #1)
 .END
"""
KEYS = ["name", "wave", "trig", "data", "final", "hazards", "ended"]


@pytest.fixture
def program(tmp_path: Path) -> Path:
    file = tmp_path / "loop.json"
    _, words = Assembler.str_asm2bin(TEXT)
    document = {"name": "loop", "pmem": words, "wmem": [[100, 0, 0, 1000, 40, 9, 0, 0]], "dmem": [], "asm": TEXT}
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    file = tmp_path / "trap.json"
    _, words = Assembler.str_asm2bin("WPORT_WR p0 wmem [&0] @-900\n RET\n .END")
    file.write_text(json.dumps({"pmem": words}), encoding="utf-8")
    return file


def test_json_is_one_line_a_program(coldlink: Callable[..., Any]) -> None:
    answer = coldlink("trace", GOLDEN / "hazards.json.gz", GOLDEN / "tproc_asm_v2_feedback.json.gz", "--json")
    lines = [json.loads(line) for line in answer.out.splitlines()]
    assert answer.code == 0
    assert len(lines) == 14 + 3
    assert all(list(line) == KEYS for line in lines)
    (blocked,) = (line for line in lines if line["name"] == "haz_head_of_line")
    hazard = next(hazard for hazard in blocked["hazards"] if hazard["kind"] == "head-of-line")
    assert list(hazard) == ["kind", "tick", "port", "instruction", "why", "shot", "source"]
    assert answer.err.count("note: ") == len(answer.err.splitlines())


def test_a_person_reads_events_in_time_order_and_hazards_last(coldlink: Callable[..., Any], program: Path) -> None:
    answer = coldlink("trace", program, "--limit", 4)
    rows = answer.out.splitlines()
    ticks = [int(row.split()[0]) for row in rows if re.match(r"\d+ +\d+\.\d{4} ", row)]
    assert len(ticks) == 4
    assert ticks == sorted(ticks)
    assert "and 36 more events; --limit 40 shows all of them" in rows
    assert rows[-1] == "no hazards"
    assert answer.err.startswith("note: assumed f_time 430.08, which loop does not say")
    assert answer.err.splitlines()[-1].startswith("note: loop tells no board: waves that overlap")


def test_a_program_that_reads_results_is_said_to_find_none(coldlink: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "decides.json"
    document = {"pmem": Assembler.str_asm2bin("DPORT_RD p1\nTRIG p5 set @100\n.END")[1]}
    note = "note: assumed that what decides reads from its input ports is 0; list what arrives in `inject`"
    for inject, said in (({}, True), ({"inject": [[50, 1, 7, 8]]}, False)):
        file.write_text(json.dumps(document | inject), encoding="utf-8")
        answer = coldlink("trace", file)
        assert answer.code == 0
        assert (note in answer.err.splitlines()) is said


def test_hazards_stand_at_the_end_with_shot_and_instruction(coldlink: Callable[..., Any], trap: Path) -> None:
    early, stopped = coldlink("trace", trap).out.splitlines()[-2:]
    assert (
        early.startswith("early at tick")
        and "shot 0, instruction 1 (WPORT_WR p0 wmem [&0] @-900): wave port 0: tick -900" in early
    )
    assert stopped.startswith("return-without-call at tick")


def test_a_file_that_is_none_stops_no_other(coldlink: Callable[..., Any], program: Path, tmp_path: Path) -> None:
    (tmp_path / "undefined.json").write_text(json.dumps({"pmem": [[0, 0, 0], [1, 2, 0xE0]]}), encoding="utf-8")
    (tmp_path / "text.json").write_text("pulse", encoding="utf-8")
    files = [tmp_path / name for name in ("missing.json", "text.json", "undefined.json")]
    (tmp_path / "empty.json").write_text("[]", encoding="utf-8")
    answer = coldlink("trace", *files, tmp_path / "empty.json", program, "--json")
    assert answer.code == 2
    assert [json.loads(line)["name"] for line in answer.out.splitlines()] == ["loop"]
    missing, text, undefined, empty = answer.err.splitlines()[:4]
    assert empty.startswith(f"error: {tmp_path / 'empty.json'}: an empty list, which holds no program and no soccfg")
    assert missing.startswith(f"error: {files[0]}: cannot be read")
    assert text.startswith(f"error: {files[1]}: holds no JSON")
    assert undefined.startswith(f"error: {files[2]}: instruction 1, word 0xe00000000200000001")


def test_figure_and_dump_are_written_one_a_program(
    coldlink: Callable[..., Any], program: Path, trap: Path, tmp_path: Path
) -> None:
    figure, dump = tmp_path / "out.html", tmp_path / "out.vcd"
    assert coldlink("trace", program, "--figure", figure, "--vcd", dump).code == 0
    assert "trigger 5" in figure.read_text(encoding="utf-8")
    assert dump.read_text(encoding="utf-8").startswith("$version")
    assert coldlink("trace", program, trap, "--vcd", dump).code == 0
    assert (tmp_path / "out-loop.vcd").is_file()
    assert (tmp_path / "out-trap.vcd").is_file()
    # Two programs of one name are two files.
    assert coldlink("trace", program, trap, program, "--vcd", tmp_path / "two.vcd").code == 0
    assert {file.name for file in tmp_path.glob("two*")} == {"two-loop.vcd", "two-trap.vcd", "two-loop-again-1.vcd"}


@pytest.mark.skipif(sys.platform == "win32", reason="a link needs a privilege there")
def test_a_dump_goes_through_a_link_to_what_it_points_to(
    coldlink: Callable[..., Any], program: Path, tmp_path: Path
) -> None:
    dump, link = tmp_path / "out.vcd", tmp_path / "link.vcd"
    link.symlink_to(dump)
    assert coldlink("trace", program, "--vcd", link).code == 0
    assert link.is_symlink()
    assert dump.read_text(encoding="utf-8").startswith("$version")


@pytest.mark.skipif(sys.platform == "win32", reason="it has no pipes with a name in a folder")
def test_a_dump_goes_into_a_pipe_that_stays_one(coldlink: Callable[..., Any], program: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(pipe.read_text, encoding="utf-8")
        assert coldlink("trace", program, "--vcd", pipe).code == 0
        assert read.result().startswith("$version")
    assert pipe.is_fifo()


def test_what_does_not_fit_on_the_disk_is_one_line_of_error(
    coldlink: Callable[..., Any], program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("coldlink.stations.tracing.print_lines", full)
        answer = coldlink("trace", program)
    assert answer.code == 3
    (line,) = answer.err.splitlines()
    assert line.endswith(
        "No space left on device: what this command tells or keeps does not fit; make room and run it again"
    )


def test_a_figure_of_a_long_run_holds_its_begin_and_says_so(
    coldlink: Callable[..., Any], program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coldlink.stations.trace_figure.DRAWN", 12)
    figure = tmp_path / "out.html"
    assert coldlink("trace", program, "--figure", figure).code == 0
    text = figure.read_text(encoding="utf-8")
    assert "loop: the first 12 of 40 events" in text
    assert text.count(", instruction 3: gain 1000") == 3


def test_a_figure_shows_a_wave_from_when_its_generator_is_free_and_a_periodic_one_until_the_next() -> None:
    places = ((0, 300), (0, 300), (1, 500), (0, 900))
    text = "\n".join(f"WPORT_WR p0 wmem [&{wave}] @{tick}" for wave, tick in places)
    waves = [[100, 0, 0, 1000, 40, conf, 0, 0] for conf in (9, 13)]
    document = {"pmem": Assembler.str_asm2bin(text + "\n.END")[1], "wmem": waves}
    figure = figure_of(trace(record(document, Path("x.json"), soccfg=soccfg().get_cfg())))
    (line,) = (drawn for drawn in figure.data if drawn.name == "generator 0" and drawn.mode == "lines")
    tick, length = 1 / 430.08, 40 / 599.04
    first, second, third, fourth = (tick * asked for asked in (304, 304, 504, 904))
    edges = [first, first + length, first + length, second + 2 * length, third, fourth, fourth, fourth + length]
    assert list(line.x) == pytest.approx(edges)


def test_the_disassembly_shows_words_text_and_where_they_come_from(coldlink: Callable[..., Any], program: Path) -> None:
    answer = coldlink("trace", program, "--disassembly", "--json")
    lines = json.loads(answer.out)["disassembly"]
    assert [line["address"] for line in lines] == list(range(13))
    assert lines[4]["text"] == "TRIG p5 set @20"
    assert lines[4]["source"] == "line 6 after AGAIN: TRIG p5 set @20"
    assert "TRIG p5 set @20" in coldlink("trace", program, "--disassembly").out


def test_the_disassembly_is_one_line_an_instruction_with_its_macro(
    coldlink: Callable[..., Any], program: Path, tmp_path: Path
) -> None:
    document = json.loads(program.read_text(encoding="utf-8"))
    document["macros"] = ["", *(f"Macro(number={n}, text='{'x' * 100}')" for n in range(1, 13))]
    file = tmp_path / "told.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    head, *rows = coldlink("trace", file, "--disassembly").out.splitlines()[1:15]
    assert head.split() == ["address", "word", "text", "macro", "from"]
    assert [int(row.split()[0]) for row in rows] == list(range(13))
    assert "TRIG p5 set @20" in rows[4] and document["macros"][4] in rows[4]
    lines = json.loads(coldlink("trace", file, "--disassembly", "--json").out)["disassembly"]
    assert [line["macro"] for line in lines] == document["macros"]


def test_a_file_that_does_not_tell_the_macros_is_said_not_to(coldlink: Callable[..., Any], program: Path) -> None:
    assert "this file does not tell from which macro" in coldlink("trace", program, "--disassembly").out
    assert "macro" not in coldlink("trace", program).out
    lines = json.loads(coldlink("trace", program, "--disassembly", "--json").out)["disassembly"]
    assert {line["macro"] for line in lines} == {None}


def test_macros_that_do_not_fit_the_program_are_one_line_of_error(coldlink: Callable[..., Any], program: Path) -> None:
    document = json.loads(program.read_text(encoding="utf-8"))
    program.write_text(json.dumps(document | {"macros": ["Pulse()"]}), encoding="utf-8")
    answer = coldlink("trace", program, "--disassembly")
    assert answer.code == 2
    (line,) = answer.err.splitlines()
    assert line.startswith(f"error: {program}: `macros` is no list of 13 texts")


@pytest.mark.parametrize("option", ["--figure", "--vcd"])
def test_a_file_that_cannot_be_written_is_one_line_of_error(
    coldlink: Callable[..., Any], program: Path, tmp_path: Path, option: str
) -> None:
    answer = coldlink("trace", program, option, tmp_path / "nowhere" / "out")
    assert answer.code == 2
    assert answer.err.splitlines()[-1].startswith(f"error: {tmp_path / 'nowhere' / 'out'}: cannot be written: No such")


def test_a_breakpoint_shows_the_registers_of_that_visit(coldlink: Callable[..., Any], program: Path) -> None:
    state = json.loads(coldlink("trace", program, "--break", "4:3", "--json").out)["break"]
    assert (state["reached"], state["address"], state["visit"]) == (True, 4, 3)
    assert (state["registers"]["r0"], state["registers"]["s12"], state["reference"]) == (2, 2, 2000)
    shown = coldlink("trace", program, "--break", "4:3").out
    assert "before instruction 4, visit 3: tick" in shown
    assert "r0 2 (0x2)" in shown
    assert "never comes to instruction 4, visit 30" in coldlink("trace", program, "--break", "4:30").out


@pytest.mark.parametrize("place", ["4:0", "400", "here", "4:x"])
def test_a_breakpoint_that_cannot_be_is_refused(coldlink: Callable[..., Any], program: Path, place: str) -> None:
    answer = coldlink("trace", program, "--break", place)
    assert answer.code == 2
    assert "breakpoint" in answer.err


def test_a_board_of_its_own_is_taken_from_its_file(coldlink: Callable[..., Any], program: Path, tmp_path: Path) -> None:
    from coldlink.instruments.qick.firmware import soccfg

    file = tmp_path / "board.json"
    file.write_text(json.dumps(soccfg().get_cfg()), encoding="utf-8")
    answer = coldlink("trace", program, "--soccfg", file, "--json")
    assert (answer.code, answer.err) == (0, "note: assumed core_enable_tick 7, which loop does not say\n")
    file.write_text("{}", encoding="utf-8")
    refused = coldlink("trace", program, "--soccfg", file)
    assert "no soccfg" in refused.err
    assert refused.code == 2


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program with its board: a gaussian on generator 0, a multiplexed tone, a mixed one that holds, a readout."""
    board = soccfg()

    class Everything(AveragerProgramV2):
        def _initialize(self, cfg: dict[str, Any]) -> None:
            self.declare_gen(ch=0, nqz=1)
            self.declare_gen(ch=4, nqz=2, mixer_freq=6400.0, mux_freqs=[6350.0, 6450.0], mux_gains=[0.1, 0.2], ro_ch=2)
            self.declare_gen(ch=5, nqz=2, mixer_freq=4800.0)
            self.declare_readout(ch=0, length=0.5)
            self.add_readoutconfig(ch=0, name="ears", freq=250.0, gen_ch=0)
            self.send_readoutconfig(ch=0, name="ears", t=0)
            self.add_gauss(ch=0, name="bell", sigma=0.02, length=0.1)
            self.add_pulse(ch=0, name="bell", style="arb", envelope="bell", freq=250.0, phase=90.0, gain=-0.5, phrst=1)
            self.add_pulse(ch=4, name="tones", style="const", mask=[1], length=1.2)
            more = {"style": "const", "length": 0.1, "freq": 4850.0, "phase": 0.0, "gain": 0.5}
            self.add_pulse(ch=5, name="drive", stdysel="last", **more)

        def _body(self, cfg: dict[str, Any]) -> None:
            for channel, name in ((0, "bell"), (4, "tones"), (5, "drive")):
                self.pulse(ch=channel, name=name, t=0.1 * channel)
            self.trigger(ros=[0], pins=[0], t=0.2)

    file = tmp_path_factory.mktemp("told") / "everything.json"
    file.write_text(written(Everything(board, reps=1, final_delay=1.0, initial_delay=1.0)), encoding="utf-8")
    return file


def test_a_person_reads_channels_frequencies_and_times(
    coldlink: Callable[..., Any], told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    rows = coldlink("trace", told).out
    for row in (
        r"readout 0 settings +listens at 250\.0000 MHz modulo 2457\.6, 0\.00°",
        r"generator 0 +250\.0000 MHz, 90\.00°, gain -0\.5000, 100\.16 ns, envelope from sample 0, phase reset",
        r"generator 4 +6450\.0000 MHz, 1\.1998 µs",
        r"generator 5 +4850\.0000 MHz, 0\.00°, gain 0\.4500, 99\.98 ns, last value held",
        r"trigger 0 \(PMOD0_0\) +1 ",
        r"trigger 10 \(readout 0\) +1 ",
    ):
        assert re.search(row, rows)


def test_a_dump_of_the_vendor_tells_zones_mixers_tones_and_envelopes_too(told: Path) -> None:
    image = json.loads(told.read_text(encoding="utf-8"))
    envelope = base64.b64encode(np.array(image["envelopes"][0][2], "<i2").tobytes()).decode()
    samples = len(image["envelopes"][0][2])
    tones = next(arguments for name, arguments, _ in map(json.loads, image["registers"]) if name == "config_mux_gen")
    generators = {
        "0": {"nqz": 1},
        "4": {"nqz": 2, "mixer_freq": {"setval": -6400.0}, "mixer_fullscale": False, "mux_tones": tones[1]},
        "5": {"nqz": 2, "mixer_freq": {"setval": -4800.0}, "mixer_fullscale": False},
    }
    dump = {
        "gen_chs": generators,
        "envelopes": [{"envs": {"bell": {"data": [envelope, [samples, 2], "<i2"], "addr": 0}}}],
    }
    of_image = record(image, told)
    of_dump = record({key: image[key] for key in ("pmem", "wmem", "soccfg")} | dump, told)
    assert np.array_equal(of_image.envelopes[0][2], of_dump.envelopes[0][2])
    ours, theirs = trace(of_image), trace(of_dump)
    texts = [[Channels(one.wiring).tells(event) for event in one.events] for one in (ours, theirs)]
    assert texts[0] == texts[1]
    assert sum("4850.0000 MHz" in text or "6450.0000 MHz" in text for text in texts[1]) == 2


def test_a_figure_draws_envelopes_windows_and_what_is_held(told: Path) -> None:
    figure = figure_of(trace(record(json.loads(told.read_text(encoding="utf-8")), told)))
    drawn = {line.name: line for line in figure.data if line.mode == "lines"}
    bell, tones, drive, window = (drawn[name] for name in ("generator 0", "generator 4", "generator 5", "readout 0"))
    assert len(bell.x) == 61
    assert min(bell.y) == pytest.approx(-0.25, abs=0.01)
    assert abs(bell.y[0]) < 0.05
    assert max(tones.y) == pytest.approx(0.2, abs=1e-3)
    # Its wave, then its last value to the end of the figure.
    assert list(drive.y) == pytest.approx([0.45, 0, 0.45, 0], abs=1e-3)
    assert drive.x[1] - drive.x[0] == pytest.approx(0.1, abs=0.001)
    assert drive.x[3] > window.x[0]
    assert window.x[1] - window.x[0] == pytest.approx(0.5, abs=0.004)


def test_a_bit_of_a_data_port_tells_which_readout_it_starts(told: Path) -> None:
    image = json.loads(told.read_text(encoding="utf-8"))
    image["pmem"] = Assembler.str_asm2bin("DPORT_WR p0 imm 12 @100\n.END")[1]
    image["soccfg"]["readouts"][0] |= {"trigger_type": "dport", "trigger_port": 0, "trigger_bit": 3}
    found = trace(record({key: image[key] for key in ("pmem", "soccfg", "registers")}, told))
    (event,) = found.events
    assert Channels(found.wiring).tells(event) == "12, starts readout 0"


def test_settings_of_another_board_are_refused_with_what_to_give(told: Path) -> None:
    image = json.loads(told.read_text(encoding="utf-8"))
    for call, why in (
        (["set_nyquist", [99, 1], {}], "generator 99 is set, the board has 16"),
        (["config_mux_gen", [0, []], {}], "generator 0 .* is not multiplexed"),
    ):
        with pytest.raises(BoardError, match=f"{why}.*give the right --soccfg"):
            trace(record(image | {"registers": [json.dumps(call)]}, told))
