"""`coldlink board conformance`: what a person and a program read, at a twin and on a bench."""

import json
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

from coldlink.instruments.gateway.server import Gateway
from coldlink.instruments.qick.loop import Loop
from coldlink.instruments.simulated.board import Cable, Loopback, SimulatedSoc
from coldlink.stations import conformance
from coldlink.stations.occupancy import Occupancy

STATIONS = Path(__file__).parents[2] / "stations"
KEYS = ["station", "board", "generator", "readout", "cable", "images", "passed", "figure"]
IMAGE = ["name", "shift_s", "amplitude", "phase_rad", "residual", "passed", "differences"]
CABLE = Cable(generator=0, readout=0, delay=0.6e-6, gain=8000.0, noise=4.0)


class Miscounting(SimulatedSoc):
    """Each of its sums is one too large."""

    def get_accumulated(self, ch: int, address: int = 0, length: int | None = None) -> Any:
        return super().get_accumulated(ch, address, length) + 1


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Path]:
    """A station folder without a truth, whose board is behind a gateway and has a cable from output 0 to input 0."""
    folder = tmp_path / "cryostat_3"
    shutil.copytree(STATIONS / "bench", folder)
    (folder / "gateway.token").write_text("secret\n", encoding="utf-8")
    plant = Loopback(np.random.default_rng(2), (CABLE,))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        file = folder / "instruments.yaml"
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        file.write_text(file.read_text(encoding="utf-8").replace("127.0.0.1:8889", address, 1), encoding="utf-8")
        gateway = Gateway(SimulatedSoc(plant=plant), b"secret", 30.0)
        thread = Thread(target=gateway.serve, args=(listener,), daemon=True)
        thread.start()
        yield folder
        gateway.end()
        thread.join()


def test_a_twin_passes_and_its_cable_is_found_without_being_told(coldlink: Callable[..., Any]) -> None:
    answer = coldlink("board", "conformance", "sim_4k", "--json")
    document = json.loads(answer.out)
    assert answer.code == 0
    assert list(document) == KEYS
    assert all(list(image) == IMAGE for image in document["images"])
    assert (document["station"], document["generator"], document["readout"]) == ("sim_4k", 0, 0)
    assert document["passed"] and all(image["passed"] for image in document["images"])
    assert list(document["cable"]) == ["delay_s", "gain", "phase_rad", "noise"]
    low, high = conformance.DELAYS
    assert low < document["cable"]["delay_s"] < high
    assert "accumulated sum" in Path(document["figure"]).read_text(encoding="utf-8")


def test_a_person_reads_a_line_for_each_image_and_where_the_figure_is(coldlink: Callable[..., Any], data: Path) -> None:
    answer = coldlink("board", "conformance", "sim_4k", "--generator", 6, "--readout", 1)
    assert answer.code == 0
    assert "generator 6 into readout 1" in answer.out
    assert answer.out.count("passed") == 10
    assert "the board plays as its twin says" in answer.out
    assert str(data / "figures" / "conformance-sim_4k-6-1.html") in answer.out.replace("\n", "")


def test_a_difference_is_told_with_the_image_and_what_differs(
    coldlink: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(loop: Loop, rng: np.random.Generator) -> SimulatedSoc:
        return Miscounting(loop.soccfg, Loopback(rng, (CABLE,)))

    monkeypatch.setattr(conformance, "drawn", damaged)
    answer = coldlink("board", "conformance", "sim_4k")
    assert answer.code == 1
    assert "FAILED  accumulated sum" in answer.out
    assert "accumulated sum: window 0: the board sums" in answer.out
    assert "1 image differs from the board's twin" in answer.out


def test_on_a_bench_only_the_board_is_opened_and_it_is_given_back(coldlink: Callable[..., Any], bench: Path) -> None:
    # The other instruments of this station are nowhere.
    for _ in range(2):
        answer = coldlink("board", "conformance", bench, "--json")
        document = json.loads(answer.out)
        assert (answer.code, document["passed"], document["station"]) == (0, True, "cryostat_3")
        assert document["cable"]["delay_s"] == pytest.approx(CABLE.delay, abs=0.1e-9)
        assert document["cable"]["gain"] == pytest.approx(CABLE.gain, rel=2e-3)


def test_a_bench_that_somebody_works_at_is_left_alone(coldlink: Callable[..., Any], bench: Path, data: Path) -> None:
    with Occupancy(data / "worlds" / "cryostat_3" / "unseeded", "cryostat_3"):
        answer = coldlink("board", "conformance", bench)
    assert answer.code == 3
    assert "cryostat_3 is in use" in answer.err


def test_an_output_without_a_cable_is_an_apparatus_that_is_not_ready(coldlink: Callable[..., Any], bench: Path) -> None:
    answer = coldlink("board", "conformance", bench, "--generator", 1)
    assert answer.code == 3
    assert "no echo of generator 1 at readout 0" in answer.err


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--generator", 4, "use generator 0, 1, 2, 3, 5"),
        ("--readout", 10, "use readout 0, 1"),
        ("--delay-limit", "1e-3", "lower the delay's limit to"),
        ("--delay-limit", "nan", "give a time"),
    ],
)
def test_what_cannot_be_played_is_wrong_use(
    coldlink: Callable[..., Any], option: str, value: object, message: str
) -> None:
    answer = coldlink("board", "conformance", "sim_4k", option, value)
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err
