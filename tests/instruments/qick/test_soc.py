"""A board is found by its address, in this process or behind the vendor's server."""

import subprocess
import sys
from pathlib import Path

import pytest
from qick.qick_asm import QickConfig

from coldlink.instruments.qick.soc import connect, register
from coldlink.instruments.rfsoc import Rfsoc
from coldlink.sequences import compile as compile_sequence
from coldlink.sequences.errors import ConnectionFailed
from coldlink.sequences.protocols import readout_calibration

from ...one_mode import one_mode
from .pyro_server import board

SERVER = Path(__file__).with_name("pyro_server.py")


def test_a_board_of_this_process_is_found_until_it_is_forgotten():
    soc = object()
    register("here", soc)
    assert connect("board", "inproc://here").soc is soc
    register("here", None)
    with pytest.raises(ConnectionFailed, match=r"board \(inproc://here: nothing of that name runs in this process\)"):
        connect("board", "inproc://here")


def test_an_address_of_another_kind_is_answered_with_what_may_be_written():
    with pytest.raises(ConnectionFailed, match="write gateway://HOST:PORT, inproc://NAME or pyro://HOST:PORT/NAME"):
        connect("board", "192.168.1.20")


@pytest.fixture
def server():
    """The port of a nameserver that knows a board, `myqick`, in another process."""
    with subprocess.Popen([sys.executable, str(SERVER)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.kill()


def test_a_board_behind_the_vendors_server_plays_as_one_of_this_process_does(server, capsys):
    setup = one_mode()
    wiring, link = setup.bench.board.wiring, setup.bench.link
    sequence = readout_calibration(link.node_a, link.node_b)
    register("here", board())
    played = []
    for address in ("inproc://here", f"pyro://127.0.0.1:{server}/myqick"):
        rfsoc = Rfsoc("board", address, wiring=wiring, firmware="zcu216")
        program = compile_sequence(sequence, rfsoc.datasheet, relaxation=link.relaxation)
        played.append((rfsoc.run(program, 5), rfsoc.get_idn()))
        rfsoc.close()
    register("here", None)
    (here, own), (there, other) = played
    assert own == other
    assert here.identical(there)
    assert here["a.iq"].sizes == {"prepared": 4, "shot": 5, "quadrature": 2}
    # The vendor's client prints what it finds; a document on standard output must stay one.
    assert capsys.readouterr().out == ""
    assert isinstance(connect("board", f"pyro://127.0.0.1:{server}/myqick").soccfg, QickConfig)


def test_a_board_that_the_server_does_not_know_is_named_with_its_address(server):
    address = f"pyro://127.0.0.1:{server}/another"
    with pytest.raises(ConnectionFailed, match="unknown name: another; is the address pyro://") as failed:
        connect("board", address)
    assert failed.value.causes["board"].startswith(f"{address}: ")


@pytest.mark.parametrize("address", ["pyro://127.0.0.1:1/myqick", "pyro://127.0.0.1/myqick"])
def test_a_board_that_cannot_be_reached_is_named_with_its_address(address):
    with pytest.raises(ConnectionFailed) as failed:
        connect("board", address)
    assert failed.value.causes["board"].startswith(f"{address}: ")
