"""A gateway gives nothing to who does not know the token, closes on rubbish, and frees the board of who has gone."""

import ast
import signal
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from coldlink.instruments.gateway import GatewaySoc, server

from .programs import read
from .served import TOKEN, Served

SOURCE = Path(server.__file__).read_text(encoding="utf-8")
LEFT = "has left; the board is safe"
ALLOWED = sys.stdlib_module_names | {"numpy", "qick"}


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A gateway whose programs do not end."""
    served = Served(tmp_path_factory.mktemp("endless"), "Endless")
    yield served
    served.end()


@pytest.fixture
def serve(tmp_path):
    """Starts one gateway of this test alone."""
    all_served = []

    def start(board, *options):
        all_served.append(Served(tmp_path, board, *options))
        return all_served[-1]

    yield start
    for served in all_served:
        served.end()


def serves(served):
    """Whether somebody who keeps to the protocol gets the board and can play on it."""
    with GatewaySoc.open(served.door()) as soc:
        read(soc).run(soc)
        return soc.get_tproc_counter(addr=1) == 0


def closed(sock):
    """Whether the other side closes, without another word."""
    with sock:
        try:
            return sock.recv(1) == b""
        except ConnectionResetError:
            return True


def framed(header: bytes, payload: bytes = b"") -> bytes:
    return server.LENGTHS.pack(len(header), len(payload)) + header + payload


# --- the file ---------------------------------------------------------------------------------------------------------


def test_the_file_runs_under_python_3_8_and_imports_only_what_a_board_has():
    tree = ast.parse(SOURCE, feature_version=(3, 8))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert all(node.level == 0 for node in froms)
    names = {alias.name for node in imports for alias in node.names} | {node.module for node in froms}
    assert {name.partition(".")[0] for name in names} <= ALLOWED
    # What newer Pythons have is used in annotations at most, which this import leaves unread.
    assert "annotations" in {alias.name for node in froms if node.module == "__future__" for alias in node.names}
    newer = {"match_case", "removeprefix", "removesuffix", "cache", "batched", "pairwise", "StrEnum", "UTC"}
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not newer & (used | {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)})
    scope = {"__name__": "gateway"}
    exec(compile(tree, "server.py", "exec"), scope)
    assert scope["CALLS"] == server.CALLS


def test_the_client_offers_every_call_that_the_gateway_forwards():
    assert {name for name in server.CALLS if callable(getattr(GatewaySoc, name, None))} == server.CALLS


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--host", "0.0.0.0"], "at 0.0.0.0 anybody could play on the board; give --token-file"),
        (["--host", "board.lab"], "at board.lab anybody could play"),
        (["--token-file", "short.txt"], "has 5 characters; write at least 16"),
    ],
)
def test_without_a_good_token_it_starts_only_on_loopback(tmp_path, options, why):
    (tmp_path / "short.txt").write_text("short")
    command = [sys.executable, server.__file__, "--soc", "builtins:object", "--port", "0", *options]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert ended.returncode == 2
    assert why in ended.stderr


# --- frames -----------------------------------------------------------------------------------------------------------

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
ARRAYS = st.sampled_from(sorted(server.DTYPES)).flatmap(
    lambda dtype: arrays(np.dtype(dtype), st.lists(st.integers(0, 4), max_size=3).map(tuple))
)
KEYS = st.text(max_size=5)  # The one key that cannot be sent is longer.
MESSAGES = st.dictionaries(
    KEYS,
    st.recursive(PLAIN | ARRAYS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner)),
    max_size=4,
)


def same(a, b):
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    return type(a) is type(b) and a == b


@settings(max_examples=50, deadline=None)
@given(MESSAGES)
def test_a_message_comes_out_of_its_frame_as_it_went_in(message):
    here, there = socket.socketpair()
    with here, there:
        here.settimeout(60.0)
        there.settimeout(60.0)
        here.sendall(server.pack(message))
        assert same(message, server.receive(there))


def test_numbers_of_numpy_and_arrays_of_another_byte_order_are_sent_as_what_they_mean():
    here, there = socket.socketpair()
    with here, there:
        there.settimeout(60.0)
        swapped = np.arange(6, dtype=">i4").reshape(2, 3).T
        here.sendall(server.pack({"array": swapped, "number": np.int64(3), "pair": (np.float64(0.1), 2)}))
        came = server.receive(there)
    assert came["array"].tolist() == swapped.tolist()
    assert (came["number"], came["pair"]) == (3, [0.1, 2])


def test_an_array_of_objects_is_not_sent():
    with pytest.raises(TypeError, match="an array of object cannot be sent"):
        server.pack({"array": np.array([print])})


def test_a_key_that_would_be_taken_for_an_array_is_not_sent():
    with pytest.raises(ValueError, match="the key '__array__' cannot be sent"):
        server.pack({"a": {"__array__": ["<i4", [1]]}})


# --- who does not know the token --------------------------------------------------------------------------------------


def test_a_wrong_or_a_missing_token_is_refused_before_anything_is_parsed(plain):
    for token in (b"", b"wrong"):
        sock, _, verdict = plain.knock(token)
        assert server.VERDICT.unpack(verdict) == (server.WRONG_TOKEN, bytes(32))
        assert closed(sock)
        plain.says("closed: does not know the token")
    assert serves(plain)


def test_a_replayed_hello_is_refused(plain):
    sock, answer, verdict = plain.knock()
    assert verdict[0] == server.ACCEPTED
    sock.close()
    with socket.create_connection(("127.0.0.1", plain.port), timeout=60.0) as again:
        server.exactly(again, server.GREETING.size)
        again.sendall(answer)
        assert server.exactly(again, server.VERDICT.size)[0] == server.WRONG_TOKEN
    plain.says("closed: does not know the token")


def test_the_gateway_shows_that_it_knows_the_token_too_and_not_by_sending_the_proof_back(plain):
    sock, answer, verdict = plain.knock()
    sock.close()
    assert verdict[1:] != server.ANSWER.unpack(answer)[3]
    assert TOKEN.encode() not in answer + verdict


def test_a_client_of_another_version_is_refused_with_both_versions(plain):
    sock, _, verdict = plain.knock(version=99)
    assert verdict[0] == server.OTHER_VERSION
    assert closed(sock)
    plain.says("closed: speaks version 99 of the protocol, this gateway 1")


def test_bytes_of_another_protocol_close_the_connection(plain):
    with socket.create_connection(("127.0.0.1", plain.port), timeout=60.0) as sock:
        server.exactly(sock, server.GREETING.size)
        sock.sendall(b"GET / HTTP/1.1\r\nHost: board\r\n\r\n" + bytes(60))
        plain.says("closed: begins with b'GET ', which is not this protocol")
        assert closed(sock)
    assert serves(plain)


# --- who knows it and sends rubbish -----------------------------------------------------------------------------------

CALL = {"kind": "call", "id": 1, "name": "get_tproc_counter", "args": [1], "kwargs": {}}
RUBBISH = {
    "a huge header": (server.LENGTHS.pack(2**32 - 1, 0), "a frame of 4294967295 \\+ 0 bytes, the limits are"),
    "a huge payload": (server.LENGTHS.pack(2, 2**31), "a frame of 2 \\+ 2147483648 bytes, the limits are"),
    "no JSON": (framed(b"\x80\x04K\x01."), "no frame: UnicodeDecodeError"),
    "no object": (framed(b"[]"), "its header and its payload do not fit"),
    "a deep header": (framed(b"[" * 100_000), "no frame: RecursionError"),
    "a long array": (framed(b'{"a":{"__array__":["<i4",[1000000000000]]}}', bytes(4)), "longer than the payload"),
    "a negative array": (framed(b'{"a":{"__array__":["<i4",[-1]]}}', bytes(4)), "no array is '<i4' of shape"),
    "an endless array": (framed(b'{"a":{"__array__":["<i4",[0,%d]]}}' % 10**40), "no frame: "),
    "an array of objects": (framed(b'{"a":{"__array__":["|O",[1]]}}', bytes(8)), "no array is '\\|O'"),
    "an array of nothing": (framed(b'{"a":{"__array__":3}}'), "no frame: TypeError"),
    "bytes left over": (framed(b'{"kind":"ping"}', b"more"), "do not fit"),
    "an unknown kind": (server.pack({"kind": "eval"}), "a frame of kind 'eval'"),
    "a call without a name": (server.pack({**CALL, "name": 3}), "a call whose name is 3"),
    "a call without a number": (server.pack({**CALL, "id": "1"}), "a call whose id is '1'"),
    "keywords that are none": (server.pack({**CALL, "kwargs": [1]}), "a call whose kwargs is \\[1\\]"),
}


@pytest.mark.parametrize("what", RUBBISH)
def test_rubbish_closes_the_connection_and_frees_the_board(plain, what):
    sent, why = RUBBISH[what]
    sock = plain.play()
    sock.sendall(sent)
    plain.says(LEFT)
    plain.says(f"closed: .*{why}")
    assert closed(sock)


def test_after_all_rubbish_the_next_client_is_served(plain):
    assert serves(plain)


@pytest.mark.parametrize(
    "hello",
    [
        {"kind": "hello"},
        {"who": "a\nline in the log", "client": "", "intent": "play"},
        {"who": "a", "client": "b", "intent": "own"},
    ],
)
def test_a_hello_without_a_name_or_a_known_intent_closes_the_connection(plain, hello):
    sock, _, _ = plain.knock()
    sock.sendall(server.pack(hello))
    plain.says("closed: a hello ")
    assert closed(sock)


def test_a_second_call_while_one_is_under_way_closes_the_connection(serve):
    served = serve("Held")
    soc = GatewaySoc.open(served.door())
    read(soc).acquire(soc, progress=False, step_rounds=True)
    soc.start_readout(30, ch_list=[2, 3], reads_per_shot=[1, 1])
    soc._session.sock.sendall(server.pack({**CALL, "name": "poll_data", "args": []}) * 2)
    served.says(LEFT)
    served.says("closed: a call while another is under way")
    soc._session.drop()


def test_the_second_client_is_told_who_has_the_board_and_the_first_keeps_it(plain):
    first = plain.play("first")
    second, _, _ = plain.knock()
    second.sendall(server.pack({"kind": "hello", "who": "second", "client": "second", "intent": "play"}))
    told = server.receive(second)
    assert told["kind"] == "busy"
    assert told["who"].startswith("first at 127.0.0.1:")
    assert closed(second)
    first.sendall(server.pack(CALL))
    assert server.receive(first)["value"] == 0
    first.sendall(server.pack({"kind": "bye"}))
    assert server.receive(first) == {"kind": "bye"}
    assert closed(first)


# --- who falls silent -------------------------------------------------------------------------------------------------


def test_half_a_frame_and_then_silence_frees_the_board(serve):
    served = serve("Logged", "--silence", "0.3")
    sock = served.play()
    sock.sendall(server.pack(CALL)[:-3])
    served.says("generators reset")
    served.says(LEFT)
    served.says("closed: nothing came for 0.3 s")
    assert closed(sock)
    with served.play() as sock:
        served.says("generators reset")
        served.says("closed: nothing came for 0.3 s")
    with socket.create_connection(("127.0.0.1", served.port), timeout=60.0) as sock:
        sock.sendall(server.MAGIC)
        served.says("closed: nothing came for 0.3 s")


def test_a_call_that_never_comes_back_keeps_the_board_from_others_and_is_told(serve):
    served = serve("Stuck", "--silence", "0.3")
    sock = served.play("first")
    sock.sendall(server.pack(CALL))
    served.says("ERROR first .* has left, but the board has not come back from get_tproc_counter")
    second, _, _ = served.knock()
    second.sendall(server.pack({"kind": "hello", "who": "second", "client": "second", "intent": "play"}))
    told = server.receive(second)
    assert (told["kind"], told["who"][:5]) == ("busy", "first")
    sock.close()
    second.close()


def test_too_many_connections_are_closed_at_once(plain):
    waiting = [socket.create_connection(("127.0.0.1", plain.port), timeout=60.0) for _ in range(server.VISITORS + 1)]
    plain.says("closed: 16 connections are open already")
    assert closed(waiting.pop())
    for sock in waiting:
        sock.close()
    for _ in waiting:
        plain.says("closed: .*(the connection was closed|reset)")
    assert serves(plain)


@pytest.mark.skipif(sys.platform == "win32", reason="a board runs Linux; Windows ends a process without asking it")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_gateway_that_is_ended_leaves_the_board_safe(tmp_path, how):
    served = Served(tmp_path, "Endless")
    with served.play():
        served.process.send_signal(how)
        served.says("stopped")
        served.says("generators reset")
        assert served.process.wait(60) == 0
    served.process.stderr.close()
