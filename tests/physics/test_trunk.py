"""Windows that begin alike share their beginning, and nothing but their beginning."""

from dataclasses import fields

import numpy as np
import pytest

import coldlink.physics.stepper as stepper_module
from coldlink.physics.controls import Controls, Rates
from coldlink.physics.space import ModeSpace
from coldlink.physics.stepper import Stepper
from coldlink.physics.window import HotWindow
from coldlink.sequences.units import MHz, kHz, ns

SAMPLE = 0.1 * ns
MODES = ModeSpace((6, 4), 6)
RATES = Rates(
    anharmonicity=-2 * np.pi * 210 * MHz * np.ones(1),
    relaxation=np.array([0.1 * MHz]),
    excited=np.array([0.02]),
    dephasing=np.array([0.3 * MHz]),
    parity=np.ones((1, 2)),
    internal=2 * np.pi * 50 * kHz * np.ones(2),
    hot=np.full(2, 8.0),
    cold=np.zeros(2),
    detuning=2 * np.pi * 140 * MHz * np.array([0.0, -1.0]),
)
GROUND = np.diag([0.98, 0.02, 0.0]).astype(complex)


def window(length, coupling=6.65 * MHz):
    """A contact of `length` with edges of 2 ns."""
    steps = round(length / SAMPLE)
    time = (np.arange(steps) + 0.5) * SAMPLE
    edge = np.clip(np.minimum(time, length - time) / (2 * ns), 0, 1)
    # Whole hertz, as a converter's codes would have it: equal samples are then equal to the last bit.
    g = np.round(2 * np.pi * coupling * np.sin(np.pi / 2 * edge) ** 2)
    controls = Controls(
        duration=np.full(steps, SAMPLE),
        qubit=np.zeros((steps, 1)),
        coupling=g[:, None],
        mode=np.zeros((steps, 2)),
        load=np.zeros((steps, 2)),
    )
    return HotWindow(
        rates=RATES, controls=controls, modes=MODES, initial=np.array([0.1, 0.1]), read=frozenset([0]), levels=3
    )


@pytest.fixture
def rotations(monkeypatch):
    """Counts rotations in a stepper that nobody has used before."""
    counted = []
    rotate = stepper_module._rotate
    fresh = Stepper(RATES, MODES, 3)
    monkeypatch.setattr("coldlink.physics.window.stepper", lambda *_: fresh)
    monkeypatch.setattr(stepper_module, "_rotate", lambda *given: (counted.append(1), rotate(*given)))
    return counted


def test_a_longer_contact_goes_on_from_where_a_shorter_one_was(rotations) -> None:
    window(60 * ns).apply(GROUND)
    first = len(rotations)
    window(68 * ns).apply(GROUND)
    assert len(rotations) - first < first * 0.7


@pytest.mark.parametrize("length", [30 * ns, 44.3 * ns, 68 * ns])
def test_what_went_before_does_not_change_a_window(rotations, length) -> None:
    alone = window(length).apply(GROUND)
    for other in (20 * ns, 37 * ns, 60 * ns, 80 * ns):
        window(other).apply(GROUND)
    again = window(length).apply(GROUND)
    assert np.allclose(again.qubits, alone.qubits, rtol=0, atol=1e-12)
    assert np.allclose(again.occupations, alone.occupations, rtol=0, atol=1e-12)


def test_another_coupling_or_another_state_shares_nothing(rotations) -> None:
    window(60 * ns).apply(GROUND)
    first = len(rotations)
    window(60 * ns, coupling=6.7 * MHz).apply(GROUND)
    assert len(rotations) == 2 * first
    window(60 * ns).apply(np.diag([0.5, 0.5, 0.0]).astype(complex))
    assert len(rotations) == 3 * first


def test_every_field_of_the_controls_is_in_the_name_of_a_state() -> None:
    assert [field.name for field in fields(Controls)] == ["duration", "qubit", "coupling", "mode", "load"]
