import json

import numpy as np
import pytest

from coldlink.instruments.board import QickBoard
from coldlink.instruments.qick.image import from_json, image
from coldlink.instruments.qick.lower import lower
from coldlink.instruments.simulated.board import Repetition, SimulatedSoc
from coldlink.sequences import Sequence, Sweep
from coldlink.sequences.errors import SequenceError
from coldlink.sequences.protocols import measure, readout_calibration
from coldlink.sequences.units import ns

from .programs import CONFIG, LINK, LOAD, WIRING, A, B, closed, compiled


class CountingPlant:
    """Answers the n-th window of shot s with n + i s for every sample."""

    def measure(self, repetition: Repetition, shots: int) -> np.ndarray:
        windows = repetition.windows
        answer = np.arange(len(windows))[None, :] + 1j * np.arange(shots)[:, None]
        return answer * np.array([window.samples for window in windows])


def board() -> QickBoard:
    return QickBoard(SimulatedSoc(CONFIG, CountingPlant()), CONFIG, WIRING)


def test_the_dataset_has_the_sweeps_shots_and_quadratures_of_the_program() -> None:
    program = compiled(readout_calibration(A, B))
    data = board().run(program, 5)
    assert dict(data.sizes) == {"prepared": 4, "shot": 5, "quadrature": 2}
    assert data["a.iq"].dims == data["b.iq"].dims == ("prepared", "shot", "quadrature")
    assert data["prepared"].values.tolist() == ["gg", "ge", "eg", "ee"]
    assert data["a.iq"].dtype == np.float32
    assert data["a.iq"].attrs["units"] == "ADC"


def test_each_point_and_shot_holds_the_echo_of_its_own_window() -> None:
    data = board().run(compiled(readout_calibration(A, B)), 5)
    # Windows come in pairs, A's before B's, one pair a point; samples are truncated half a unit down.
    for name, first in (("a.iq", 0), ("b.iq", 1)):
        wanted = np.broadcast_to(np.arange(first, 8, 2)[:, None], (4, 5))
        assert data[name].sel(quadrature=0).values == pytest.approx(wanted, abs=1.01)
        steps = np.diff(data[name].sel(quadrature=1).values, axis=1)
        assert steps == pytest.approx(np.ones((4, 4)), abs=0.01)
        across = np.diff(data[name].sel(quadrature=0).values, axis=0)
        assert across == pytest.approx(np.full((3, 5), 2.0), abs=0.01)


def test_two_axes_unfold_with_the_last_fastest() -> None:
    pauses = Sweep("pause", (0.0, 10 * ns, 20 * ns), "s")
    sequence = (
        Sequence()
        .choose("state", {"g": Sequence(), "e": Sequence().play(A.drive, A.x180)})
        .align(A.drive, LOAD)
        .play(LOAD, closed())
        .delay(LOAD, pauses)
        .align(LOAD, A.readout)
        .then(measure(A))
    )
    data = board().run(compiled(sequence), 2)
    assert dict(data.sizes) == {"state": 2, "pause": 3, "shot": 2, "quadrature": 2}
    assert data["pause"].attrs["units"] == "s"
    grid = data["a.iq"].isel(shot=0, quadrature=0).values
    assert grid - grid[0, 0] == pytest.approx(np.arange(6).reshape(2, 3), abs=0.01)


def test_the_dataset_names_the_image_and_the_time_on_the_board() -> None:
    program = compiled(readout_calibration(A, B))
    data = board().run(program, 5)
    assert data.attrs["image_sha256"] == image(lower(program, CONFIG, WIRING, 5)).sha256
    assert data.attrs["board_time_s"] == pytest.approx(5 * program.shot_duration)
    assert data.attrs["shots"] == 5


def test_the_image_of_a_run_is_what_it_loads_with_a_macro_behind_each_word() -> None:
    program = compiled(readout_calibration(A, B))
    loaded, _ = from_json(board().image(program, 5))
    assert loaded.sha256 == board().run(program, 5).attrs["image_sha256"]
    assert len(json.loads(board().image(program, 5))["macros"]) == len(loaded.pmem)


def test_a_sequence_that_reads_nothing_is_refused() -> None:
    with pytest.raises(SequenceError, match="the sequence reads nothing; measure a node at its end"):
        board().run(compiled(Sequence().play(A.drive, A.x180)), 5)


def test_a_node_read_at_some_points_only_is_refused() -> None:
    sequence = Sequence().choose("read", {"a": measure(A), "both": measure(A, B)})
    with pytest.raises(SequenceError, match=r"b.readout is read 0 times at point 0 of the grid; read it once"):
        board().run(compiled(sequence), 5)


def test_a_node_read_twice_in_a_shot_is_refused() -> None:
    with pytest.raises(SequenceError, match=r"a.readout is read 2 times at point 0"):
        board().run(compiled(measure(A).then(measure(A))), 5)


def test_a_board_plays_what_the_link_was_compiled_for() -> None:
    assert LINK.node_a.readout.name in compiled(measure(A)).acquisitions
