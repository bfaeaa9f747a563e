"""A board is found by its address."""

import sys
from types import ModuleType

import pytest

from coldlink.instruments.qick.soc import connect, register
from coldlink.sequences.errors import ConnectionFailed


def test_a_board_of_this_process_is_found_until_it_is_forgotten():
    board = object()
    register("here", board)
    assert connect("board", "inproc://here") is board
    register("here", None)
    with pytest.raises(ConnectionFailed, match=r"board \(inproc://here: nothing of that name runs in this process\)"):
        connect("board", "inproc://here")


def test_an_address_of_another_kind_is_answered_with_what_may_be_written():
    with pytest.raises(ConnectionFailed, match="write inproc://NAME or pyro://HOST:PORT/NAME"):
        connect("board", "192.168.1.20")


@pytest.fixture
def proxies(monkeypatch):
    """The vendor's client, without a network: what was asked of it."""
    asked = []
    module = ModuleType("qick.pyro")

    def make_proxy(**place):
        asked.append(place)
        if place["ns_host"] == "off":
            raise OSError("no route to host")
        return "soc", "soccfg"

    module.make_proxy = make_proxy  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "qick.pyro", module)
    return asked


def test_a_board_behind_pyro_is_reached_by_host_port_and_name(proxies):
    assert connect("board", "pyro://10.0.0.5:8888/rfsoc") == "soc"
    assert connect("board", "pyro://10.0.0.5:8888") == "soc"
    assert [place["proxy_name"] for place in proxies] == ["rfsoc", "myqick"]
    assert proxies[0] == {"ns_host": "10.0.0.5", "ns_port": 8888, "proxy_name": "rfsoc"}


@pytest.mark.parametrize("address", ["pyro://off:8888/rfsoc", "pyro://10.0.0.5/rfsoc"])
def test_a_board_that_cannot_be_reached_is_named_with_its_address(proxies, address):
    with pytest.raises(ConnectionFailed) as failed:
        connect("board", address)
    assert failed.value.causes["board"].startswith(f"{address}: ")
