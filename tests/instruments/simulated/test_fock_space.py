"""The Fock space that the twin chooses, against one of more than twice its size, in the 4 K station's handshake."""

from pathlib import Path

import numpy as np
import pytest

from coldlink.instruments.simulated.fock_space import mode_space
from coldlink.physics import Accuracy, Controls, HotWindow, ModeSpace
from coldlink.sequences.units import MHz, ns
from coldlink.stations.declaration import declaration, truth

STATION = Path(__file__).parents[3] / "stations" / "sim_4k"
G = 2 * np.pi * 6.65 * MHz
LENGTH, SAMPLE = 39.6 * ns, 0.1 * ns


@pytest.mark.nightly
def test_the_populations_of_the_4_k_transfer_are_exact_to_1e_3():
    device = truth(STATION, declaration(STATION).design()).device
    rates, steps = device.rates(), round(LENGTH / SAMPLE)
    edge = np.clip(np.minimum(np.arange(steps) + 0.5, steps - np.arange(steps) - 0.5) * SAMPLE / (2 * ns), 0, 1)
    swap, rest = G * np.sin(np.pi / 2 * edge) ** 2, np.zeros(steps)
    zeros = np.zeros((2 * steps, rates.detuning.size))
    controls = Controls(
        duration=np.full(2 * steps, SAMPLE),
        qubit=np.zeros((2 * steps, 2)),
        coupling=np.stack([np.append(swap, rest), np.append(rest, swap)], axis=1),
        mode=zeros,
        load=zeros,
    )
    initial = np.full(rates.detuning.size, 0.1)
    chosen = mode_space(initial, rates, device.line.offsets, 2 * LENGTH)
    large = ModeSpace((9, 6, 6, 6), 11)
    assert len(large.states) > 2 * len(chosen.states)

    def received(modes: ModeSpace, excited: float) -> np.ndarray:
        window = HotWindow(
            rates=rates, controls=controls, modes=modes, initial=initial, read=frozenset([1]), accuracy=Accuracy()
        )
        start = np.kron(np.diag([1 - excited, excited, 0]), np.diag([0.98, 0.02, 0])).astype(complex)
        return np.diag(np.einsum("abac->bc", window.apply(start).qubits.reshape(3, 3, 3, 3))).real

    for excited in (0.02, 0.98):
        assert received(chosen, excited) == pytest.approx(received(large, excited), abs=1e-3)
