"""Which macro each instruction of a compiled program comes from."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qick.asm_v2 import AsmV2, AveragerProgramV2, Delay, QickProgramV2, QickSweep1D
from qick.helpers import NpEncoder, json2progs, progs2json

from coldlink.instruments.qick.firmware import RFSOC4X2, ZCU111, ZCU216, soccfg
from coldlink.instruments.qick.image import from_json, written
from coldlink.instruments.qick.macros import macros
from coldlink.instruments.simulated.board.processor.disassembly import disassemble
from coldlink.instruments.simulated.board.trace.record import record
from coldlink.instruments.simulated.board.trace.trace import trace
from coldlink.sequences import Sequence
from coldlink.sequences.errors import BoardError
from coldlink.sequences.protocols import handshake, measure

from .programs import CONFIG, LINK, A, B, lowered

HERE = Path("program.json")


class Rabi(AveragerProgramV2):
    def _initialize(self, cfg: dict[str, Any]) -> None:
        self.declare_gen(ch=0, nqz=1)
        self.declare_readout(ch=0, length=0.3)
        self.add_readoutconfig(ch=0, name="ro", freq=100, gen_ch=0)
        self.send_readoutconfig(ch=0, name="ro", t=0)
        self.add_loop("gain", 5)
        self.add_pulse(
            ch=0, name="p", style="const", freq=100, phase=0, gain=QickSweep1D("gain", 0, 1), length=0.3, ro_ch=0
        )
        turn = AsmV2()
        turn.read_wmem(name="p_w0")
        turn.inc_reg(dst="w_phase", src=1 << 28)
        turn.write_wmem(name="p_w0")
        self.add_subroutine("turn", turn)

    def _body(self, cfg: dict[str, Any]) -> None:
        self.pulse(ch=0, name="p", t=QickSweep1D("gain", 0.1, 0.2), tag="drive")
        self.trigger(ros=[0], pins=[0], t=0.5)
        self.call("turn")
        self.asm_inst({"CMD": "NOP"})
        self.wait(30_000.0)


def rabi() -> Rabi:
    return Rabi(CONFIG, reps=3, final_delay=1.0)


def by_macro(program: Any) -> list[tuple[str, list[str]]]:
    """Each macro, and the commands of its instructions, in the order of addresses."""
    found: list[tuple[str, list[str]]] = []
    for line in disassemble(program.binprog["pmem"], macros=macros(program)):
        if not found or found[-1][0] != line.macro:
            found.append((line.macro or "", []))
        found[-1][1].append(line.text.split()[0])
    return found


def test_each_instruction_has_its_macro_with_what_the_user_gave_it() -> None:
    assert by_macro(rabi()) == [
        ("", ["NOP"]),
        # Times that are swept are in registers, which are set before anything else.
        ("start of a sweep: WriteReg(dst='r2', src=43)", ["REG_WR"]),
        ("WriteReg(dst='s_core_w1', src=0)", ["REG_WR"]),
        ("ConfigReadout(ch=0, name='ro', t=0)", ["WPORT_WR"]),
        ("Delay(t=1, auto=True, gens=True, ros=True)", ["TIME"]),
        ("OpenLoop(n=3, name='reps')", ["REG_WR"]),
        ("OpenLoop(n=5, name='gain')", ["REG_WR"]),
        ("Pulse(ch=0, name='p', t=0.1 + 0.1 over gain, tag='drive')", ["REG_WR", "WPORT_WR"]),
        ("Trigger(ros=[0], pins=[0], t=0.5, width=0.0232514881)", ["TRIG"] * 4),
        ("Call(label='turn')", ["REG_WR", "CALL"]),
        ("AsmInst(CMD='NOP')", ["NOP"]),
        ("Wait(t=30000)", ["REG_WR", "REG_WR", "TEST", "JUMP"]),
        ("Wait(t=0, auto=True, ros=True, no_warn=True)", ["REG_WR", "TEST", "JUMP"]),
        ("Delay(t=1, auto=True, gens=True, ros=True)", ["TIME"]),
        ("IncReg(dst='s_core_w1', src=1)", ["REG_WR"]),
        (
            "CloseLoop(name='gain')",
            ["REG_WR", "REG_WR", "WMEM_WR", *["REG_WR"] * 2, "TEST", "JUMP", *["REG_WR"] * 2, "WMEM_WR", "REG_WR"],
        ),
        ("CloseLoop(name='reps')", ["REG_WR", "TEST", "JUMP"]),
        ("End()", ["REG_WR", "JUMP"]),
        ("ReadWmem(name='p_w0')", ["REG_WR"]),
        ("IncReg(dst='w_phase', src=268435456)", ["REG_WR", "REG_WR"]),
        ("WriteWmem(name='p_w0')", ["WMEM_WR"]),
        ("AsmInst(CMD='RET')", ["RET"]),
    ]


@pytest.mark.parametrize("firmware", [ZCU216, ZCU111, RFSOC4X2])
def test_there_is_one_text_a_word_on_every_board(firmware: Any) -> None:
    program = QickProgramV2(soccfg(firmware))
    program.declare_gen(ch=0, nqz=1)
    program.add_pulse(ch=0, name="p", style="const", freq=900, phase=0, gain=0.5, length=0.3)
    program.open_loop(7, name="count")
    program.pulse(ch=0, name="p", t=0)
    program.wait(1.0)
    program.resync(0.1)
    program.cond_jump("count", "count", "NZ", op="-", arg2=3)
    program.close_loop()
    program.end()
    found = macros(program)
    assert len(found) == len(program.binprog["pmem"])
    assert all(found[1:])


def test_looking_changes_nothing_of_the_program() -> None:
    program = rabi()
    words, listed = np.array(program.binprog["pmem"]), json.dumps(program.prog_list)
    assert macros(program) == macros(program)
    assert json.dumps(program.prog_list) == listed
    program._make_binprog()
    assert np.array_equal(program.binprog["pmem"], words)


def test_a_program_of_macros_alone_is_compiled_first() -> None:
    program = QickProgramV2(CONFIG)
    program.delay(1.0)
    program.end()
    assert macros(program)[1:] == ["Delay(t=1)", "End()", "End()"]


def test_a_macro_of_the_users_own_has_its_own_name() -> None:
    class Pause(Delay):
        pass

    program = QickProgramV2(CONFIG)
    program.append_macro(Pause(t=2.0, auto=False, tag=None))
    program.end()
    assert macros(program)[1] == "Pause(t=2)"


def test_our_own_lowering_tells_channel_and_waveform() -> None:
    found = macros(lowered(Sequence().play(A.drive, A.x180).then(handshake(LINK)).then(measure(B))))
    assert any(text.startswith("Pulse(") and "a.coupler" in text for text in found)
    assert any(text.startswith("Trigger(ros=[") for text in found)


def test_a_program_without_macros_is_refused() -> None:
    (dump,) = json2progs(progs2json([rabi().dump_prog()]))
    loaded = QickProgramV2(CONFIG)
    loaded.load_prog(dump)
    with pytest.raises(BoardError, match="holds no macros"):
        macros(loaded)
    for wrong in (object(), "rabi.json", None):
        with pytest.raises(BoardError, match="holds no macros"):
            written(wrong)


def test_macros_that_were_added_after_compiling_are_refused() -> None:
    program = rabi()
    program.delay(1.0)
    with pytest.raises(BoardError, match="cannot be translated: they have changed"):
        macros(program)


def test_macros_that_were_taken_away_after_compiling_are_refused() -> None:
    program = rabi()
    del program.macro_list[-1]
    with pytest.raises(BoardError, match=f"do not give the program's {program.p_addr} words"):
        macros(program)


def test_a_written_program_keeps_its_macros_and_its_hash() -> None:
    program = rabi()
    text = written(program, name="rabi")
    from_json(text)
    found = record(json.loads(text), HERE)
    assert found.name == "rabi"
    assert found.macros == macros(program)


def test_a_dump_to_which_the_macros_were_added_tells_them() -> None:
    program = rabi()
    dump = json.loads(json.dumps(program.dump_prog() | {"macros": macros(program)}, cls=NpEncoder))
    assert record(dump, HERE, soccfg=CONFIG.get_cfg()).macros == macros(program)
    (plain,) = json2progs(progs2json([program.dump_prog()]))
    assert record(plain, HERE, soccfg=CONFIG.get_cfg()).macros == []


def test_a_hazard_names_the_macro_behind_its_instruction() -> None:
    program = QickProgramV2(CONFIG)
    program.declare_gen(ch=0, nqz=1)
    program.add_pulse(ch=0, name="p", style="const", freq=100, phase=0, gain=1.5, length=0.3)
    program.delay(1.0)
    program.pulse(ch=0, name="p", t=0)
    program.end()
    (hazard,) = trace(record(json.loads(written(program)), HERE)).hazards
    assert hazard.source == "Pulse(ch=0, name='p', t=0); line 3: WPORT_WR p0 wmem [&0] @0"


@pytest.mark.parametrize("given", [["Pulse()"], {}, "Pulse()", None, [1, 2, 3]])
def test_macros_that_are_not_one_text_a_word_are_refused(given: Any) -> None:
    document = {"pmem": [[0, 0, 0]] * 3, "macros": given}
    with pytest.raises(BoardError, match=r"program\.json: `macros` is no list of 3 texts"):
        record(document, HERE)
