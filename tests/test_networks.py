"""Networks on the twin: what executed images do to a chain and to a star, against a direct solution and against parts."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from coldlink.sequences import Sequence
from coldlink.sequences.errors import ModelError
from coldlink.sequences.protocols import bases, half_transfer, handshake, measure, preparations

from .direct_chain import DirectChain
from .networks import CHAIN, STAR, Net, declared

STILL = {"quasi_static": "0 kHz"}


@cache
def chain() -> Net:
    return Net(declared(CHAIN, **STILL))


def relay(net: Net) -> Sequence:
    """a's state to b through link ab, then to c through link bc."""
    ab, bc = net.link("ab"), net.link("bc")
    return (
        Sequence()
        .choose("input", preparations(ab.node_a, ("1", "+")))
        .then(handshake(ab))
        .then(handshake(bc))
        .choose("basis", bases(bc.node_b, ("+Z", "+X")))
        .then(measure(ab.node_a, ab.node_b, bc.node_b))
    )


def shared(net: Net) -> Sequence:
    """a keeps half of its excitation, c gets the other half by way of b; both are read along Z, and along X."""
    ab, bc = net.link("ab"), net.link("bc")
    a, c = ab.node_a, bc.node_b
    both = {label: bases(a, (label,))[label].then(bases(c, (label,))[label]) for label in ("+Z", "+X")}
    return (
        Sequence()
        .then(preparations(a, ("1",))["1"])
        .then(half_transfer(ab))
        .then(handshake(bc))
        .choose("basis", both)
        .then(measure(a, ab.node_b, c))
    )


@pytest.mark.parametrize(("sequence", "points"), [(relay, (0, 3)), (shared, (0, 1))])
def test_a_chain_of_two_links_does_what_the_model_says(sequence, points):
    net = chain()
    cycle = net.cycle(sequence(net))
    found, direct = cycle.populations(), DirectChain(net, net.compile(sequence(net)))
    for point in points:
        assert found[point] == pytest.approx(direct.populations(point), abs=1e-3)
    assert cycle.error < 1e-3
