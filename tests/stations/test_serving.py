"""A twin in a process of its own: its clients see ports and a station folder, and get what they would get beside it."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from coldlink.calibration.chain import CHAIN
from coldlink.calibration.cooldown import Cooldown
from coldlink.instruments.served_clock import ServedClock
from coldlink.instruments.simulated.clock import SimulatedClock
from coldlink.instruments.simulated.fridge import Fault, ScpiServer
from coldlink.instruments.simulated.fridge.timekeeper import Timekeeper
from coldlink.sequences.errors import ConnectionFailed
from coldlink.stations.cli import main
from coldlink.stations.open import open_station

SHIPPED = Path(__file__).parents[2] / "stations"
FIRST = ("a.resonator", "a.time_of_flight")
LISTENS = "import sys; from coldlink.stations.cli import main; main()"


@contextmanager
def served(station: str, folder: Path) -> Iterator[dict[str, Any]]:
    """What `coldlink twin serve` prints; the truth is destroyed before anybody may use it."""
    own = folder / station
    shutil.copytree(SHIPPED / station, own)
    command = ["twin", "serve", str(own), "--data", str(folder / "server"), "--json"]
    with subprocess.Popen(
        [sys.executable, "-c", LISTENS, *command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            document = json.loads("".join(iter(process.stdout.readline, "}\n")) + "}")
            (own / "truth.yaml").write_text("spread: nobody may read this\n", encoding="utf-8")
            yield document
        finally:
            process.terminate()


def found(folder: Path, memory: Path) -> dict[str, tuple[float, float]]:
    """Values and errors of the first calibrations at the station in `folder`."""
    with open_station(folder, memory=memory) as session:
        bench = session.bench
        bench.energise()
        cooldown = Cooldown(bench=bench, store=session.store, clock=bench.clock.now, number=1, run="a test")
        done = [cooldown.perform(CHAIN.task(name)) for name in FIRST]
    return {name: (value.value, value.error) for one in done for name, value in one.found.items()}


def ran(station: str, data: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What the main job answers, but for names and times."""
    with pytest.raises(SystemExit):
        main(["run", "handshake", station, "--json", "--data", str(data)])
    document = json.loads(capsys.readouterr().out)
    return {key: value for key, value in document.items() if key not in ("station", "elapsed_s", "report")}


def test_a_client_finds_the_same_numbers_as_who_sits_beside_the_twin(tmp_path):
    with served("sim_1k", tmp_path) as document:
        place = Path(document["served"])
        assert sorted(file.name for file in place.iterdir()) == [
            "gateway.token",
            "instruments.yaml",
            "link.yaml",
            "policy.yaml",
        ]
        there = found(place, tmp_path / "client")
    assert there == found(SHIPPED / "sim_1k", tmp_path / "beside")
    assert {"a.resonator.frequency", "a.readout.delay"} <= set(there)


@pytest.mark.nightly
def test_the_main_job_gets_the_same_numbers_from_a_served_twin(tmp_path, capsys):
    with served("sim_4k", tmp_path) as document:
        there = ran(document["served"], tmp_path / "client", capsys)
    assert there == ran("sim_4k", tmp_path / "beside", capsys)


def test_a_station_without_a_truth_cannot_be_served(tmp_path, capsys):
    shutil.copytree(SHIPPED / "sim_1k", tmp_path / "own")
    (tmp_path / "own" / "truth.yaml").unlink()
    with pytest.raises(SystemExit) as ended:
        main(["twin", "serve", str(tmp_path / "own"), "--data", str(tmp_path / "data")])
    assert ended.value.code == 2
    assert "is no twin" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_one_clear_error(tmp_path, capsys):
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit) as ended:
        main(["twin", "serve", "sim_1k", "--data", str(tmp_path / "data"), "--into", str(tmp_path / "file" / "place")])
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "cannot be written" in line and "choose another folder with --into" in line


def test_a_station_of_somebodys_own_is_never_written_over(tmp_path, capsys):
    own = tmp_path / "cryostat_2"
    shutil.copytree(SHIPPED / "bench", own)
    before = {file.name: file.read_bytes() for file in own.iterdir()}
    with pytest.raises(SystemExit) as ended:
        main(["twin", "serve", "sim_1k", "--data", str(tmp_path / "data"), "--into", str(own)])
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: {own}: holds instruments.yaml of a station that nobody serves")
    assert {file.name: file.read_bytes() for file in own.iterdir()} == before


def test_a_twin_is_served_again_where_it_was(tmp_path):
    for _ in range(2):
        with served("sim_1k", tmp_path) as document:
            assert (Path(document["served"]) / "policy.yaml").read_text(encoding="utf-8").startswith("# Written by")
        shutil.rmtree(tmp_path / "sim_1k")


def test_time_passes_at_a_served_clock_when_a_client_sleeps():
    clock = SimulatedClock(1000.0)
    with ScpiServer({"clock": Timekeeper(clock)}) as server, closing(ServedClock(server.addresses["clock"])) as mine:
        mine.sleep(2.5)
        assert mine.now() == clock.now() == 1002.5
        with pytest.raises(ValueError, match="cannot sleep"):
            mine.sleep(-1.0)


def test_a_clock_that_is_gone_or_none_is_named():
    with pytest.raises(ConnectionFailed, match="still being served"):
        ServedClock("TCPIP0::127.0.0.1::1::SOCKET")
    with pytest.raises(ConnectionFailed, match=r"10\.0\.0\.7: .*still being served"):
        ServedClock("10.0.0.7")
    with ScpiServer({"clock": Timekeeper(SimulatedClock())}) as server:
        clock = ServedClock(server.addresses["clock"])
        server.inject("clock", Fault.GARBAGE)
        with closing(clock), pytest.raises(ConnectionFailed, match="answered TIME"):
            clock.now()
