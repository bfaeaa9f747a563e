"""Modes that a contact follows: all of a cold line, the resonant one of a hot one."""

from dataclasses import replace

import numpy as np
import pytest

from coldlink.instruments.simulated.mode_selection import LARGEST, select_modes
from coldlink.physics import Accuracy, Controls, HotWindow
from coldlink.sequences.errors import ModelError
from coldlink.stations.declaration import declaration
from coldlink.stations.truth_file import truth

from ...one_mode import STATIONS

TWO_PI = 2 * np.pi
DEVICE = truth(STATIONS / "sim_4k", declaration(STATIONS / "sim_4k").design()).device
RATES, OFFSETS = DEVICE.rates(), DEVICE.line.offsets


def meeting(mode: int = 0, duration: float = 40e-9) -> Controls:
    """A on resonance with a mode; the load closed."""
    steps = round(duration / 1e-9)
    qubit = np.zeros((steps, 2))
    qubit[:, 0] = RATES.detuning[mode]
    return Controls(
        duration=np.full(steps, 1e-9),
        qubit=qubit,
        coupling=np.tile([TWO_PI * 6.65e6, 0.0], (steps, 1)),
        mode=np.zeros((steps, 4)),
        load=np.zeros((steps, 4)),
    )


def selected(occupation: float, controls: Controls):
    return select_modes(controls, RATES, OFFSETS, np.full(4, occupation))


def test_of_a_cooled_line_all_modes_are_kept_and_nothing_is_left_out():
    found = selected(0.09, meeting())
    assert found.kept == (0, 1, 2, 3)
    assert found.error == 0


@pytest.mark.parametrize("mode", [0, 1, 2, 3])
def test_of_a_hot_line_the_mode_that_the_qubit_is_on_is_kept(mode):
    found = selected(16.0, meeting(mode))
    assert found.kept == (mode,)
    assert found.space.cutoffs[0] > 5 * 17
    assert found.error > 0.05


def test_a_warmer_line_loses_modes_one_after_the_other_and_the_error_says_so():
    found = [selected(n, meeting()) for n in (0.1, 0.8, 3.0, 16.0)]
    assert [len(one.kept) for one in found] == sorted((len(one.kept) for one in found), reverse=True)
    assert [one.error for one in found] == sorted(one.error for one in found)
    assert all(len(one.space.states) <= LARGEST for one in found)
    assert all(0 in one.kept for one in found)


def test_a_mode_that_cannot_be_followed_even_alone_is_refused():
    with pytest.raises(ModelError, match="occupation of the line"):
        selected(1e4, meeting())


def after(selection, controls: Controls, occupation: float, first: np.ndarray) -> np.ndarray:
    """State of A, which began in `first` of two levels."""
    kept = list(selection.kept)
    window = HotWindow(
        rates=selection.rates(RATES),
        controls=selection.controls(controls),
        modes=selection.space,
        initial=np.full(len(kept), occupation),
        read=frozenset([0]),
        accuracy=Accuracy(),
    )
    start = np.kron(np.pad(first, (0, 1)), np.diag([1.0, 0.0, 0.0])).astype(complex)
    return np.einsum("abcb->ac", window.apply(start).qubits.reshape(3, 3, 3, 3))


def populations(selection, controls: Controls, occupation: float) -> np.ndarray:
    return np.diag(after(selection, controls, occupation, np.eye(2) / 2)).real


@pytest.mark.parametrize("occupation", [0.09, 0.4])
def test_leaving_out_a_mode_changes_less_than_the_error_says_and_without_its_shift_more(occupation, monkeypatch):
    controls = meeting()
    full = selected(occupation, controls)
    monkeypatch.setattr("coldlink.instruments.simulated.mode_selection.LARGEST", len(full.space.states) - 1)
    fewer = selected(occupation, controls)
    assert len(fewer.kept) < len(full.kept)
    whole, shifted, bare = (
        populations(one, controls, occupation) for one in (full, fewer, replace(fewer, shift=0 * fewer.shift))
    )
    changed, without = np.max(np.abs(shifted - whole)), np.max(np.abs(bare - whole))
    assert fewer.error / 30 < changed < fewer.error
    assert changed < without < 1.5 * fewer.error


def test_a_coherence_turns_as_if_the_mode_that_is_left_out_were_there(monkeypatch):
    """30 MHz beside a mode; a far one shifts the qubit by 0.3 MHz, which is 0.1 rad in the whole contact."""
    controls, occupation = meeting(duration=60e-9), 0.3
    controls.qubit[:, 0] += TWO_PI * 30e6
    full = selected(occupation, controls)
    monkeypatch.setattr("coldlink.instruments.simulated.mode_selection.LARGEST", len(full.space.states) - 1)
    fewer = selected(occupation, controls)
    assert len(fewer.kept) == len(full.kept) - 1
    both, without = (after(one, controls, occupation, np.full((2, 2), 0.5))[0, 1] for one in (full, fewer))
    unshifted = after(replace(fewer, shift=0 * fewer.shift), controls, occupation, np.full((2, 2), 0.5))[0, 1]
    assert abs(np.angle(both / unshifted)) > 0.06
    assert abs(np.angle(both / without)) < 0.01


def test_a_qubit_turns_in_a_hot_mode_as_the_closed_form_says():
    """An excitation number of n + 1 turns with g sqrt(n + 1): P_e = sum_n p_n cos^2(g sqrt(n + 1) t) without loss."""
    controls, occupation = meeting(), 16.0
    found = selected(occupation, controls)
    n = np.arange(found.space.cutoffs[0])
    weights = (occupation / (1 + occupation)) ** n
    weights /= weights.sum()
    turned = np.cos(TWO_PI * 6.65e6 * np.sqrt(n + 1) * 40e-9) ** 2, np.sin(TWO_PI * 6.65e6 * np.sqrt(n) * 40e-9) ** 2
    expected = 0.5 * (weights @ turned[0] + weights @ turned[1])
    # The 1-2 transition is 210 MHz away, where 16 photons move about 2 %; loss and heating add about as much.
    assert populations(found, controls, occupation)[1] == pytest.approx(expected, abs=0.04)
