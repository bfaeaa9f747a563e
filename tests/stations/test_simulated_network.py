"""A chain as a station's files declare it: played from Python; what needs calibrations says that it cannot."""

from pathlib import Path

import pytest

from coldlink.sequences import Sequence
from coldlink.sequences.errors import StationError
from coldlink.sequences.protocols import handshake, measure, preparations
from coldlink.stations import SimulatedNetwork, open_station
from coldlink.stations.declaration import declaration

CHAIN = Path(__file__).parents[2] / "docs" / "chain"


def test_the_chain_of_the_documentation_relays_an_excitation_as_well_as_its_two_transfers_do():
    network = SimulatedNetwork.of(CHAIN)
    ab, bc = network.links["ab"], network.links["bc"]
    a, b, c = ab.node_a, ab.node_b, bc.node_b

    def contrast(node: int, *transfers: Sequence) -> float:
        """What an excitation of a changes in another node."""
        sequence = Sequence().choose("input", preparations(a, ("0", "1")))
        for transfer in transfers:
            sequence = sequence.then(transfer)
        found = [
            point.swapaxes(0, node).sum(axis=(1, 2)) for point in network.populations(sequence.then(measure(a, b, c)))
        ]
        return float(found[0][0] - found[1][0])

    once, twice = contrast(1, handshake(ab)), contrast(2, handshake(ab), handshake(bc))
    assert 0.5 < once < 0.7
    assert twice == pytest.approx(once**2, abs=0.02)


def test_a_coupler_bears_the_name_of_its_link_where_its_node_has_several():
    names = declaration(CHAIN).names
    assert names["ab"].couplers == ("a.coupler", "b.ab.coupler")
    assert names["bc"].couplers == ("b.bc.coupler", "c.coupler")
    assert (names["ab"].load, names["bc"].load) == ("ab.load", "bc.load")


def test_calibrations_of_a_station_with_several_links_are_refused_with_what_can_be_done_instead():
    with pytest.raises(StationError, match=r"link.yaml, line \d+: links: number of links = 2: .* ab, bc .* Python"):
        open_station(CHAIN)
