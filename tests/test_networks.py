"""Networks on the twin: what executed images do to a chain and to a star, against direct solutions and parts."""

from functools import cache
from itertools import pairwise, product

import numpy as np
import pytest

from coldlink.instruments.simulated.board import Repetition
from coldlink.instruments.simulated.plant import LinkPlant
from coldlink.sequences import Sequence
from coldlink.sequences.errors import ModelError
from coldlink.sequences.protocols import bases, half_transfer, handshake, measure, preparations, readout_calibration
from coldlink.stations import SimulatedNetwork

from .direct_network import DirectNetwork
from .networks import CHAIN, STAR, declared, network, truth_of

STILL = {"quasi_static": "0 kHz"}


@cache
def chain() -> SimulatedNetwork:
    return network(CHAIN, **STILL)


def relay(net: SimulatedNetwork) -> Sequence:
    """a's state to b through link ab, then to c through link bc."""
    ab, bc = net.links["ab"], net.links["bc"]
    return (
        Sequence()
        .choose("input", preparations(ab.node_a, ("1", "+")))
        .then(handshake(ab))
        .then(handshake(bc))
        .choose("basis", bases(bc.node_b, ("+Z", "+X")))
        .then(measure(ab.node_a, ab.node_b, bc.node_b))
    )


def shared(net: SimulatedNetwork) -> Sequence:
    """a keeps half of its excitation, c gets the other half by way of b; both are read along Z, and along X."""
    ab, bc = net.links["ab"], net.links["bc"]
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


@pytest.mark.parametrize(("sequence", "point"), [(relay, 3), (shared, 1)])
def test_a_chain_of_two_links_does_what_the_model_says(sequence, point):
    net = chain()
    cycle = net.cycle(sequence(net))
    found, direct = cycle.populations(), DirectNetwork(net, net.compile(sequence(net)))
    assert found[point] == pytest.approx(direct.chain(point), abs=1e-3)
    assert cycle.error < 1e-3


def handed_out(net: SimulatedNetwork) -> Sequence:
    """The hub's excitation: half of it to a, half of the rest to b, what is left to c."""
    ha, hb, hc = net.links.values()
    return (
        Sequence()
        .then(preparations(ha.node_a, ("1",))["1"])
        .then(half_transfer(ha))
        .then(half_transfer(hb))
        .then(handshake(hc))
        .then(measure(ha.node_a, *(link.node_b for link in net.links.values())))
    )


def test_a_star_of_four_hands_an_excitation_out_to_three_leaves_as_the_model_says():
    net = network(STAR, **STILL)
    (found,) = net.populations(handed_out(net))
    assert found == pytest.approx(DirectNetwork(net, net.compile(handed_out(net))).star(0), abs=1e-3)
    leaves = [found.sum(axis=tuple(axis for axis in range(4) if axis != leaf))[1] for leaf in (1, 2, 3)]
    assert leaves[0] > 1.3 * leaves[1] > leaves[2] > 0.15


def test_links_without_a_common_node_are_in_contact_at_the_same_time_as_if_each_were_alone():
    net = network({"ab": ("a", "b"), "bc": ("b", "c"), "cd": ("c", "d")}, driven=("a", "c"), **STILL)
    ab, cd = net.links["ab"], net.links["cd"]
    nodes = (ab.node_a, ab.node_b, cd.node_a, cd.node_b)

    def found(*links) -> tuple[np.ndarray, list]:
        sequence = Sequence()
        for link in links:
            sequence = sequence.then(preparations(link.node_a, ("+",))["+"]).then(handshake(link))
        cycle = net.cycle(sequence.align(*(node.drive for node in nodes)).then(measure(*nodes)))
        return cycle.populations()[0], cycle.contacts

    (both, contacts), (first, _), (second, _) = found(ab, cd), found(ab), found(cd)
    assert contacts[1].start < contacts[0].end
    apart = np.einsum("ab,cd->abcd", first.sum(axis=(2, 3)), second.sum(axis=(0, 1)))
    assert both == pytest.approx(apart, abs=1e-4)


def test_a_link_is_used_while_a_node_that_is_not_at_it_is_read():
    net = chain()
    bc = net.links["bc"]
    a, b, c = net.links["ab"].node_a, bc.node_a, bc.node_b
    tick = net.target.clock.period
    transfer = Sequence().delay(b.drive, 40 * tick).then(preparations(b, ("1",))["1"]).then(handshake(bc))
    transfer = transfer.delay(c.drive, 3000 * tick)
    alone = net.populations(transfer.then(measure(c)))[0].sum(axis=(0, 1))
    cycle = net.cycle(transfer.then(measure(c)).then(measure(a)))
    (contact,), (first, second) = cycle.contacts, cycle.trials
    assert first.start < contact.start < contact.end < first.end < second.start
    assert cycle.populations()[1].sum(axis=(0, 1)) == pytest.approx(alone, abs=1e-6)
    arrived, seen = cycle.arriving(cycle.rested(), first), np.zeros(3)
    for begun, left in product(range(3), repeat=2):
        part = cycle.leaving(arrived, first, {0: begun}, {0: left})
        if share := part.joint.sum():
            seen += share * cycle.arriving(part.normalised(), second).joint.sum(axis=(0, 1))
    assert seen == pytest.approx(alone, abs=1e-6)


def test_a_node_with_two_couplers_on_at_the_same_time_is_refused():
    net = chain()
    ab, bc = net.links["ab"], net.links["bc"]
    late = Sequence().then(handshake(ab))
    both = late.play(bc.node_a.coupler, bc.node_a.swap.coupler).then(measure(ab.node_a, bc.node_b))
    with pytest.raises(ModelError, match=r"start of a coupler pulse at link . .* qubit 1 is still busy"):
        net.cycle(both)


def test_more_nodes_than_the_joint_state_has_memory_for_are_refused_with_how_much_it_would_take():
    names = "abcdefghi"
    links = {first + second: (first, second) for first, second in pairwise(names)}
    plant = LinkPlant(truth_of(declared(links)), np.random.default_rng(0))
    with pytest.raises(ModelError, match=r"number of qubits = 9: .* takes 6.2 GB, and 0.25 are allowed"):
        plant.cycle(Repetition(played=(), windows=(), period=1e-3))


def test_every_coupler_of_a_node_moves_its_frequency_and_so_does_that_of_a_link_that_is_not_used():
    net = chain()
    qubit, line = net.plant.truth.network.links[1].qubits[0], net.plant.truth.coupler_flux[2]
    silent = Repetition(played=(), windows=(), period=1e-3)
    before = net.plant.cycle(silent).frequency(1)
    plant = network(CHAIN, **STILL).plant
    flux = float(qubit.coupler.flux_for(1e6, before, 5.04e9))
    plant.set_bias("b.bc.coupler.bias", line.volts(flux))
    pulled = float(qubit.coupler.qubit_shift(1e6, before, 5.04e9))
    assert abs(pulled) > 2e6
    assert plant.cycle(silent).frequency(1) - before == pytest.approx(pulled, rel=0.02)
    assert plant.cycle(silent).frequency(0) == net.plant.cycle(silent).frequency(0)


def test_shots_of_a_relay_show_the_populations():
    net = chain()
    ab, bc = net.links["ab"], net.links["bc"]
    nodes = (ab.node_a, ab.node_b, bc.node_b)
    prepared, sequence = readout_calibration(*nodes), relay(net)
    known, data = net.run(prepared, 2000), net.run(sequence, 4000)
    states, (moved, *_) = net.populations(prepared), net.populations(sequence)
    for axis, name in enumerate("abc"):
        others = tuple(other for other in range(3) if other != axis)
        at = np.array([state.sum(axis=others)[:2] for state in states])
        ground, excited = np.linalg.lstsq(at, known[f"{name}.iq"].mean("shot").values, rcond=None)[0]
        seen = data[f"{name}.iq"].sel(input="1", basis="+Z").mean("shot").values
        share = (seen - ground) @ (excited - ground) / np.sum((excited - ground) ** 2)
        # One shot is worth 0.5 by its state and 0.3 by its noise.
        assert share == pytest.approx(moved.sum(axis=others)[1], abs=4 * 0.6 / np.sqrt(4000))
