"""The commands at the shipped 4 K station: real instruments on the wire, two short calibrations."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from coldlink.calibration.graph import Graph, Task
from coldlink.calibration.record import Archive
from coldlink.calibration.store import Store
from coldlink.instruments.board import QickBoard
from coldlink.sequences.errors import FitRejected
from coldlink.sequences.protocols import measure
from coldlink.sequences.scan import Point, Scan
from coldlink.sequences.sequence import Sequence
from coldlink.sequences.setting import Setting
from coldlink.sequences.sweep import Sweep
from coldlink.stations import chains
from coldlink.stations.data_folder import DataFolder
from coldlink.stations.occupancy import Occupancy
from coldlink.stations.twin import Twin

from .real_session import calibrated, entry
from .short_chain import FIRST, SECOND, SHORT

GIVES = {name for task in SHORT.tasks for name in task.gives}


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(chains, "CHAIN", SHORT)


@pytest.fixture
def memory(data):
    folder = DataFolder(data)
    folder.prepare()
    return folder.world("sim_4k", None)


@pytest.fixture
def warm_load(monkeypatch):
    opening = Twin.open

    def warmed(twin):
        opening(twin)
        twin.cryostat.fridge.refrigerator.heat["load"] = 1e-3
        twin.cryostat.clock.sleep(100.0)

    monkeypatch.setattr(Twin, "open", warmed)


def document(answer, code=0):
    assert answer.code == code, answer.err
    return json.loads(answer.out)


def test_calibrate_finds_what_is_missing_and_then_nothing_is_due(coldlink, short, data):
    found = document(coldlink("calibrate", "sim_4k", "--json"))
    assert found["calibrated"].keys() == GIVES
    assert all(value["error"] > 0 for value in found["calibrated"].values())
    assert (found["protocol"], found["parameters_from"]) == ("calibration", "calibration")
    assert Path(found["report"]).is_file()
    record = DataFolder(data).find("last")
    assert list(record.blocks) == [FIRST, SECOND]
    kept = DataFolder(data).block(record, FIRST)
    assert kept.attrs["image_sha256"]
    again = document(coldlink("calibrate", "sim_4k", "--json"))
    assert (again["calibrated"], again["image_sha256"], again["board_time_s"]) == ({}, None, 0)
    assert "nothing was due: all that is calibrated is fresh" in coldlink("calibrate", "sim_4k").out
    named = document(coldlink("calibrate", "sim_4k", SECOND, "--json"))
    assert named["calibrated"].keys() == {"a.readout.delay"}


def test_temperatures_and_biases_go_with_the_data(coldlink, short, data):
    document(coldlink("calibrate", "sim_4k", FIRST, "--json"))
    record = DataFolder(data).find("last")
    kept = Archive(data / "measurements.db", data / "shots").metadata(record.blocks[FIRST])
    assert kept["temperatures"].keys() == {"line", "load", "mixing chamber"}
    assert kept["temperatures"]["line"] == pytest.approx(4.0, abs=0.2)
    assert kept["biases"].keys() == {"a.flux.bias", "b.flux.bias", "a.coupler.bias", "b.coupler.bias", "line.load.bias"}


def test_a_person_reads_the_values_with_their_errors(coldlink, short, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = coldlink("calibrate", "sim_4k").out.splitlines()
    assert lines[0] == "calibration on sim_4k, cooldown 1"
    assert any(line.startswith("a.resonator.frequency  6.3") and line.rstrip().endswith(" GHz") for line in lines)
    assert max(len(line) for line in lines if not line.startswith("report: ")) <= 80


def test_status_is_the_agreed_document(coldlink, short, memory):
    Store.within(memory).append([entry("a.f01", 5.11e9, error=2e3), entry("a.t1", 15e-6, time=0.0)])
    found = document(coldlink("status", "sim_4k", "--json"))
    assert found["parameters"]["a.f01"] == {"value": 5.11e9, "error": 2e3, "unit": "Hz", "age_s": 0.0, "state": "fresh"}
    assert found["parameters"]["a.t1"]["state"] == "stale"
    assert found["parameters"]["a.resonator.frequency"] == {
        "value": None,
        "error": None,
        "unit": "Hz",
        "age_s": None,
        "state": "missing",
    }
    assert found["temperatures"]["line"]["state"] == "closed"
    assert found["temperatures"]["line"]["value"] == pytest.approx(4.0, abs=0.2)
    assert found["calibrations"] == {FIRST: "missing", SECOND: "missing"}
    assert set(found["biases"].values()) == {0.0}
    assert (found["station"], found["seed"], found["cooldown"], found["runs"]) == ("sim_4k", None, 1, [])
    assert found["left_out"] == {"damaged_lines": [], "unknown_names": []}


def test_status_is_read_at_80_columns_and_says_what_is_wrong(coldlink, short, memory, warm_load, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    calibrated(memory)
    store = Store.within(memory)
    with store.file.open("a", encoding="utf-8") as stream:
        stream.write("rubbish\n")
    store.append([entry("a.t1", 15e-6, error=4e-7, time=0.0), entry("a.wormhole", 1.0)])
    answer = coldlink("status", "sim_4k")
    lines = [line.rstrip() for line in answer.out.splitlines()]
    assert answer.code == 0
    assert max(len(line) for line in lines if "interlock:" not in line) <= 80
    assert any(line.startswith("load") and line.endswith("OPEN") for line in lines)
    assert "interlock: load is " in answer.out
    assert any(line.startswith("a.flux.bias") and "208.0(10) mV" in line for line in lines)
    assert any(line.startswith("a.t1") and line.endswith("STALE") for line in lines)
    assert "MISSING  a.resonator.frequency, a.readout.linewidth, a.readout.delay" in answer.out
    assert "DAMAGED  line 6 of the stored calibrations" in answer.out
    assert "UNKNOWN  a.wormhole was calibrated by another version" in answer.out


def test_status_with_a_sensor_that_is_gone_is_still_one_document(coldlink, short, monkeypatch):
    monkeypatch.setattr(
        "coldlink.instruments.simulated.fridge.lakeshore.SimulatedLakeshore._status", lambda self, place: 16
    )
    stage = document(coldlink("status", "sim_4k", "--json"))["temperatures"]["load"]
    assert (stage["value"], stage["age_s"], stage["state"]) == (None, None, "open")
    assert "unknown" in coldlink("status", "sim_4k").out


def test_doctor_finds_a_ready_station_ready(coldlink):
    ready = document(coldlink("doctor", "sim_4k", "--json"))
    assert ready["ready"] is True
    names = [check["name"] for check in ready["checks"]]
    assert {"data folder", "versions", "thermometer", "board", "interlock of load", "pulses"} <= set(names)
    assert all(check["ready"] for check in ready["checks"])


def test_doctor_says_last_what_is_wrong_and_exits_with_1(coldlink, warm_load, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    answer = coldlink("doctor", "sim_4k")
    lines = answer.out.splitlines()
    assert answer.code == 1
    wrong = [line.startswith("NOT READY  interlock of load") for line in lines].index(True)
    assert not any(line.startswith("ready") for line in lines[wrong:])
    assert max(len(line) for line in lines) <= 80


def test_doctor_names_every_instrument_that_does_not_answer(coldlink, monkeypatch):
    opening = Twin.open

    def cut(twin):
        opening(twin)
        for name in ("load_source", "thermometer"):
            twin.cryostat.fridge.server.cut(name)

    monkeypatch.setattr(Twin, "open", cut)
    checks = document(coldlink("doctor", "sim_4k", "--json"), code=1)["checks"]
    assert [check["name"] for check in checks if not check["ready"]] == ["load_source", "thermometer"]
    answer = coldlink("calibrate", "sim_4k")
    assert answer.code == 3
    assert answer.err.count("\n") == 1
    assert answer.err.startswith("error: no answer from load_source (TCPIP0::127.0.0.1::")
    assert "thermometer (" in answer.err


def test_a_warm_load_aborts_a_run_with_the_reason_and_exit_code_3(coldlink, short, data, warm_load):
    answer = coldlink("calibrate", "sim_4k")
    assert (answer.code, answer.out) == (3, "")
    assert answer.err.startswith("error: interlock: load is ")
    (record,) = DataFolder(data).runs()
    assert record.state == "aborted"
    assert record.about["error"].startswith("InterlockOpen: interlock: load is ")


@pytest.mark.parametrize("command", ["status", "doctor", "calibrate", "show handshake", "run bell"])
def test_while_another_command_works_here_every_one_is_told_who_with_exit_code_3(coldlink, memory, command):
    with Occupancy(memory, "sim_4k"):
        answer = coldlink(*command.split(), "sim_4k")
    assert (answer.code, answer.out) == (3, "")
    assert answer.err.startswith("error: sim_4k is in use by ")
    assert answer.err.count("\n") == 1


def test_another_seed_is_another_world_and_may_run_at_the_same_time(coldlink, short, memory):
    with Occupancy(memory, "sim_4k"):
        assert document(coldlink("status", "sim_4k", "--seed", 5, "--json"))["seed"] == 5


def test_ctrl_c_in_a_scan_stops_it_between_two_points_and_leaves_the_outputs_safe(coldlink, short, data, monkeypatch):
    played, running = [], QickBoard.run

    def interrupted(self, program, shots):
        played.append(program)
        if len(played) == 3:
            signal.raise_signal(signal.SIGINT)
        return running(self, program, shots)

    monkeypatch.setattr(QickBoard, "run", interrupted)
    graph = Graph((Task(name="long", routine=lambda known: Long(), gives=("a.t1",)),))
    monkeypatch.setattr(chains, "CHAIN", graph)
    answer = coldlink("calibrate", "sim_4k")
    assert answer.code == 130
    assert len(played) == 3
    assert "run aborted: Ctrl-C" in answer.err
    (record,) = DataFolder(data).runs()
    assert (record.state, record.blocks) == ("aborted", {})
    world = json.loads((DataFolder(data).world("sim_4k", None) / "world.json").read_text(encoding="utf-8"))
    assert {unit["level"] for unit in world["fridge"]["units"].values() if "level" in unit} == {0.0}


@dataclass(frozen=True)
class Long:
    """A scan of 200 points on the host."""

    shots: int = 10

    def scan(self, known):
        sequence = Sequence().then(measure(known.link.node_a, known.link.node_b))
        axis, bias = Sweep("bias", tuple(1e-3 * number for number in range(200)), "V"), Setting("a.coupler.bias", "V")
        return Scan.over((axis,), lambda volts: Point(sequence=sequence, settings={bias: volts}))

    def fit(self, data, known):
        pytest.fail("the scan came to its end")


@dataclass(frozen=True)
class Blind(Long):
    """Sees nothing."""

    def scan(self, known):
        return Scan.of(Sequence().then(measure(known.link.node_a, known.link.node_b)))

    def fit(self, data, known):
        raise FitRejected("blind: no contrast", "look at the readout")


def test_a_fit_that_is_rejected_is_exit_1_keeps_its_data_and_is_shown_as_failed(coldlink, data, monkeypatch):
    graph = Graph((Task(name="blind", routine=lambda known: Blind(), gives=("a.t1",), again=(lambda known: Blind(),)),))
    monkeypatch.setattr(chains, "CHAIN", graph)
    answer = coldlink("calibrate", "sim_4k")
    assert (answer.code, answer.err) == (1, "blind\nerror: blind: blind: no contrast; look at the readout\n")
    (record,) = DataFolder(data).runs()
    assert (record.state, list(record.blocks)) == ("aborted", ["blind.rejected-1", "blind.rejected-2"])
    assert DataFolder(data).block(record, "blind.rejected-1").sizes["shot"] == 10
    found = document(coldlink("status", "sim_4k", "--json"))
    assert (found["calibrations"], found["parameters"]["a.t1"]["state"]) == ({"blind": "failed"}, "missing")
    assert found["failures"] == {"blind": "blind: no contrast; look at the readout"}
    assert "FAILED  blind: blind: no contrast" in coldlink("status", "sim_4k").out


def test_twin_truth_tells_the_true_value_of_everything_that_is_stored(coldlink, memory):
    calibrated(memory)
    idle = {"a.flux.bias": 0.208, "a.coupler.bias": 0.783, "b.coupler.bias": 0.783, "line.load.bias": 0.985}
    Store.within(memory).append([entry("a.t1", 14e-6, settings=idle), entry("line.transfer_phase", 0.3)])
    found = document(coldlink("twin", "truth", "sim_4k", "--json"))["parameters"]
    assert found["line.transfer_phase"] is None
    assert 1e-6 < found["a.t1"] < 30e-6
    assert abs(found["a.flux.bias"]) < 1.5
    assert "a.t1" in coldlink("twin", "truth", "sim_4k").out


def test_where_nothing_is_calibrated_twin_truth_says_what_to_do(coldlink):
    assert "nothing is calibrated at sim_4k yet; `coldlink calibrate sim_4k`" in coldlink("twin", "truth", "sim_4k").out


def test_the_truth_of_what_is_no_twin_is_refused(coldlink, station):
    answer = coldlink("twin", "truth", station)
    assert answer.code == 2
    assert "is no twin; only a station with a truth.yaml has a truth to tell" in answer.err


def test_a_folder_without_a_name_is_refused(coldlink):
    answer = coldlink("status", "sim_4k", "--data", "")
    assert answer.code == 2
    assert "a folder without a name" in answer.err


def test_a_wrong_calibration_is_answered_with_the_nearest_name(coldlink, short):
    answer = coldlink("calibrate", "sim_4k", "a.resonatr")
    assert answer.code == 2
    assert answer.err == "error: there is no calibration 'a.resonatr'; did you mean a.resonator?\n"


def test_a_killed_run_has_crashed_and_the_next_one_meets_its_world(coldlink, short, data, tmp_path):
    began = tmp_path / "began"
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("short_chain.py")), "calibrate", "sim_4k"],
        env={**os.environ, "COLDLINK_DATA": str(data), "BLOCK_BEGAN": str(began)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        while not began.exists() and process.poll() is None:
            time.sleep(0.02)
        assert process.poll() is None, process.communicate()
        busy = coldlink("status", "sim_4k")
        assert (busy.code, f"process {process.pid}" in busy.err) == (3, True)
    finally:
        process.kill()
        process.communicate()
    (record,) = DataFolder(data).runs()
    assert (record.state, list(record.blocks)) == ("crashed", [FIRST])
    answer = coldlink("calibrate", "sim_4k", "--json")
    assert document(answer)["calibrated"].keys() == {"a.readout.delay"}
    status = document(coldlink("status", "sim_4k", "--json"))
    assert all(one["age_s"] >= 0 for one in status["parameters"].values() if one["value"] is not None)
    assert [run["state"] for run in status["runs"]] == ["crashed", "completed"]
