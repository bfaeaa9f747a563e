"""Programs in files: what they may look like, what is assumed, and what is refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qick.helpers import progs2json

from coldlink.instruments.qick.image import from_json, image, to_json
from coldlink.instruments.simulated.board.trace.record import documents, record, sources
from coldlink.instruments.simulated.board.trace.trace import trace
from coldlink.sequences.errors import BoardError

from ..programs import CONFIG, READOUTS, TICK, Program, program

EMPTY = {"pmem": [[0, 0, 0]]}
HERE = Path("program.json")


def played() -> Program:
    def body(self: Program) -> None:
        self.flux(gain=0.5)
        self.at(0, "flux", 300)
        self.trigger(ros=list(READOUTS), t=528 * TICK)

    return program(body, reps=3)


def test_an_image_written_and_read_plays_what_its_program_plays() -> None:
    compiled = played()
    loaded = image(compiled)
    text = to_json(loaded, CONFIG, name="flux", asm=compiled.asm())
    again, board = from_json(text)
    assert again.sha256 == loaded.sha256
    assert board["tprocs"] == CONFIG["tprocs"]
    found = trace(record(json.loads(text), HERE))
    assert found.ended
    assert found.hazards == ()
    assert len(found.document()["wave"]) == 3
    assert found.record.name == "flux"
    assert not any("size" in fact or fact.startswith("f_") for fact in found.record.assumed)


def test_an_image_that_was_changed_is_refused() -> None:
    document = json.loads(to_json(image(played()), CONFIG))
    document["pmem"][3][0] ^= 1
    with pytest.raises(BoardError, match="it was changed"):
        from_json(json.dumps(document))
    with pytest.raises(BoardError, match="no program image"):
        from_json("{}")


def test_a_dumped_program_of_the_vendor_plays_what_its_image_plays() -> None:
    compiled = played()
    (dump,) = json.loads(progs2json([compiled.dump_prog()]))
    found = trace(record(dump, HERE, soccfg=CONFIG.get_cfg()))
    expected = trace(record(json.loads(to_json(image(compiled), CONFIG)), HERE))
    assert np.array_equal(found.events, expected.events)
    assert found.record.sources[1].endswith("REG_WR s12 imm #0")


def test_a_dump_that_cannot_be_assembled_is_refused() -> None:
    with pytest.raises(BoardError, match=r"program\.json: this program cannot be assembled"):
        record({"prog_list": [{"CMD": "FLY"}], "labels": {}, "waves": []}, HERE)


def test_facts_that_are_not_there_are_assumed_and_told() -> None:
    found = record(EMPTY, HERE)
    assert (found.tproc["f_time"], found.tproc["f_core"], found.enable_tick) == (430.08, 200.0, 7)
    assert found.assumed == (
        "f_time 430.08",
        "f_core 200",
        "pmem_size 4096",
        "dmem_size 16384",
        "wmem_size 1024",
        "core_enable_tick 7",
    )
    own = EMPTY | {"f_time_mhz": 614.4, "f_core_mhz": 300.0, "core_enable_tick": 8, "soccfg": CONFIG.get_cfg()}
    assert record(own, HERE).assumed == ()
    assert record(own, HERE).tproc["f_time"] == 614.4


def test_a_board_named_by_a_program_is_taken_from_the_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "board.json").write_text(json.dumps(CONFIG.get_cfg()), encoding="utf-8")
    assert record(EMPTY | {"soccfg": "board.json"}, tmp_path / "p.json").soccfg == CONFIG.get_cfg()
    assert record(EMPTY | {"soccfg": "another.json"}, tmp_path / "p.json").soccfg is None


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ([], "neither a record or image"),
        ({"name": "x"}, "neither a record or image"),
        ({"pmem": [[0, 0]]}, "`pmem` is no table of whole numbers"),
        ({"pmem": [["a", "b", "c"]]}, "`pmem` is no table of whole numbers"),
        ({"pmem": [[0, 0, 0]] * 4097}, "`pmem` has 4097 words, the processor's memory 4096"),
        (EMPTY | {"wmem": [[1, 2, 3]]}, "`wmem` is no table of whole numbers"),
        (EMPTY | {"inject": [[1, 2]]}, "`inject` is no table of whole numbers"),
        (EMPTY | {"f_core_mhz": 0}, "f_core is 0 MHz"),
        (EMPTY | {"soccfg": {"tprocs": []}}, "IndexError"),
    ],
)
def test_a_document_that_is_no_program_is_refused(document: Any, why: str) -> None:
    with pytest.raises(BoardError, match=rf"program\.json: .*{why}"):
        record(document, HERE)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(BoardError, match="cannot be read"):
        documents(tmp_path / "missing.json")
    (tmp_path / "half.json").write_text("{", encoding="utf-8")
    with pytest.raises(BoardError, match=r"half\.json: holds no JSON"):
        documents(tmp_path / "half.json")
    (tmp_path / "half.json.gz").write_bytes(b"\x1f\x8b\x08\x00")
    with pytest.raises(BoardError, match=r"half\.json\.gz: holds no JSON"):
        documents(tmp_path / "half.json.gz")


def test_lines_of_a_text_are_known_by_their_address() -> None:
    text = "NOP\n// nothing\nreps:\n TRIG p0 set @1 // on\n WAIT time @50\n\n .END\n"
    assert sources(text) == {
        0: "line 1: NOP",
        1: "line 4 after reps: TRIG p0 set @1",
        2: "line 5 after reps: WAIT time @50",
        3: "line 5 after reps: WAIT time @50",
        4: "line 7 after reps: .END",
    }
    assert list(sources("TRIG p0 set @1")) == [1]
