"""A program plays on a board behind a gateway as on a board of this process, or says why it cannot."""

import re
import socket
from _thread import interrupt_main
from threading import Thread

import numpy as np
import pytest
from qick.qick_asm import QickConfig

from coldlink.instruments.gateway import GatewaySoc, server, stop_board
from coldlink.instruments.gateway.session import Door
from coldlink.instruments.qick.soc import TOKEN_FILE, connect, register
from coldlink.instruments.rfsoc import Rfsoc
from coldlink.sequences import compile as compile_sequence
from coldlink.sequences.errors import ConnectionFailed, InstrumentError, RunAborted
from coldlink.sequences.protocols import readout_calibration

from ...one_mode import one_mode
from .boards import Logged, Looped
from .programs import read
from .served import TOKEN, Served

RESET = "generators reset"
LEFT = "has left; the board is safe"
CONFIG = Logged().get_cfg()


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A gateway whose board ends every program at once."""
    served = Served(tmp_path_factory.mktemp("plain"), "Logged")
    yield served
    served.end()


@pytest.fixture
def serve(tmp_path):
    """Starts gateways of this test alone."""
    all_served = []

    def start(board, *options, **changes):
        served = Served(tmp_path, board, *options, **changes)
        all_served.append(served)
        return served

    yield start
    for served in all_served:
        served.end()


def acquire(soc, **options):
    return read(soc).acquire(soc, progress=False, **options)


class Played(Thread):
    """A program that plays in another thread, and the error with which it ended."""

    def __init__(self, play):
        super().__init__()
        self.play, self.error = play, None
        self.start()

    def run(self):
        try:
            self.play()
        except Exception as error:
            self.error = error

    def ended(self):
        self.join()
        return self.error


# --- as in this process -----------------------------------------------------------------------------------------------


def test_the_twin_of_the_link_gives_the_same_numbers_behind_a_gateway(serve):
    served = serve("linked")
    setup = one_mode(seed=11)
    sequence = readout_calibration(setup.bench.link.node_a, setup.bench.link.node_b)
    here = setup.lowered(sequence, shots=20)
    expected = here.acquire(setup.bench.board.soc, rounds=2, progress=False)
    with GatewaySoc.open(served.door()) as soc:
        there = setup.lowered(sequence, shots=20)
        found = there.acquire(soc, rounds=2, progress=False)
    assert np.array_equal(found, expected)
    assert all(np.array_equal(a, b) for a, b in zip(here.get_raw(), there.get_raw(), strict=True))
    assert np.ptp(here.get_raw()[0]) > 0


def test_a_program_is_compiled_for_the_board_and_run_on_it_through_one_object(plain):
    board = Logged()
    with GatewaySoc.open(plain.door()) as soc:
        assert isinstance(soc, QickConfig)
        assert str(soc) == str(board)
        there, here = read(soc), read(board)
        assert [np.array_equal(there.binprog[name], here.binprog[name]) for name in ("pmem", "wmem")] == [True, True]
        there.run(soc)
        there.run_rounds(soc, rounds=2, progress=False)
        assert soc.get_tproc_counter(addr=1) == 30
        assert there.acquire(soc, progress=False)[0].shape == (1, 3, 2)


def test_the_instrument_finds_its_board_by_address_and_token_file(plain, tmp_path, monkeypatch):
    setup = one_mode()
    wiring, link = setup.bench.board.wiring, setup.bench.link
    sequence = readout_calibration(link.node_a, link.node_b)
    file = tmp_path / "mine.txt"
    file.write_text(TOKEN + "\n")
    monkeypatch.setenv(TOKEN_FILE, str(file))
    register("here", Logged())
    names = []
    for address in ("inproc://here", plain.address):
        rfsoc = Rfsoc("board", address, wiring=wiring, firmware="zcu216")
        program = compile_sequence(sequence, rfsoc.datasheet, relaxation=link.relaxation)
        data = rfsoc.run(program, 5)
        assert data["a.iq"].sizes == {"prepared": 4, "shot": 5, "quadrature": 2}
        names.append((rfsoc.get_idn(), data.attrs["image_sha256"]))
        soc = rfsoc.board.soc
        rfsoc.close()
    register("here", None)
    soc.close()
    assert names[0] == names[1]
    monkeypatch.delenv(TOKEN_FILE)
    connect("board", plain.address, token_file=file).soc.close()


def test_traces_and_sums_are_those_of_the_same_board_in_this_process(serve):
    def taken(soc):
        program = read(soc, reps=2)
        traces = program.acquire_decimated(soc, rounds=2, progress=False)
        return [*traces, *program.acquire(soc, rounds=2, progress=False), *program.get_raw()]

    with GatewaySoc.open(serve("Looped").door()) as soc:
        there = taken(soc)
    here = taken(Looped())
    assert [array.shape for array in here] == [(6, 38, 2)] * 2 + [(1, 3, 2)] * 2 + [(2, 3, 1, 2)] * 2
    assert all(np.array_equal(a, b) and a.dtype == b.dtype for a, b in zip(here, there, strict=True))
    assert np.ptp(here[0]) > 1000


def test_memories_and_long_records_are_reached_through_the_gateway(serve):
    def taken(soc):
        program = read(soc, reps=2, ddr4=True)
        program.config_all(soc)
        soc.load_mem([3, -1, 4], addr=100)
        soc.clear_ddr4()
        soc.arm_ddr4(ch=2, nt=8)
        program.acquire(soc, progress=False, load_envelopes=False)
        return [soc.read_mem(3, addr=100), soc.read_mem(2, "wmem"), soc.get_ddr4(8)]

    with GatewaySoc.open(serve("Looped").door()) as soc:
        there = taken(soc)
        with pytest.raises(InstrumentError, match=r"readout 2 .* is not wired to the multi-rate buffer"):
            soc.arm_mr(ch=2)
        with pytest.raises(InstrumentError, match=r"get_ddr4 at .* failed with BoardError: .* armed for 1024 samples"):
            soc.get_ddr4(9)
    here = taken(Looped())
    assert here[0].tolist() == [3, -1, 4]
    assert [array.shape for array in here[1:]] == [(2, 8), (here[2].shape[0], 2)]
    assert abs(here[2]).max() > 1000
    assert all(np.array_equal(a, b) and a.dtype == b.dtype for a, b in zip(here, there, strict=True))


# --- who may come in --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", [b"another token of good length", b""])
def test_who_does_not_know_the_token_is_refused(plain, token):
    with pytest.raises(ConnectionFailed, match="the gateway refused the token; name the token file"):
        GatewaySoc.open(plain.door(token=token))
    assert plain.says("closed: does not know the token")
    with GatewaySoc.open(plain.door()) as soc:
        acquire(soc)


def test_a_token_file_that_cannot_be_read_is_named(plain, tmp_path):
    with pytest.raises(ConnectionFailed, match=r"no token in .*none\.txt: No such file"):
        connect("board", plain.address, token_file=tmp_path / "none.txt")


@pytest.mark.parametrize(
    "address", ["gateway://user:secret@board:8889", "gateway://board:8889/secret", "gateway://", "gateway://board:port"]
)
def test_an_address_that_holds_more_than_host_and_port_is_refused_and_not_repeated(address):
    with pytest.raises(ConnectionFailed, match="write that and nothing more") as failed:
        connect("board", address)
    assert "secret" not in str(failed.value)


def test_a_gateway_that_is_not_there_is_named_with_its_address():
    with pytest.raises(ConnectionFailed, match=r"gateway://127.0.0.1:1: .*refused.*is the gateway running"):
        connect("board", "gateway://127.0.0.1:1")


def test_a_second_client_is_told_who_has_the_board(plain):
    with GatewaySoc.open(plain.door()) as soc:
        with pytest.raises(ConnectionFailed, match=r"in use by .*@.* \(process \d+\) at 127.0.0.1:\d+ for \d+ s; wait"):
            GatewaySoc.open(plain.door())
        acquire(soc)
    with GatewaySoc.open(plain.door()) as soc:
        acquire(soc)


# --- errors and stops -------------------------------------------------------------------------------------------------


def test_a_method_outside_of_the_list_is_refused_and_the_connection_stays(plain):
    with GatewaySoc.open(plain.door()) as soc:
        assert not hasattr(soc, "tproc")
        for name in ("get_cfg", "__init__", "wiring.generator", "download"):
            with pytest.raises(InstrumentError, match=f"does not forward '{name}'; it forwards arm_ddr4, "):
                soc._call(name)
        acquire(soc)


def test_an_argument_that_cannot_be_sent_is_refused_before_it_is_sent(plain):
    with GatewaySoc.open(plain.door()) as soc:
        with pytest.raises(InstrumentError, match=r"set_nyquist: .*complex.*; give numbers"):
            soc.set_nyquist(0, 1j)
        with pytest.raises(InstrumentError, match=r"a payload of .* bytes cannot be sent"):
            soc.load_bin_program({"pmem": np.zeros(server.PAYLOAD_LIMIT // 8 + 1)})
        acquire(soc)


def test_an_error_of_the_board_comes_back_with_its_type_and_cause(serve):
    served = serve("Failing")
    with GatewaySoc.open(served.door()) as soc:
        what = r"load_bin_program at gateway://\S+ failed with RuntimeError: the memory .* \(because of OSError: DMA\)"
        for _ in range(2):
            with pytest.raises(InstrumentError, match=what):
                acquire(soc)
        with pytest.raises(InstrumentError, match=r"failed with TypeError: .*unexpected keyword"):
            soc.set_nyquist(0, nothing=1)
        with pytest.raises(InstrumentError, match="start_tproc before load_bin_program in this connection"):
            soc.start_tproc()
        with pytest.raises(InstrumentError, match="get_accumulated before a program was started"):
            soc.get_accumulated(0)
    served.says("has left; cannot reset the generators: RuntimeError: no such register")
    assert stop_board(served.door()) == ["cannot reset the generators: RuntimeError: no such register"]


def test_a_run_that_is_stopped_from_elsewhere_ends_and_the_next_one_plays(serve):
    served = serve("Held")
    with GatewaySoc.open(served.door()) as soc:
        played = Played(lambda: acquire(soc))
        served.says("waiting for data")
        assert stop_board(served.door()) == []
        served.says(RESET)
        error = played.ended()
        assert isinstance(error, RunAborted)
        assert "stopped the board at gateway://127.0.0.1:" in str(error)
        assert acquire(soc)[0].shape == (1, 3, 2)


def test_a_program_that_does_not_end_is_stopped_from_another_thread(serve):
    served = serve("Endless")
    with GatewaySoc.open(served.door()) as soc:
        played = Played(lambda: read(soc).run_rounds(soc, progress=False))
        served.says("started")
        soc.stop()
        assert isinstance(played.ended(), RunAborted)


def test_a_stop_between_two_runs_does_not_spoil_the_next_but_the_program_must_be_loaded_again(plain):
    with GatewaySoc.open(plain.door()) as soc:
        acquire(soc)
        soc.stop()
        acquire(soc)
        soc.stop()
        with pytest.raises(RunAborted):
            read(soc).run(soc, load_prog=False)
        acquire(soc)
        soc.reset_gens()
        with pytest.raises(InstrumentError, match="run with load_prog=True"):
            read(soc).run(soc, load_prog=False)


# --- what goes wrong in the network -----------------------------------------------------------------------------------


def test_a_client_that_vanishes_in_a_run_loses_the_board_to_the_next(serve):
    served = serve("Held")
    soc = GatewaySoc.open(served.door())
    played = Played(lambda: acquire(soc))
    served.says("waiting for data")
    soc._session.sock.shutdown(socket.SHUT_RDWR)
    served.says("stopped")
    served.says(RESET)
    served.says(LEFT)
    error = played.ended()
    assert isinstance(error, ConnectionFailed)
    assert re.search("poll_data: .*; look at the board and its network, then run the program again", str(error))
    with GatewaySoc.open(served.door()) as other:
        assert acquire(other)[0].shape == (1, 3, 2)


def test_the_vendors_readout_thread_is_stopped_and_leaves_nothing_to_the_next_run(serve):
    served = serve("Streaming")
    soc = GatewaySoc.open(served.door())
    program = read(soc)
    program.acquire(soc, progress=False, step_rounds=True)
    soc.start_readout(30, counter_addr=1, ch_list=[2, 3], reads_per_shot=[1, 1])
    served.says("started")
    soc._session.drop()
    served.says(LEFT)
    with GatewaySoc.open(served.door()) as other:
        read(other).acquire(other, progress=False, step_rounds=True)
        other.start_readout(2, counter_addr=1, ch_list=[2, 3], reads_per_shot=[1, 1])
        ((count, (data, stats)),) = other.poll_data()
        assert count == 2
        assert [array.tolist() for array in data] == [[[202, 202]] * 2, [[203, 203]] * 2]
        assert stats[1] == 2


def test_a_soc_that_is_forgotten_leaves_the_board(plain):
    soc = GatewaySoc.open(plain.door())
    port = soc._session.sock.getsockname()[1]
    del soc
    plain.says(f":{port} {LEFT}")
    with GatewaySoc.open(plain.door()) as soc:
        acquire(soc)


def test_a_lost_connection_is_opened_again_by_the_next_run_with_what_was_in_the_memories(serve):
    first = serve("Logged")
    soc = GatewaySoc.open(first.door())
    acquire(soc)
    assert first.end() == 0
    with pytest.raises(ConnectionFailed, match=r"look at the board and its network|the connection was lost"):
        soc.get_tproc_counter(addr=1)
    again = serve("Logged", port=first.port)
    with pytest.raises(ConnectionFailed, match=r"the connection was lost: .*; run the program again"):
        soc.start_tproc()
    acquire(soc, load_envelopes=False)
    assert again.says("envelope of 160 samples in generator 0 at 0")
    soc.close()
    with pytest.raises(ConnectionFailed, match="it was closed"):
        soc.get_tproc_counter(addr=1)


def test_a_board_that_comes_back_with_another_firmware_is_refused(serve):
    first = serve("Logged")
    soc = GatewaySoc.open(first.door())
    first.end()
    soc._session.drop()
    serve("Another", port=first.port)
    with pytest.raises(InstrumentError, match=r"another firmware runs at gateway://.*; open the board anew"):
        acquire(soc)


def test_a_client_takes_the_board_back_from_its_own_dead_connection(plain):
    soc = GatewaySoc.open(plain.door())
    dead = soc._session
    dead.lost = "the network was cut"
    acquire(soc)
    soc.close()
    dead.drop()


# --- gateways that do not keep to the protocol ------------------------------------------------------------------------


class Strange(Thread):
    """Answers one client, after the token, with what `answer` makes of each frame."""

    def __init__(self, answer, version=server.VERSION):
        super().__init__()
        self.answer, self.version = answer, version
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.start()

    def run(self):
        with self.listener, self.listener.accept()[0] as sock:
            sock.settimeout(60.0)
            if self.version != server.VERSION:
                sock.sendall(server.GREETING.pack(server.MAGIC, self.version, bytes(32)))
                server.exactly(sock, server.ANSWER.size)
                return
            server.authenticate(sock, TOKEN.encode())
            server.receive(sock)
            sock.sendall(server.pack({"kind": "welcome", "soccfg": CONFIG, "silence": 60.0}))
            try:
                while True:
                    for frame in self.answer(server.receive(sock)):
                        sock.sendall(server.pack(frame))
            except OSError:
                return

    def door(self, silence=30.0):
        address = f"gateway://127.0.0.1:{self.listener.getsockname()[1]}"
        return Door("board", address, token=TOKEN.encode(), silence=silence)


def obedient(run="1.1"):
    """Replies to every call; data belong to `run`."""

    def answer(frame):
        if frame["kind"] == "call":
            said = "0.1" if frame["name"] in server.STARTS else run
            yield {"kind": "reply", "id": frame["id"], "value": [], "run": said, "block": 1}

    return answer


def test_a_gateway_of_another_version_is_refused_with_both_versions():
    strange = Strange(obedient(), version=99)
    with pytest.raises(ConnectionFailed, match=r"version 99 of the protocol, this coldlink 1; copy .*server\.py"):
        GatewaySoc.open(strange.door())
    strange.join()


def test_something_else_than_a_gateway_is_told_from_one():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        door = Door("board", f"gateway://127.0.0.1:{listener.getsockname()[1]}")

        def web_server():
            with listener.accept()[0] as sock:
                sock.sendall(b"HTTP/1.1 400 Bad Request\r\n" * 4)

        thread = Thread(target=web_server)
        thread.start()
        with pytest.raises(ConnectionFailed, match="something else than a gateway answers; correct the port"):
            GatewaySoc.open(door)
        thread.join()


def test_data_of_another_run_are_refused():
    strange = Strange(obedient(run="0.7"))
    soc = GatewaySoc.open(strange.door())
    soc.start_tproc()
    with pytest.raises(
        InstrumentError, match=r"gave block 1 of run 0\.7, not block 1 of run 0\.1; run the program again"
    ):
        soc.poll_data()
    soc._session.drop()
    strange.join()


def test_a_block_that_comes_twice_is_refused():
    strange = Strange(obedient(run="0.1"))
    soc = GatewaySoc.open(strange.door())
    soc.start_tproc()
    assert soc.poll_data() == []
    with pytest.raises(InstrumentError, match=r"gave block 1 of run 0\.1, not block 2 of run 0\.1"):
        soc.poll_data()
    soc._session.drop()
    strange.join()


def test_a_gateway_that_falls_silent_is_reported():
    strange = Strange(lambda frame: [])
    soc = GatewaySoc.open(strange.door(silence=0.5))
    with pytest.raises(ConnectionFailed, match=r"silent for 0.5 s|nothing came for 0.5 s"):
        soc.start_tproc()
    strange.join()


def test_a_board_that_does_not_come_back_while_its_gateway_lives_is_reported():
    strange = Strange(lambda frame: [{"kind": "pong"}] if frame["kind"] == "ping" else [])
    soc = GatewaySoc.open(strange.door(), timeout=0.05)
    with pytest.raises(InstrumentError, match=r"start_tproc at gateway://\S+ has not come back within 0.05 s; look at"):
        soc.start_tproc()
    strange.join()


def test_ctrl_c_in_a_call_closes_the_connection_so_that_its_reply_is_never_taken_for_another():
    def interrupting(frame):
        if frame["kind"] == "call":
            interrupt_main()
            yield {"kind": "pong"}

    strange = Strange(interrupting)
    soc = GatewaySoc.open(strange.door())
    with pytest.raises(KeyboardInterrupt):
        soc.get_tproc_counter(addr=1)
    strange.join()
    with pytest.raises(ConnectionFailed, match="the connection was lost: KeyboardInterrupt; run the program again"):
        soc.get_tproc_counter(addr=1)


def test_an_answer_to_another_call_is_never_taken():
    def late(frame):
        yield {"kind": "reply", "id": 17, "value": 3, "run": None, "block": 0}

    strange = Strange(late)
    soc = GatewaySoc.open(strange.door())
    with pytest.raises(ConnectionFailed, match="a frame 'reply' number 17 was not asked for"):
        soc.get_tproc_counter(addr=1)
    strange.join()
