"""Trials: windows that are open together, and when the qubits are read."""

from dataclasses import replace

import pytest

from coldlink.instruments.simulated.trial import trials
from coldlink.sequences.errors import ModelError
from coldlink.stations.declaration import declaration
from coldlink.stations.truth_file import truth

from ...one_mode import STATIONS
from .rack import TONES, read, repetition, wave

HELD = truth(STATIONS / "sim_4k", declaration(STATIONS / "sim_4k").apparatus())


def test_windows_that_overlap_are_one_trial_and_others_are_not():
    found = trials(repetition(read(0, 1e-6), read(1, 1.2e-6), read(1, 200e-6)), HELD)
    assert [trial.qubits for trial in found] == [{0, 1}, {1}]
    assert found[0].starts == pytest.approx((1e-6, 1.2e-6))


def test_a_qubit_is_read_when_its_echo_leaves_not_when_the_window_opens():
    far = replace(HELD, resonators=(HELD.resonators[0], replace(HELD.resonators[1], delay=50e-9)))
    (trial,) = trials(repetition(read(0, 1e-6, 2e-6), read(1, 1e-6, 2e-6)), far)
    assert trial.starts == pytest.approx((1e-6, 1.043e-6))
    assert (trial.start, trial.end) == pytest.approx((1e-6, 3.043e-6))


def test_a_window_that_opens_too_early_reads_the_qubit_when_the_tone_comes():
    early = read(0, 0.9e-6, 2e-6)
    (trial,) = trials(repetition(wave(TONES, 1e-6, [0.1], rate=1 / 4e-6), early), HELD)
    assert (trial.start, trial.end) == pytest.approx((1e-6, 2.9e-6))


def test_no_window_is_no_trial():
    assert trials(repetition(), HELD) == []


def test_a_readout_that_nothing_is_wired_to_is_refused_with_those_that_are():
    with pytest.raises(ModelError, match=r"readout = 0: no resonator is wired to it; trigger one of \[2, 3\]"):
        trials(repetition(replace(read(0, 1e-6), readout=0)), HELD)
