import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from coldlink.calibration.record import Archive
from coldlink.sequences.errors import (
    BoardError,
    ConnectionFailed,
    FitRejected,
    InterlockOpen,
    SequenceError,
    TimingError,
)
from coldlink.stations.data_folder import DataFolder

HEAD = (
    "station protocol seed cooldown image_sha256 elapsed_s board_time_s parameters_from thermal_occupation".split()  # noqa: SIM905
)
OWN = {
    "handshake": ["process_fidelity", "average_state_fidelity"],
    "bell": ["bell_fidelity", "concurrence"],
    "chsh": ["chsh"],
    "radiometry": [],
}


@pytest.mark.parametrize("protocol", OWN)
def test_json_is_one_document_of_the_agreed_fields(coldlink, session, station, protocol):
    answer = coldlink("run", protocol, station, "--json", "--seed", 7)
    document = json.loads(answer.out)
    assert (answer.code, answer.err) == (0, "")
    assert list(document) == [*HEAD, *OWN[protocol], "report"]
    assert (document["station"], document["protocol"], document["seed"]) == ("cryostat_2", protocol, 7)
    assert (document["cooldown"], document["parameters_from"]) == (1, "design")
    assert document["thermal_occupation"] == {"value": 0.061, "error": 0.004}
    assert all(set(document[name]["raw"]) == {"value", "error"} for name in OWN[protocol])
    assert Path(document["report"]).is_file()
    assert not session.is_open


def test_a_run_without_a_seed_says_null(coldlink, session, station):
    assert json.loads(coldlink("run", "bell", station, "--json").out)["seed"] is None


def test_a_person_reads_the_result_its_threshold_and_where_the_report_is(coldlink, session, station, data):
    answer = coldlink("run", "handshake", station)
    assert answer.code == 0
    for words in (
        "58.5 ± 0.4 %",
        "67.9 ± 0.5 %",
        "above 50 % by 21 errors",
        "parameters from design",
        "passed  stage of the line",
    ):
        assert words in answer.out
    assert f"report: {DataFolder(data).find('last').folder / 'report.html'}\n" in answer.out


def test_calibrate_asks_for_what_was_named_and_shows_what_was_found(coldlink, session, station, data):
    answer = coldlink("calibrate", station, "a.relaxation", "b.ramsey")
    assert (answer.code, session.wanted) == (0, ("a.relaxation", "b.ramsey"))
    assert "a.t1       15.0(4) µs" in answer.out
    assert "b.t1" not in answer.out
    document = json.loads(coldlink("calibrate", station, "--json").out)
    assert session.wanted == ()
    assert (document["protocol"], document["calibrated"]) == ("calibration", {"a.t1": {"value": 15e-6, "error": 4e-7}})
    assert DataFolder(data).find("last").about["protocol"] == "calibration"


def test_an_error_says_in_which_step_it_came_and_what_was_not_made_safe(coldlink, session, station):
    def fail(step):
        error = InterlockOpen("line", 5.2, 4.5, "K", 0.8)
        error.add_note("no answer from load_source (it may not be at its safe level)")
        raise error

    session.during = fail
    answer = coldlink("run", "bell", station)
    assert answer.code == 3
    assert answer.err.startswith("cool\nerror: interlock: line is 5.2 K")
    assert "; no answer from load_source (it may not be at its safe level); this was in cool" in answer.err


def test_conditions_are_kept_with_the_data(coldlink, session, station, data):
    coldlink("run", "bell", station)
    record = DataFolder(data).find("last")
    kept = Archive(data / "measurements.db", data / "shots").metadata(record.blocks["tomography"])
    assert kept["temperatures"] == {"line": 4.01}


def test_a_result_that_fails_its_gates_is_exit_1_and_keeps_its_document(coldlink, session, station):
    session.passed = False
    answer = coldlink("run", "chsh", station, "--json")
    assert answer.code == 1
    assert json.loads(answer.out)["chsh"]["raw"]["value"] == 2.31


def test_shots_reach_the_experiment_and_the_data(coldlink, session, station, data):
    coldlink("run", "bell", station, "--shots", 5)
    folder = DataFolder(data)
    assert folder.block(folder.find("last"), "tomography").sizes["shot"] == 5


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (TimingError("a.drive", 41e-9, 2.325e-9, 41.85e-9), 2, "41 ns on a.drive is not a multiple"),
        (SequenceError("the sequence is empty"), 2, "the sequence is empty"),
        (InterlockOpen("line", 5.2, 4.5, "K", 0.8), 3, "interlock: line is 5.2 K, limit 4.5"),
        (ConnectionFailed({"lakeshore": "127.0.0.1:7777 refused"}), 3, "no answer from lakeshore"),
        (BoardError("word 12 is unknown"), 3, "word 12 is unknown"),
        (FitRejected("no contrast", "look at the readout"), 1, "no contrast; look at the readout"),
        (ZeroDivisionError("division by zero"), 70, "coldlink itself failed: ZeroDivisionError"),
    ],
)
def test_an_error_in_a_block_is_one_message_with_its_exit_code_and_no_traceback(
    coldlink, session, station, data, error, code, message
):
    def fail(step):
        raise error

    session.during = fail
    answer = coldlink("run", "bell", station, "--json")
    assert answer.code == code
    assert message in answer.err
    assert answer.err.count("\n") == 1
    assert json.loads(answer.out)["error"]["type"] == type(error).__name__
    assert message in json.loads(answer.out)["error"]["message"]
    assert [record.state for record in DataFolder(data).runs()] == ["crashed" if code == 70 else "aborted"]
    with pytest.raises(type(error)):
        coldlink("run", "bell", station, "--debug")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "handshake", "sim_4"), "did you mean 'sim_4k'"),
        (("run", "handshake", "cryostat"), "did you mean 'cryostat_1'"),
        (("run", "handshak", "sim_4k"), "'handshak' is not one of"),
        (("run", "handshake"), "Missing argument"),
        (("run", "handshake", "sim_4k", "--sed", "1"), "No such option"),
        (("run", "handshake", "sim_4k", "--shots", "0"), "Invalid value for '--shots'"),
        (("run", "handshake", "sim_4k", "--seed", "x"), "Invalid value for '--seed'"),
        (("rum", "handshake", "sim_4k"), "No such command"),
        (("report", "last"), "no run was completed here"),
        (("show", "handshake", "sim_4"), "did you mean 'sim_4k'"),
    ],
)
def test_wrong_use_is_exit_2_with_one_message_and_still_one_document(coldlink, session, arguments, message):
    answer = coldlink(*arguments, "--json")
    assert answer.code == 2
    assert message in answer.err
    assert "Traceback" not in answer.err
    assert message in json.loads(answer.out)["error"]["message"]
    assert coldlink(*arguments).out == ""


def test_a_data_folder_that_cannot_be_used_is_refused_before_the_station_is_opened(coldlink, session, station, data):
    data.write_text("", encoding="utf-8")
    answer = coldlink("run", "handshake", station)
    assert answer.code == 2
    assert "choose another folder with --data" in answer.err
    assert not session.is_open


def test_the_option_comes_before_the_environment(coldlink, session, station, data, tmp_path):
    document = json.loads(coldlink("run", "bell", station, "--data", tmp_path / "other", "--json").out)
    assert Path(document["report"]).is_relative_to(tmp_path / "other")
    assert not data.exists()


def test_stations_are_listed_with_kind_title_and_state(coldlink, catalogue, data):
    broken = catalogue.own / "cryostat_9"
    broken.mkdir()
    (broken / "link.yaml").write_text("a: 1\na: 2\n", encoding="utf-8")
    folder = DataFolder(data)
    folder.prepare()
    with folder.begin(station="cryostat_1", protocol="bell", seed=None, command=()) as run:
        rows = {row["name"]: row for row in json.loads(coldlink("stations", "--json").out)["stations"]}
    assert rows["cryostat_1"] == {
        "name": "cryostat_1",
        "kind": "bench",
        "title": "the bench",
        "state": f"running {run.folder.name}",
    }
    assert "duplicate key" in rows["cryostat_9"]["state"]
    assert "the bench" in coldlink("stations").out


def test_show_plays_nothing_and_writes_a_picture(coldlink, session, station, data):
    session.during = lambda step: pytest.fail("a block was played")
    answer = coldlink("show", "handshake", station)
    figure = data / "figures" / "handshake-cryostat_2.html"
    assert answer.code == 0
    assert "a.drive      play" in answer.out
    assert f"figure: {figure}\n" in answer.out
    assert 'src="http' not in figure.read_text(encoding="utf-8")
    document = json.loads(coldlink("show", "handshake", station, "--json").out)
    assert (document["figure"], document["parameters_from"]) == (str(figure), "design")


def test_show_writes_the_image_that_trace_reads(coldlink, session, station, tmp_path):
    file = tmp_path / "handshake.json"
    assert f"image: {file}\n" in coldlink("show", "handshake", station, "--image", file).out
    assert json.loads(coldlink("show", "handshake", station, "--image", file, "--json").out)["image"] == str(file)
    assert coldlink("trace", file).code == 0
    assert "image" not in json.loads(coldlink("show", "handshake", station, "--json").out)


def test_an_image_that_cannot_be_written_is_one_line_of_error(coldlink, session, station, tmp_path):
    for file, why in ((tmp_path / "nowhere" / "a.json", "No such file"), (tmp_path, "Is a directory")):
        answer = coldlink("show", "handshake", station, "--image", file)
        assert answer.code == 2
        (line,) = answer.err.splitlines()
        assert line.startswith(f"error: {file}: cannot be written: {why}")


def test_report_makes_the_last_report_again(coldlink, session, station):
    path = Path(json.loads(coldlink("run", "bell", station, "--json").out)["report"])
    path.unlink()
    assert coldlink("report", "last").out == f"{path}\n"
    assert path.is_file()
    assert json.loads(coldlink("report", path.parent.name, "--json").out)["report"] == str(path)


def test_a_bare_command_points_to_help(coldlink):
    answer = coldlink()
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "error: Missing command; `coldlink --help` lists what can be asked for\n"


def test_version_and_help_answer(coldlink):
    assert coldlink("--version").out.startswith("coldlink 0.")
    answer = coldlink("--help")
    assert answer.code == 0
    assert all(command in answer.out for command in ("stations", "run", "show", "report"))


def test_a_first_ctrl_c_finishes_the_block_and_aborts_the_run(coldlink, session, station, data):
    session.during = lambda step: signal.raise_signal(signal.SIGINT) if step == "calibrate readout" else None
    answer = coldlink("run", "handshake", station, "--json")
    assert answer.code == 130
    assert "stopping as soon as what plays now has ended; Ctrl-C again stops at once" in answer.err
    assert json.loads(answer.out)["error"]["type"] == "RunAborted"
    (record,) = DataFolder(data).runs()
    assert record.state == "aborted"
    assert list(record.blocks) == ["cool", "calibrate-readout"]
    assert DataFolder(data).block(record, "calibrate-readout")["a.iq"].attrs["units"] == "ADC"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_ctrl_c_stops_within_the_block(coldlink, session, station, data):
    def twice(step):
        if step == "calibrate readout":
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            pytest.fail("the block went on")

    session.during = twice
    answer = coldlink("run", "handshake", station, "--json")
    assert answer.code == 130
    assert json.loads(answer.out)["error"]["message"].startswith("interrupted")
    (record,) = DataFolder(data).runs()
    assert (record.state, list(record.blocks)) == ("aborted", ["cool"])


@pytest.fixture
def outside(station, data, tmp_path):
    """A run in a process of its own, stopped in the middle of its second block."""
    began = tmp_path / "began"
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("fake_station.py")), "run", "handshake", str(station)],
        env={**os.environ, "COLDLINK_DATA": str(data), "BLOCK_BEGAN": str(began)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    while not began.exists() and process.poll() is None:
        time.sleep(0.02)
    assert process.poll() is None, process.communicate()
    yield process, began
    process.kill()
    process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT can be sent to one process")
def test_ctrl_c_from_a_terminal_ends_the_process_with_130_and_the_run_aborted(outside, data):
    process, began = outside
    process.send_signal(signal.SIGINT)
    began.unlink()
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, (out, err)
    assert "run aborted: Ctrl-C" in err
    assert "Traceback" not in err
    assert [record.state for record in DataFolder(data).runs()] == ["aborted"]


def test_a_killed_run_is_seen_running_before_and_crashed_after(outside, coldlink, session, station, data):
    process, _ = outside
    (record,) = DataFolder(data).runs()
    assert record.state == "running"
    process.kill()
    process.wait()
    assert record.state == "crashed"
    assert DataFolder(data).block(record, "cool").sizes["shot"] == 8
    answer = coldlink("run", "bell", station)
    assert answer.code == 0
    assert "the run before this one crashed" in answer.err
    assert record.name in answer.err.replace("\n", "")
