"""The stations' headline numbers, from an empty data folder and a device that nobody knows: real images, real shots."""

import json
import signal
from pathlib import Path

import pytest

from coldlink.calibration.chain import CHAIN
from coldlink.stations.cli import main
from coldlink.stations.data_folder import DataFolder
from coldlink.stations.experiment import LinkExperiment

HEAD = "station protocol seed cooldown image_sha256 elapsed_s board_time_s parameters_from thermal_occupation".split()  # noqa: SIM905
HANDSHAKE = [*HEAD, "process_fidelity", "average_state_fidelity", "report"]


UNTOLD = {"line.bell_phase", "line.transfer_phase"}
"""What only a measurement tells of a twin."""


class Cryostat:
    """One data folder, in which commands are given one after the other."""

    def __init__(self, folder: Path, station: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.data, self.station, self.capsys = DataFolder(folder), station, capsys

    def run(self, protocol: str) -> dict:
        return self.asked("run", protocol, self.station)

    def asked(self, *command: str) -> dict:
        with pytest.raises(SystemExit) as ended:
            main([*command, "--json", "--data", str(self.data.path)])
        assert ended.value.code == 0
        return json.loads(self.capsys.readouterr().out)


@pytest.fixture(scope="module")
def four_kelvin(tmp_path_factory):
    return tmp_path_factory.mktemp("sim_4k")


def test_the_main_job_finds_an_unknown_4_k_link_and_answers_with_its_numbers(four_kelvin, capsys):
    cryostat = Cryostat(four_kelvin, "sim_4k", capsys)
    document = cryostat.run("handshake")
    assert list(document) == HANDSHAKE
    assert document["process_fidelity"]["raw"]["value"] == pytest.approx(0.585, abs=0.03)
    assert document["thermal_occupation"]["value"] == pytest.approx(0.06, abs=0.015)
    numbers = [document["thermal_occupation"], *document["process_fidelity"].values()]
    numbers += document["average_state_fidelity"].values()
    assert all(list(number) == ["value", "error"] and 0 < number["error"] < 0.02 for number in numbers)
    assert (document["station"], document["protocol"], document["seed"]) == ("sim_4k", "handshake", None)
    assert (document["cooldown"], document["parameters_from"]) == (1, "calibration")
    assert Path(document["report"]).is_file()
    assert len(document["image_sha256"]) == 64
    run = cryostat.data.find("last")
    assert run.state == "completed"
    ((_, error, _),) = (row.values() for row in run.result["tables"]["Twin"])
    assert float(error) < 1e-3
    shown = " ".join(name for name in run.result["figures"] if name.startswith("Calibration "))
    own = {"readout", "radiometry"}
    assert all(f"Calibration {task.name}: " in shown for task in CHAIN.tasks if task.name not in own)
    assert list(run.blocks) == [*(task.name for task in CHAIN.tasks), "tomography"]


def test_what_was_calibrated_for_it_is_fresh_near_the_truth_and_used_again(four_kelvin, capsys):
    """The test before this one did the work."""
    cryostat = Cryostat(four_kelvin, "sim_4k", capsys)
    known = cryostat.asked("status", "sim_4k")["parameters"]
    assert {one["state"] for one in known.values()} == {"fresh"}
    true = cryostat.asked("twin", "truth", "sim_4k")["parameters"]
    assert {name for name, value in true.items() if value is None} == UNTOLD
    told = {name: value for name, value in true.items() if value is not None}
    pulls = {name: (known[name]["value"] - value) / known[name]["error"] for name, value in told.items()}
    assert max(map(abs, pulls.values())) < 4
    assert sum(abs(pull) < 1 for pull in pulls.values()) > 0.5 * len(pulls)
    document = cryostat.run("bell")
    assert list(cryostat.data.find("last").blocks) == ["readout", "radiometry", "tomography"]
    assert document["bell_fidelity"]["raw"]["value"] == pytest.approx(0.523, abs=0.03)
    assert document["bell_fidelity"]["corrected"]["value"] > document["bell_fidelity"]["raw"]["value"]


@pytest.mark.nightly
def test_the_1_k_link_shares_a_bell_pair_and_violates_the_inequality_by_more_than_five_errors(tmp_path, capsys):
    cryostat = Cryostat(tmp_path, "sim_1k", capsys)
    assert cryostat.run("bell")["bell_fidelity"]["raw"]["value"] == pytest.approx(0.936, abs=0.02)
    raw = cryostat.run("chsh")["chsh"]["raw"]
    assert raw["value"] - 5 * raw["error"] > 2


@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice"])
def test_ctrl_c_in_a_real_run_leaves_it_aborted_and_its_data_readable(times, tmp_path, monkeypatch, capsys):
    perform = LinkExperiment.perform

    def interrupted(self, step):
        """The signal comes while the second block is played: after the first one was kept."""
        if step == "a.resonator":
            return perform(self, step)
        for _ in range(times):
            signal.raise_signal(signal.SIGINT)
        return perform(self, step)

    monkeypatch.setattr(LinkExperiment, "perform", interrupted)
    with pytest.raises(SystemExit) as ended:
        main(["run", "bell", "sim_4k", "--data", str(tmp_path)])
    data = DataFolder(tmp_path)
    (record,) = data.runs()
    assert (ended.value.code, record.state, record.result) == (130, "aborted", {})
    assert list(record.blocks) == ["a.resonator"]
    assert data.block(record, "a.resonator")["a.iq"].attrs["units"] == "ADC"
