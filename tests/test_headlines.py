"""The stations' headline numbers, and what a real run leaves behind: real images, real shots, default shots."""

import json
import signal
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from coldlink.stations.cli import main
from coldlink.stations.data_folder import DataFolder
from coldlink.stations.experiment import LinkExperiment
from coldlink.stations.open import open_station

STATIONS = Path(__file__).parents[1] / "stations"
HEAD = "station protocol seed cooldown image_sha256 elapsed_s board_time_s parameters_from thermal_occupation".split()  # noqa: SIM905
HANDSHAKE = [*HEAD, "process_fidelity", "average_state_fidelity", "report"]


def measured(station: str, protocol: str):
    """The protocol's own numbers; radiometry has its test in the handshake."""
    with open_station(STATIONS / station, seed=11) as session:
        experiment = session.experiment(protocol, None)
        for step in experiment.steps:
            if step != "radiometry":
                experiment.perform(step)
        assert session.bench.plant.error < 1e-3
        return experiment.outcomes[experiment.steps[-1]].fit


def test_the_main_job_answers_with_the_agreed_fields_and_the_numbers_of_the_4_k_link(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["run", "handshake", "sim_4k", "--seed", "11", "--json", "--data", str(tmp_path)])
    document = json.loads(capsys.readouterr().out)
    assert ended.value.code == 0
    assert list(document) == HANDSHAKE
    assert document["process_fidelity"]["raw"]["value"] == pytest.approx(0.585, abs=0.03)
    assert document["thermal_occupation"]["value"] == pytest.approx(0.06, abs=0.015)
    numbers = [document["thermal_occupation"], *document["process_fidelity"].values()]
    numbers += document["average_state_fidelity"].values()
    assert all(list(number) == ["value", "error"] and 0 < number["error"] < 0.02 for number in numbers)
    assert (document["station"], document["protocol"], document["seed"]) == ("sim_4k", "handshake", 11)
    assert (document["cooldown"], document["parameters_from"]) == (1, "design")
    assert Path(document["report"]).is_file()
    assert len(document["image_sha256"]) == 64
    assert DataFolder(tmp_path).find("last").state == "completed"


def test_the_4_k_link_gives_its_bell_fidelity():
    fit = measured("sim_4k", "bell")
    assert fit.bell_fidelity["raw"].value == pytest.approx(0.523, abs=0.03)
    assert fit.bell_fidelity["corrected"].value > fit.bell_fidelity["raw"].value


def test_the_1_k_link_gives_its_bell_fidelity():
    assert measured("sim_1k", "bell").bell_fidelity["raw"].value == pytest.approx(0.936, abs=0.015)


def test_the_1_k_link_violates_the_bell_inequality_by_more_than_five_errors():
    raw = measured("sim_1k", "chsh").chsh["raw"]
    assert raw.value - 5 * raw.error > 2


def shots_of(seed: int) -> xr.Dataset:
    with open_station(STATIONS / "sim_4k", seed=seed) as session:
        experiment = session.experiment("bell", 200)
        experiment.perform("readout")
        return experiment.datasets["readout"]


def test_a_seed_names_its_shots_and_another_seed_gives_others():
    first, again, other = shots_of(3), shots_of(3), shots_of(4)
    xr.testing.assert_identical(first, again)
    assert first.attrs["image_sha256"] == other.attrs["image_sha256"]
    assert not np.any(np.all(first["a.iq"] == other["a.iq"], axis=-1))


@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice"])
def test_ctrl_c_in_a_real_run_leaves_it_aborted_and_its_data_readable(times, tmp_path, monkeypatch, capsys):
    perform = LinkExperiment.perform

    def interrupted(self, step):
        """The signal comes while the second block is played: after the first one was kept."""
        if step == "readout":
            return perform(self, step)
        for _ in range(times):
            signal.raise_signal(signal.SIGINT)
        self.outcomes[step] = self.outcomes["readout"]
        return None

    monkeypatch.setattr(LinkExperiment, "perform", interrupted)
    with pytest.raises(SystemExit) as ended:
        main(["run", "bell", "sim_4k", "--shots", "200", "--data", str(tmp_path)])
    (record,) = DataFolder(tmp_path).runs()
    kept = {1: ["readout", "radiometry"], 2: ["readout"]}[times]
    assert (ended.value.code, record.state, record.result) == (130, "aborted", {})
    assert list(record.blocks) == kept
    data = DataFolder(tmp_path).block(record, "readout")
    assert data["b.iq"].sizes == {"prepared": 4, "shot": 200, "quadrature": 2}
    assert data.attrs["image_sha256"]
