"""`coldlink twin spectrum` and `coldlink twin predict`: what a person and a program read, and what is refused."""

import json
import shutil
from pathlib import Path

import pytest
import typer
from distributed import LocalCluster

from coldlink.physics import Imperfection
from coldlink.stations.catalogue import Catalogue
from coldlink.stations.sweep_request import SweepRequest

QUICKLY = ("--error", "5e-3", "--workers", "1")


@pytest.fixture
def one_mode(tmp_path) -> Path:
    """The 1 K link with one mode of its line."""
    folder = Path(shutil.copytree(Catalogue.standard().find("sim_1k").folder, tmp_path / "one_mode"))
    text = (folder / "link.yaml").read_text(encoding="utf-8")
    assert "offsets: [0, -1, 1, -2]" in text
    (folder / "link.yaml").write_text(text.replace("offsets: [0, -1, 1, -2]", "offsets: [0]"), encoding="utf-8")
    return folder


def document(answer):
    assert (answer.code, answer.err) == (0, "")
    return json.loads(answer.out)


def test_a_spectrum_tells_qubits_modes_couplings_and_load_of_the_true_device(coldlink, tmp_path):
    figure = tmp_path / "spectrum.html"
    found = document(coldlink("twin", "spectrum", "sim_4k", "--json", "--figure", figure))
    assert len(found["flux"]) == len(found["nodes"]["a"]["coupling"]) == len(found["load"]["kappa"])
    assert found["nodes"]["a"]["zero_coupling_flux"] == pytest.approx(0.391, abs=1e-3)
    assert found["nodes"]["a"]["swap_qubit_shift"] == pytest.approx(-18.7e6, rel=0.01)
    assert [mode["number"] for mode in found["modes"]] == [36, 35, 37, 34]
    assert found["modes"][0]["cooled_occupation"] == pytest.approx(0.060, abs=1e-3)
    assert (found["seed"], found["figure"]) == (None, str(figure))
    assert "plotly" in figure.read_text(encoding="utf-8")
    assert "cdn" not in figure.read_text(encoding="utf-8")[:2000]


def test_another_seed_is_another_spectrum(coldlink):
    first, second = (document(coldlink("twin", "spectrum", "sim_4k", "--json", "--seed", seed)) for seed in (1, 2))
    assert first["modes"][0]["frequency"] != second["modes"][0]["frequency"]


def test_a_person_reads_the_spectrum_and_where_its_figure_is(coldlink, data):
    answer = coldlink("twin", "spectrum", "sim_1k")
    assert answer.code == 0
    assert "a: coupling is zero at" in answer.out
    assert f"figure: {data / 'figures' / 'spectrum-sim_1k.html'}" in answer.out


def test_a_handshake_is_predicted_with_its_budget_error_and_map(coldlink, one_mode):
    found = document(coldlink("twin", "predict", "handshake", one_mode, *QUICKLY, "--json"))
    assert found["process_fidelity"]["true"] == pytest.approx(0.967, abs=5e-3)
    assert 0.005 < found["process_fidelity"]["true"] - found["process_fidelity"]["raw"] < 0.02
    assert found["average_state_fidelity"]["raw"] == pytest.approx((2 * found["process_fidelity"]["raw"] + 1) / 3)
    assert {cost["imperfection"] for cost in found["budget"]} == {str(one) for one in Imperfection}
    assert found["without_all"]["true"] > 0.999
    assert 0 < found["error"]["estimated"] < found["error"]["asked"]
    assert found["resolution"]["fock_states"] > 2
    assert 0 < found["resolution"]["step"] < 5e-9
    assert found["parameters_from"].startswith("the truth")
    assert Path(found["figure"]).is_file()


def test_a_bell_pair_is_predicted_raw_and_true_side_by_side(coldlink, one_mode):
    answer = coldlink("twin", "predict", "bell", one_mode, *QUICKLY, "--no-budget")
    assert answer.code == 0
    for words in ("raw", "true", "Fidelity with Psi+", "CHSH value S", "Error of a population", "parameters from"):
        assert words in answer.out
    assert "gain without" not in answer.out


def test_a_sweep_is_the_same_to_the_bit_here_and_on_a_cluster(coldlink, one_mode):
    asked = ("twin", "predict", "handshake", one_mode, "--error", "5e-3", "--sweep", "gap=0:30ns:3", "--json")
    here = document(coldlink(*asked, "--workers", 1))
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0", silence_logs=50) as cluster:
        there = document(coldlink(*asked, "--cluster", cluster.scheduler_address))
    assert here["points"] == there["points"]
    assert here["sweep"]["values"] == pytest.approx([0, 15e-9, 30e-9])
    fidelities = [point["process_fidelity"]["raw"] for point in here["points"]]
    assert fidelities == sorted(fidelities, reverse=True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--sweep", "gap"), "is no sweep; write NAME=START:STOP:COUNT"),
        (("--sweep", "gaps=0:30ns:4"), "did you mean 'gap'?"),
        (("--sweep", "gap=0:30ns:1"), "is no number of points from 2"),
        (("--sweep", "gap=0:30:4"), "give a number with a unit of s"),
        (("--sweep", "gap=0:30GHz:4"), "is no value of gap"),
        (("--sweep", "quality=1e5:many:4"), "'many' is no number"),
        (("--sweep", "gap=3ns:3ns:4"), "give two different values"),
        (("--workers", "0"), "--workers"),
        (("--workers", "2", "--cluster", "tcp://127.0.0.1:1"), "give --workers or --cluster"),
        (("--error", "2"), "--error"),
        (("--sweep", "gap=-30ns:30ns:3", "--workers", "1"), "operation gap = -3e-08: must not be negative"),
    ],
)
def test_wrong_use_ends_with_code_2_and_says_what_is_wrong(coldlink, one_mode, arguments, message):
    answer = coldlink("twin", "predict", "handshake", one_mode, *arguments)
    assert answer.code == 2
    assert message in answer.err
    assert "Traceback" not in answer.err


def test_a_figure_that_cannot_be_written_and_a_station_without_truth_are_refused(coldlink, station, tmp_path):
    nowhere = coldlink("twin", "spectrum", "sim_1k", "--figure", tmp_path / "missing" / "figure.html")
    assert (nowhere.code, "cannot be written" in nowhere.err) == (2, True)
    for command in (("spectrum",), ("predict", "handshake")):
        answer = coldlink("twin", *command, station)
        assert (answer.code, "is no twin" in answer.err) == (2, True)


def test_a_cluster_that_does_not_answer_ends_with_code_3(coldlink, one_mode, monkeypatch):
    monkeypatch.setattr("coldlink.physics.sweeping.cluster.CONNECT", 0.5)
    answer = coldlink("twin", "predict", "bell", one_mode, "--cluster", "tcp://127.0.0.1:1")
    assert answer.code == 3
    assert "no answer from the cluster" in answer.err


def test_a_limit_without_a_unit_has_the_unit_of_the_other_one():
    assert SweepRequest.parse("load_rate=10:20MHz:2").values == (10e6, 20e6)
    assert SweepRequest.parse("temperature=3.8K:4.2:3").values == pytest.approx((3.8, 4.0, 4.2))
    assert SweepRequest.parse("quality=1e5:2e5:2").values == (1e5, 2e5)
    with pytest.raises(typer.BadParameter, match="no value of t1"):
        SweepRequest.parse("t1=1:2:2")
