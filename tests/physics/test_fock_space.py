"""The Fock space that the twin chooses, against one of more than twice its size, in the 4 K station's protocols."""

from pathlib import Path

import numpy as np
import pytest

from coldlink.physics import Accuracy, Controls, HotWindow, ModeSpace
from coldlink.physics.fock_space import mode_space, smaller
from coldlink.sequences.units import MHz, ns
from coldlink.stations.declaration import declaration
from coldlink.stations.truth_file import truth

STATION = Path(__file__).parents[2] / "stations" / "sim_4k"
G = 2 * np.pi * 6.65 * MHz
SWAP, HALF_SWAP, SAMPLE = 39.6 * ns, 20.8 * ns, 0.1 * ns


def played(length: float, modes: int) -> Controls:
    """A's coupler for `length` (s), then B's for a swap."""
    pulses = []
    for duration in (length, SWAP):
        steps = round(duration / SAMPLE)
        edge = np.minimum(np.arange(steps) + 0.5, steps - np.arange(steps) - 0.5) * SAMPLE / (2 * ns)
        pulses.append(G * np.sin(np.pi / 2 * np.clip(edge, 0, 1)) ** 2)
    first, second = pulses
    steps = first.size + second.size
    return Controls(
        duration=np.full(steps, SAMPLE),
        qubit=np.zeros((steps, 2)),
        coupling=np.stack([np.append(first, 0 * second), np.append(0 * first, second)], axis=1),
        mode=np.zeros((steps, modes)),
        load=np.zeros((steps, modes)),
    )


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("length", "read", "large"),
    [(SWAP, {1}, ModeSpace((10, 7, 6, 5), 12)), (HALF_SWAP, {0, 1}, ModeSpace((9, 6, 6, 5), 11))],
    ids=["transfer", "Bell"],
)
def test_the_populations_of_the_4_k_station_are_exact_to_what_is_reported_and_that_is_below_1e_3(length, read, large):
    device = truth(STATION, declaration(STATION).design()).device
    rates = device.rates()
    initial = np.full(rates.detuning.size, 0.1)
    chosen = mode_space(initial, rates, device.line.offsets, length + SWAP)
    assert len(large.states) > 2 * len(chosen.states)

    def window(modes: ModeSpace, coarse: ModeSpace | None, lane: float) -> HotWindow:
        return HotWindow(
            rates=rates,
            controls=played(length, rates.detuning.size),
            modes=modes,
            initial=initial,
            read=frozenset(read),
            coarse_modes=coarse,
            accuracy=Accuracy(lane=lane),
        )

    coarse, fine = window(chosen, smaller(chosen), 1e-4), window(large, None, 1e-5)
    for excited in (0.02, 0.98):
        start = np.kron(np.diag([1 - excited, excited, 0]), np.diag([0.98, 0.02, 0])).astype(complex)
        outcome, truly = coarse.apply(start), fine.apply(start)
        wrong = np.diag(outcome.qubits - truly.qubits).real
        assert np.max(np.abs(wrong)) < outcome.error < 1e-3
