"""The plain solver on the oracle configuration: two levels, one mode, white dephasing, the 4 K and the 1 K set.

Load ramped off in 4 ns, gap of 4 ns, A to mode, mode to B with raised-cosine edges of 2 ns, wait of 5 ns. Two swaps
turn the qubit by pi about Z, which is applied here as a known phase: no figure is a maximum over phases.
"""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from coldlink.physics import reference
from coldlink.physics.bath import occupation, steady_state
from coldlink.physics.controls import Controls, Rates
from coldlink.sequences.units import GHz, MHz, ns

from ..parameter_sets import HOT, WARM

TURN = 2 * np.pi
G = TURN * 6.47 * MHz


@dataclass(frozen=True, kw_only=True)
class Setup:
    """One parameter set; wrong: P(read 1 given 0), P(read 0 given 1); swapped: preparation error plus p_th."""

    temperature: float
    quality: float
    load: float
    cold: float
    t1: float
    t_phi: float
    thermal: float
    preparation: float
    wrong: tuple[float, float]
    levels: tuple[int, int] = (2, 2)
    cutoffs: tuple[int, ...] = (8,)
    offsets: tuple[int, ...] = (0,)
    step: float = 0.5 * ns

    @property
    def swapped(self):
        return self.thermal + self.preparation

    @property
    def visibility(self):
        return 1 - sum(self.wrong)

    @property
    def rates(self):
        modes, qubits = np.ones(len(self.offsets)), np.ones(2)
        offsets = np.array(self.offsets)
        return Rates(
            anharmonicity=-TURN * 210 * MHz * qubits,
            relaxation=qubits / self.t1,
            excited=self.thermal * qubits,
            dephasing=qubits / self.t_phi,
            parity=np.array([modes, (-1.0) ** offsets]),
            internal=TURN * 5 * GHz / self.quality * modes,
            hot=occupation(5 * GHz, self.temperature) * modes,
            cold=self.cold * modes,
            detuning=TURN * 105 * MHz * offsets,
        )

    @property
    def cooled(self):
        """The modes as the open load leaves them."""
        rates = self.rates
        return reference.thermal(self.cutoffs, steady_state(rates.internal, rates.hot, self.load, rates.cold))

    def run(self, qubit_a, share, keep):
        """Reduced matrix of `keep` after A gave its share of the state to the mode, and the mode all to B."""
        qubit_b = self.mixture(self.thermal)
        rho = reference.product([self.padded(qubit_a), qubit_b], self.cooled)
        after = reference.propagate(rho, self.rates, self.controls(share), self.levels, self.cutoffs, step=self.step)
        return reference.reduce(after, keep, self.levels, self.cutoffs)

    def mixture(self, excited):
        return self.padded(np.diag([1 - excited, excited]))

    def padded(self, matrix):
        missing = self.levels[0] - len(matrix)
        return np.pad(np.asarray(matrix, dtype=complex), (0, missing))

    def controls(self, share):
        first, second = share * np.pi / 2 / G + 2 * ns, np.pi / 2 / G + 2 * ns
        total = 8 * ns + first + second + 5 * ns
        steps = round(total / (0.5 * ns))
        time = (np.arange(steps) + 0.5) * total / steps
        coupling = G * np.stack([pulse(time, 8 * ns, first), pulse(time, 8 * ns + first, second)], axis=1)
        load = np.where(time < 4 * ns, self.load * (1 + np.cos(np.pi * time / (4 * ns))) / 2, 0)
        modes = np.ones(len(self.offsets))
        return Controls(
            duration=np.full(steps, total / steps),
            qubit=np.zeros((steps, 2)),
            coupling=coupling,
            mode=np.zeros((steps, len(modes))),
            load=np.outer(load, modes),
        )


def pulse(time, start, duration, edge=2 * ns):
    """Flat top of one with raised-cosine edges; its area is duration - edge."""
    inside = np.clip(np.minimum(time - start, start + duration - time) / edge, 0, 1)
    return (1 - np.cos(np.pi * inside)) / 2


def process(setup):
    """Process fidelity, true and raw, and the mean leakage at B."""
    x = setup.swapped
    ground = setup.run(np.diag([1 - x, x]), 1, (1,))
    excited = setup.run(np.diag([x, 1 - x]), 1, (1,))
    coherence = -setup.run([[0, 0], [1 - 2 * x, 0]], 1, (1,))[1, 0].real
    right = ground[0, 0].real, excited[1, 1].real
    false_one, false_zero = setup.wrong
    read = (
        right[0] * (1 - false_one) + (1 - right[0]) * false_zero,
        right[1] * (1 - false_zero) + (1 - right[1]) * false_one,
    )
    leaked = 1 - np.trace(excited[:2, :2]).real
    true, raw = (sum(right) + 2 * coherence) / 4, (sum(read) + 2 * setup.visibility * coherence) / 4
    return true, raw, leaked


def bell(setup):
    """Bell fidelity, true and raw: Psi+ after the known Z turn, X and Y read with both signs, Z unflipped."""
    x = setup.swapped
    matrix = setup.run(np.diag([x, 1 - x]), 0.5, (0, 1))
    false_one, false_zero = setup.wrong
    confusion = np.array([[1 - false_one, false_zero], [false_one, 1 - false_zero]])
    populations = matrix.diagonal().real
    read = np.kron(confusion, confusion) @ populations
    coherence = -matrix[1, 2].real
    true = (populations[1] + populations[2]) / 2 + coherence
    return true, (read[1] + read[2]) / 2 + setup.visibility**2 * coherence


hot = Setup(quality=1e5, load=TURN * 13.4 * MHz, **HOT)
warm = Setup(quality=3.3e5, load=TURN * 13.43 * MHz, **WARM)


@pytest.mark.parametrize(("setup", "true", "raw"), [(hot, 0.679, 0.585), (warm, 0.958, 0.946)], ids=["4K", "1K"])
def test_the_process_fidelity_true_and_raw_is_that_of_the_set(setup, true, raw):
    assert process(setup)[:2] == pytest.approx((true, raw), abs=1e-3)


@pytest.mark.parametrize(("setup", "true", "raw"), [(hot, 0.708, 0.523), (warm, 0.960, 0.936)], ids=["4K", "1K"])
def test_the_bell_fidelity_true_and_raw_is_that_of_the_set(setup, true, raw):
    assert bell(setup) == pytest.approx((true, raw), abs=1e-3)


def test_the_load_of_13_4_megahertz_cools_the_line_to_0_060_photons():
    assert round(reference.occupations(hot.cooled, (), (8,))[0], 3) == 0.060


@pytest.mark.nightly
def test_an_anharmonicity_of_two_mode_spacings_lets_a_thermal_photon_carry_b_out_of_its_levels():
    resonant = replace(hot, levels=(3, 3), cutoffs=(6, 4), offsets=(0, -2), step=0.25 * ns)
    true, _, leaked = process(resonant)
    assert true == pytest.approx(0.547, abs=1e-3)
    assert leaked == pytest.approx(0.15, abs=5e-3)
