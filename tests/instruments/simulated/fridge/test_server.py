"""ScpiServer: lines, ports, faults and an end that leaves nothing behind."""

import threading

import pytest

from coldlink.instruments.simulated.fridge import Fault, ScpiServer

from .rack import connected, ended


class Parrot:
    """Answers every question with itself."""

    terminator = b"\n"

    def answer(self, command):
        return command if command.endswith("?") else None


@pytest.fixture
def server():
    with ScpiServer({"a": Parrot(), "b": Parrot()}) as opened:
        yield opened


def test_each_instrument_has_a_port_of_its_own(server):
    assert server.addresses["a"] != server.addresses["b"]
    for name in ("a", "b"):
        with connected(server.addresses[name]) as line:
            line.sendall(f"{name}?\n".encode())
            assert line.recv(100) == f"{name}?\n".encode()
    assert {name: list(heard) for name, heard in server.heard.items()} == {"a": ["a?"], "b": ["b?"]}


def test_questions_of_one_line_are_answered_in_one_line(server):
    with connected(server.addresses["a"]) as line:
        line.sendall(b"one?;set 1;two?\r\n")
        assert line.recv(100) == b"one?;two?\n"


def test_a_line_may_come_in_pieces_and_two_in_one(server):
    with connected(server.addresses["a"]) as line, line.makefile("rb") as replies:
        for piece in (b"fi", b"rst?", b"\nsecond?\nthi", b"rd?\n"):
            line.sendall(piece)
        assert [replies.readline() for _ in range(3)] == [b"first?\n", b"second?\n", b"third?\n"]


def test_a_late_reply_comes_before_the_answer_to_the_next_question(server):
    server.inject("a", Fault.LATE)
    with connected(server.addresses["a"]) as line, line.makefile("rb") as replies:
        line.sendall(b"first?\n")
        line.sendall(b"second?\n")
        assert [replies.readline() for _ in range(2)] == [b"first?\n", b"second?\n"]


def test_silence_swallows_one_reply_and_garbage_spoils_one(server):
    server.inject("a", Fault.SILENCE, Fault.GARBAGE)
    with connected(server.addresses["a"]) as line, line.makefile("rb") as replies:
        line.sendall(b"first?\nsecond?\nthird?\n")
        assert replies.readline() == b"\x07\x9d+1\n"
        assert replies.readline() == b"third?\n"


def test_a_dropped_connection_can_be_made_again(server):
    server.inject("a", Fault.DROP)
    with connected(server.addresses["a"]) as line:
        line.sendall(b"first?\n")
        assert ended(line)
    with connected(server.addresses["a"]) as line:
        line.sendall(b"second?\n")
        assert line.recv(100) == b"second?\n"


def test_an_instrument_off_the_net_refuses_and_the_others_answer(server):
    server.cut("a")
    with pytest.raises(ConnectionRefusedError):
        connected(server.addresses["a"])
    with connected(server.addresses["b"]) as line:
        line.sendall(b"there?\n")
        assert line.recv(100) == b"there?\n"


def test_closing_twice_or_before_opening_leaves_no_thread_and_no_port():
    before = threading.active_count()
    ScpiServer({"a": Parrot()}).close()
    server = ScpiServer({"a": Parrot()}).open()
    address = server.addresses["a"]
    line = connected(address)
    server.close()
    server.close()
    with line:
        assert ended(line)
    assert threading.active_count() == before
    with pytest.raises(ConnectionRefusedError):
        connected(address)
