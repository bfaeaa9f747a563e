"""sim_eth: what its image does with the nodes as designed, against the prediction and what was published; refusals."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from coldlink.sequences import PlayEvent, Sequence
from coldlink.sequences.errors import ModelError, StationError
from coldlink.sequences.protocols import bases, half_photon, measure, pitch_catch, preparations
from coldlink.stations import Catalogue, SimulatedNetwork, open_station
from coldlink.stations.declaration import declaration, design_of
from coldlink.stations.photon_plan import PhotonPlan

SIM = Catalogue.standard().find("sim_eth").folder
PUBLISHED = 0.795
"""F_p and Bell fidelity, readout corrected: Magnard et al., PRL 125, 260502 (2020)."""


@pytest.fixture(scope="module")
def network():
    """Built exactly as designed."""
    return SimulatedNetwork.of(SIM)


@pytest.fixture(scope="module")
def link(network):
    return network.links["line"]


@pytest.fixture(scope="module")
def plan(network):
    design = network.declared.design()
    clocks = [network.target.readout(f"{node}.readout").clock for node in "ab"]
    return PhotonPlan(network.plant.truth.photon_link(0), design, tuple(clocks))


def pauli(populations, *nodes):
    """Of the Pauli operators that each node was turned to, f read as e; of no node: how often neither is lost."""
    sign = np.array([1.0, -1.0, -1.0])
    weights = [sign if node in nodes else np.ones(3) for node in "ab"]
    return float(np.einsum("ij,i,j->", populations, *weights))


def test_the_image_carries_a_state_as_well_as_predicted_and_as_was_published(network, link, plan):
    a, b = link.node_a, link.node_b
    sequence = (
        Sequence()
        .choose("input", preparations(a, ("0", "1", "+", "+i")))
        .then(pitch_catch(link))
        .choose("basis", bases(b, ("+Z", "+X", "+Y")))
        .then(measure(a, b))
    )
    read = np.reshape([pauli(point, "b") for point in network.populations(sequence)], (4, 3))
    ground, excited, plus, turned = read
    x, y = (2 * part - ground - excited for part in (plus, turned))
    # Along the axes that the transfer's phase, which nobody can design, has turned x and y to.
    across = abs((x[1] + y[2]) + 1j * (x[2] - y[1])) / 2
    fidelity = (1 + across + (ground - excited)[0] / 2) / 4
    predicted = plan.experiment("pitch_catch", 1e-4).predict()
    assert fidelity == pytest.approx(predicted.fidelity, abs=0.01)
    assert fidelity == pytest.approx(PUBLISHED, abs=0.015)


def test_half_of_a_photon_leaves_as_good_a_pair_as_predicted_and_as_was_published(network, link, plan):
    a, b = link.node_a, link.node_b
    sequence = (
        preparations(a, ("1",))["1"]
        .then(half_photon(link))
        .choose("at a", bases(a, ("+Z", "+X", "+Y")))
        .choose("at b", bases(b, ("+Z", "+X", "+Y")))
        .then(measure(a, b))
    )
    points = np.reshape(network.populations(sequence), (3, 3, 3, 3))
    found = {
        left + right: pauli(points[i, j], "a", "b") for i, left in enumerate("zxy") for j, right in enumerate("zxy")
    }
    across = abs((found["xx"] + found["yy"]) + 1j * (found["xy"] - found["yx"])) / 2
    fidelity = (1 - found["zz"]) / 4 + across / 2
    predicted = plan.experiment("bell", 1e-4).predict()
    assert fidelity == pytest.approx(predicted.fidelity, abs=0.01)
    assert fidelity == pytest.approx(PUBLISHED, abs=0.015)
    assert abs(pauli(points[0, 0], "a")) < 0.2


def test_b_catches_as_much_later_as_the_line_takes_and_turns_f_into_e_when_its_tone_is_over(network, link):
    program = network.compile(Sequence().then(pitch_catch(link)).then(measure(link.node_b)))
    (block,) = program.blocks
    tick = network.target.clock.period
    plays = {}
    for event in block.events:
        if isinstance(event, PlayEvent):
            plays.setdefault(event.channel, []).append(event)
    (loading,), (sent,), (caught,), (unloading,) = (
        plays[name] for name in ("a.drive", "a.photon", "b.photon", "b.drive")
    )
    assert (sent.start_ticks - loading.start_ticks) * tick == pytest.approx(41.853e-9, abs=1e-12)
    assert (caught.start_ticks - sent.start_ticks) * tick == pytest.approx(25.577e-9, abs=5e-12)
    assert unloading.start_ticks > caught.start_ticks + 311.57e-9 / tick
    first, second = (np.abs(program.waveforms[event.waveform].samples) for event in (sent, caught))
    inside = first > 0.02
    # The one is the other reversed in time, but for what the line's delay and the clock leave between them.
    assert np.abs(first - np.roll(second[::-1], 2986 - 2992 + 16)).mean() < 0.05
    assert np.argmax(first) > 1000 > 2000 - np.argmax(second)
    assert inside.sum() > 2000


def test_each_tone_stays_on_its_moving_resonance(link):
    """The chirp follows the Stark shift: stark |g~|^2 in the envelope's phase, against time."""
    time = np.linspace(0, 311e-9, 4000)
    for tone in (link.node_a.send, link.node_b.catch):
        shape = tone.envelope(time, 311.57e-9)
        g = np.abs(shape) * tone.envelope.highest
        turned = np.gradient(np.unwrap(np.angle(shape)), time)[5:-50]
        np.testing.assert_allclose(turned, -40e-9 * g[5:-50] ** 2, atol=2e3)
        assert np.abs(shape).max() <= 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("kind: travelling", "kind: flying", "links.line.kind: Input should be 'travelling'"),
        ("kind: travelling", "", "links.line.velocity: unknown key"),
        ("loss: 0.223 ", "loss: 1.223 ", "links.line.loss: 1.223 is out of range"),
        ("velocity: 2.0e8 m/s", "velocity: 4.0e8 m/s", "links.line.velocity: 4.0e8 m/s is out of range"),
        ("stark: -40 ns", "stark: -40", r"links.line.ends.a.stark: .* has no unit"),
        ("  bandwidth: 6.2 MHz", "  # bandwidth: 6.2 MHz", "operation: bandwidth is missing; add it here"),
        ("  bandwidth: 6.2 MHz", "  gap: 4 ns\n  bandwidth: 6.2 MHz", "operation.gap: unknown key"),
        ("    a.photon: {generator: 2, carrier: true}", "    # none", "wiring.outputs: a.photon is missing"),
    ],
)
def test_a_declaration_that_cannot_be_is_refused_with_file_line_and_key(tmp_path, old, new, message):
    with pytest.raises(StationError, match=rf"link.yaml, line \d+: {message}"):
        declaration(changed(tmp_path, old, new))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("bandwidth: 6.2 MHz", "bandwidth: 9.2 MHz", "photon bandwidth .* ask for Gamma <= kappa"),
        ("rate: 20 MHz", "rate: 2 MHz", r"f0-g1 tone g~/2pi \(Hz\) = 3.26.*e\+06: the drive reaches .* = 2e\+06 Hz"),
    ],
)
def test_a_photon_that_a_node_cannot_emit_is_refused(tmp_path, old, new, message):
    folder = changed(tmp_path, old, new)
    with pytest.raises(ModelError, match=message):
        design_of(folder, declaration(folder)).link()


def test_a_second_link_beside_a_line_with_photons_is_refused(tmp_path):
    folder = changed(tmp_path, "operation:\n", "")
    file = folder / "link.yaml"
    text = file.read_text(encoding="utf-8")
    begin = text.index("  line:\n")
    second = text[begin : text.index("  idle_frequencies")].replace("  line:\n", "  other:\n").rstrip()
    file.write_text(text[:begin] + second + "\n" + text[begin:].replace("  idle_f", "operation:\n  idle_f"), "utf-8")
    with pytest.raises(StationError, match=r"links.other: a line along which photons travel is the only link yet"):
        declaration(folder)


def test_what_a_photon_was_meant_to_be_is_told_where_it_stands_in_the_file(tmp_path):
    folder = changed(tmp_path, "bandwidth: 6.2 MHz", "bandwidth: 9.2 MHz")
    with (
        open_station(folder) as session,
        pytest.raises(StationError, match=r"link.yaml, line \d+: operation.bandwidth"),
    ):
        session.experiment("pitch_catch", None)


@pytest.mark.parametrize(
    ("protocol", "station", "told"),
    [
        ("handshake", "sim_eth", "a flux coupler at each node and a cold load at the line, which sim_eth has not got"),
        (
            "radiometry",
            "sim_eth",
            "a cold load at the line, which sim_eth has not got; it can run pitch_catch, bell, chsh",
        ),
        (
            "pitch_catch",
            "sim_1k",
            "a transfer resonator at each node and a line along which photons travel, which sim_1k",
        ),
    ],
)
def test_a_protocol_names_the_part_that_a_station_has_not_got(coldlink, protocol, station, told):
    answer = coldlink("run", protocol, station)
    assert answer.code == 2
    assert told in answer.err


def test_a_person_is_told_which_predictions_a_line_has(coldlink):
    for protocol, station, told in (
        ("handshake", "sim_eth", "predict pitch_catch or bell of it"),
        ("pitch_catch", "sim_1k", "predict handshake or bell"),
    ):
        answer = coldlink("twin", "predict", protocol, station)
        assert answer.code == 2
        assert told in answer.err
    answer = coldlink("twin", "predict", "bell", "sim_eth", "--sweep", "gap=0:30ns:3")
    assert (answer.code, "follows lines with standing modes" in answer.err) == (2, True)


def test_a_prediction_says_that_lost_photons_cost_most(coldlink):
    answer = coldlink("twin", "predict", "pitch_catch", "sim_eth", "--json")
    found = json.loads(answer.out)
    assert found["process_fidelity"]["true"] == pytest.approx(PUBLISHED, abs=0.01)
    assert found["process_fidelity"]["raw"] == pytest.approx(0.753, abs=0.015)
    costs = {cost["imperfection"]: cost["true"] for cost in found["budget"]}
    assert max(costs, key=costs.__getitem__) == "photon loss"
    assert costs["photon loss"] == pytest.approx(0.1, abs=0.01)
    assert costs["readout error"] == 0
    assert 0.99 < found["without_all"]["true"] < 1
    assert "occupation" not in found


@pytest.mark.nightly
def test_an_empty_folder_and_an_unknown_device_give_the_published_numbers(coldlink):
    found = {name: json.loads(coldlink("run", name, "sim_eth", "--json").out) for name in ("pitch_catch", "bell")}
    for document, figure, raw in (
        (found["pitch_catch"], "process_fidelity", 0.753),
        (found["bell"], "bell_fidelity", 0.719),
    ):
        assert document["parameters_from"] == "calibration"
        assert document[figure]["raw"]["value"] == pytest.approx(raw, abs=0.03)
        assert document[figure]["corrected"]["value"] == pytest.approx(PUBLISHED, abs=0.03)
        assert "thermal_occupation" not in document


def changed(tmp_path: Path, old: str, new: str) -> Path:
    """A copy of sim_eth whose link.yaml differs."""
    folder = Path(shutil.copytree(SIM, tmp_path / "sim_eth"))
    text = (folder / "link.yaml").read_text(encoding="utf-8")
    assert old in text
    (folder / "link.yaml").write_text(text.replace(old, new), encoding="utf-8")
    return folder
