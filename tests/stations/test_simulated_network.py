"""A chain as a station's files declare it: played from Python; what needs calibrations says that it cannot."""

import json
import shutil
from pathlib import Path

import pytest

from coldlink.sequences import Sequence
from coldlink.sequences.errors import StationError
from coldlink.sequences.protocols import handshake, measure, preparations
from coldlink.stations import Catalogue, SimulatedNetwork, open_station
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
    with pytest.raises(StationError, match=r"link.yaml, line \d+: links: .* there are ab, bc; drive them from Python"):
        open_station(CHAIN)


def test_calibrations_of_a_link_with_names_of_its_own_are_refused(tmp_path):
    folder = Path(shutil.copytree(Catalogue.standard().find("sim_4k").folder, tmp_path / "bus"))
    text = (folder / "link.yaml").read_text(encoding="utf-8").replace("  line:\n", "  bus:\n")
    (folder / "link.yaml").write_text(text.replace("line.load", "bus.load"), encoding="utf-8")
    with pytest.raises(StationError, match=r"links.bus: calibrations know a link line between nodes a and b"):
        open_station(folder)


def test_a_link_of_several_is_chosen_for_what_needs_no_calibration(coldlink):
    answer = coldlink("twin", "spectrum", CHAIN, "--link", "bc", "--json")
    assert answer.code == 0
    found = json.loads(answer.out)
    assert (found["link"], list(found["nodes"])) == ("bc", ["b", "c"])
    assert Path(found["figure"]).name == "spectrum-chain-bc.html"


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ((), "there are several: ab, bc; choose one with --link"),
        (("--link", "bd"), "there is no link bd; did you mean"),
    ],
)
def test_a_link_that_is_not_named_or_not_there_is_told_with_those_that_are(coldlink, link, told):
    answer = coldlink("twin", "predict", "handshake", CHAIN, *link)
    assert (answer.code, told in answer.err) == (2, True)
