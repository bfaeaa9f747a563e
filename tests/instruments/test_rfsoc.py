"""The board as an instrument: it plays what was compiled for its own datasheet, and tells who it is."""

import pytest

from coldlink.instruments.qick.soc import register
from coldlink.instruments.rfsoc import Rfsoc
from coldlink.sequences import Sequence
from coldlink.sequences import compile as compile_sequence
from coldlink.sequences.errors import ConnectionFailed
from coldlink.sequences.protocols import measure

from ..one_mode import one_mode


@pytest.fixture
def rfsoc():
    board = one_mode().bench.board
    register("rack", board.soc)
    instrument = Rfsoc("board", "inproc://rack", wiring=board.wiring, firmware="zcu216")
    yield instrument
    instrument.close()
    register("rack", None)


def test_it_plays_a_program_that_was_compiled_for_its_datasheet(rfsoc):
    link = one_mode().bench.link
    program = compile_sequence(Sequence().then(measure(link.node_a, link.node_b)), rfsoc.datasheet, relaxation=1e-4)
    data = rfsoc.run(program, 7)
    assert data["b.iq"].sizes == {"shot": 7, "quadrature": 2}
    assert len(data.attrs["image_sha256"]) == 64


def test_its_datasheet_is_that_of_the_wired_board(rfsoc):
    assert rfsoc.datasheet == one_mode().bench.target


def test_it_tells_board_and_firmware(rfsoc):
    assert rfsoc.get_idn()["model"] == "ZCU216"


def test_a_board_that_is_not_there_leaves_no_instrument_behind():
    for _ in range(2):
        with pytest.raises(ConnectionFailed, match="no answer from board"):
            Rfsoc("board", "inproc://nowhere", wiring=one_mode().bench.board.wiring, firmware="zcu216")
