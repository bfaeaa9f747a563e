"""Decimated readout of the link's qubits: each sample shows the level at its own time, in all windows of one shot."""

from typing import Any

import numpy as np
import pytest
from qick.asm_v2 import AveragerProgramV2

from coldlink.instruments.qick.firmware import soccfg
from coldlink.instruments.simulated.board import SimulatedSoc
from coldlink.sequences.errors import ModelError

from .rack import PERIOD, drive, look, of_qubits, plant, repetition

CONFIG = soccfg()
DRIVE, TONES, READOUT = 6, 4, 2
T1, LENGTH = 3e-6, 4e-6
TURN = 18 / 430.08
"""Length of a half turn (us)."""


class Looked(AveragerProgramV2):
    """A half turn of qubit A if `prepared`, then a decimated readout."""

    def _initialize(self, cfg: dict[str, Any]) -> None:
        self.declare_gen(ch=DRIVE, nqz=2, mixer_freq=5100.0)
        tones = {"mux_freqs": [6350.0], "mux_gains": [0.4697], "mixer_freq": 6400.0}
        self.declare_gen(ch=TONES, nqz=2, ro_ch=READOUT, **tones)
        self.declare_readout(ch=READOUT, length=LENGTH * 1e6, freq=6350.0, gen_ch=TONES)
        turn = {"style": "const", "length": TURN, "freq": 5110.0, "phase": 0, "gain": 1 / (2 * 100 * TURN) / 0.9}
        self.add_pulse(ch=DRIVE, name="turn", **turn)
        self.add_pulse(ch=TONES, name="tone", style="const", length=LENGTH * 1e6, mask=[0])

    def _body(self, cfg: dict[str, Any]) -> None:
        if cfg["prepared"]:
            self.pulse(ch=DRIVE, name="turn", t=0)
        self.pulse(ch=TONES, name="tone", t=0.06)
        self.trigger(ros=[READOUT], t=0.06 + 0.093)


def looked(*, prepared: bool) -> np.ndarray:
    """Mean trace of an unmodified program on the link's twin."""
    soc = SimulatedSoc(CONFIG, plant(of_qubits(t1=T1, residual_population=0.0)))
    program = Looked(CONFIG, reps=1, final_delay=60.0, cfg={"prepared": prepared})
    return program.acquire_decimated(soc, rounds=300, progress=False)[0] @ np.array([1, 1j])


def test_the_mean_trace_of_an_unmodified_program_falls_with_t1() -> None:
    # The tone ends within the last sample.
    down, up = looked(prepared=False)[:-1], looked(prepared=True)[:-1]
    apart = down.mean() - up[:8].mean()
    time = (np.arange(up.size) + 0.5) * LENGTH / up.size
    excited = ((down.mean() - up) / apart).real
    assert excited == pytest.approx(np.exp(-time / T1) / np.exp(-time[:8] / T1).mean(), abs=0.25)
    parts = excited[: up.size // 8 * 8].reshape(8, -1).mean(axis=1)
    expected = np.exp(-time / T1)[: up.size // 8 * 8].reshape(8, -1).mean(axis=1)
    assert parts == pytest.approx(expected * parts[0] / expected[0], abs=0.06)


def test_all_windows_of_a_shot_are_of_the_same_qubits() -> None:
    on = plant(of_qubits(t1=1.0))
    looks = (*look(0, 1e-6, 3e-6), *look(0, 5e-6, 3e-6))
    down, up = (
        on.measure(repetition(drive(0, 0.9e-6, angle), *looks, period=20.0), 1000).mean(axis=0) for angle in (0, np.pi)
    )
    shot = repetition(drive(0, 0.9e-6, np.pi / 2), *looks, period=20.0)
    sums = np.array([[window.sum() for window in on.traces(shot, shot.windows)] for _ in range(200)])
    excited = np.abs(sums - up) < np.abs(sums - down)
    assert 0.3 < excited[:, 0].mean() < 0.7
    # Half of the shots would agree by chance, and a readout is wrong in every fifteenth.
    assert np.mean(excited[:, 0] == excited[:, 1]) > 0.75


def test_traces_add_up_to_what_sums_are_drawn_from() -> None:
    on, shots = plant(), 300
    shot = repetition(drive(0, 0.9e-6, 2.0), *look(0, 1e-6, 2e-6), *look(1, 1e-6, 2e-6))
    found = np.array([[window.sum() for window in on.traces(shot, shot.windows)] for _ in range(shots)])
    drawn = on.measure(shot, 20_000)
    assert found.shape == (shots, 2)
    for one, many in zip(found.T, drawn.T, strict=True):
        for part in (np.real, np.imag):
            assert part(one).mean() == pytest.approx(part(many).mean(), abs=4 * part(many).std() / np.sqrt(shots))
            assert part(one).std() == pytest.approx(part(many).std(), rel=0.2)


def test_repetitions_that_remember_are_followed_sample_by_sample() -> None:
    """Each half turn finds what the one before has left: the qubit is up in every other repetition."""
    on = plant(of_qubits(t1=1.0, residual_population=0.0))
    soc = SimulatedSoc(CONFIG, on)
    program = Looked(CONFIG, reps=6, final_delay=5.0, cfg={"prepared": True})
    traces = program.acquire_decimated(soc, progress=False)[0] @ np.array([1, 1j])
    sums = traces.sum(axis=1)
    assert np.all(np.abs(sums[::2] - sums[0]) < np.abs(sums[::2] - sums[1]))
    assert np.all(np.abs(sums[1::2] - sums[1]) < np.abs(sums[1::2] - sums[0]))
    with pytest.raises(ModelError, match="remembers its last readout"):
        on.traces(soc.groups[0], soc.groups[0].windows)


def test_a_trace_with_another_window_is_of_the_qubits_that_it_hears() -> None:
    on = plant()
    shot = repetition(*look(0, 1e-6, 2e-6), *look(1, 1e-6, 2e-6), period=PERIOD)
    (only,) = on.traces(shot, shot.windows[1:])
    assert only.shape == (shot.windows[1].samples,)
