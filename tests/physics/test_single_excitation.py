import numpy as np
import pytest

from coldlink.physics.controls import Controls, Rates
from coldlink.physics.hot_window import HotWindow
from coldlink.physics.single_excitation import amplitudes
from coldlink.sequences.units import MHz, ns

TURN = 2 * np.pi
G = TURN * 6.65 * MHz
OFFSETS = np.array([0, -1, 1])


def cold_link():
    zero = np.zeros(2)
    return Rates(
        anharmonicity=np.full(2, -TURN * 210 * MHz),
        relaxation=zero,
        excited=zero,
        dephasing=zero,
        parity=np.array([np.ones(3), (-1.0) ** OFFSETS]),
        internal=np.zeros(3),
        hot=np.zeros(3),
        cold=np.zeros(3),
        detuning=TURN * 140 * MHz * OFFSETS,
    )


def handshake(detuning=(0.0, 0.0), share=1.0):
    lengths = share * np.pi / 2 / G, np.pi / 2 / G
    pieces = [round(length / (0.2 * ns)) for length in lengths]
    steps = sum(pieces)
    on = np.repeat([[1.0, 0.0], [0.0, 1.0]], pieces, axis=0)
    return Controls(
        duration=np.repeat(np.array(lengths) / pieces, pieces),
        qubit=np.tile(detuning, (steps, 1)),
        coupling=G * on,
        mode=np.full((steps, 3), TURN * 1 * MHz),
        load=np.zeros((steps, 3)),
    )


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("detuning", [(0.0, 0.0), (TURN * 2 * MHz, -TURN * 5 * MHz)])
def test_it_is_the_hot_window_at_zero_photons_without_loss(start, detuning):
    rates, controls = cold_link(), handshake(detuning, share=0.5)
    window = HotWindow(
        rates=rates,
        controls=controls,
        initial=np.zeros(3),
        read=frozenset({0, 1}),
        error=1e-8,
    )
    excited = 3 if start == 0 else 1
    state = np.zeros((9, 9), complex)
    state[0, 0] = state[excited, excited] = state[0, excited] = state[excited, 0] = 0.5
    after = window.apply(state)
    found = amplitudes(rates, controls, start)
    np.testing.assert_allclose(after.qubits[[3, 1], 0] * 2, found[:2], atol=1e-7)
    np.testing.assert_allclose(after.occupations * 2, np.abs(found[2:]) ** 2, atol=1e-7)


def test_two_resonant_swaps_through_one_mode_turn_the_state_by_half_a_turn():
    rates, controls = cold_link(), handshake()
    alone = Rates(**{**vars(rates), "parity": rates.parity * [1, 0, 0]})
    still = Controls(**{**vars(controls), "mode": 0 * controls.mode})
    np.testing.assert_allclose(amplitudes(alone, still, 0), [0, -1, 0, 0, 0], atol=1e-12)


def test_the_excitation_is_kept():
    found = amplitudes(cold_link(), handshake((TURN * 3 * MHz, 0.0)), 0)
    assert np.sum(np.abs(found) ** 2) == pytest.approx(1, abs=1e-12)
