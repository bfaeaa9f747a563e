"""A coupler that is on at rest: rates, shift and dephasing against the slow eigenvalues of QuTiP's Liouvillian."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pytest
import qutip

from coldlink.physics import Controls, Rates
from coldlink.physics.resting_contact import resting_contact

TWO_PI = 2 * np.pi
MHZ = TWO_PI * 1e6
ONE = np.ones(1)
HOT = 16.0
INTERNAL = TWO_PI * 50e3


@dataclass(frozen=True, kw_only=True)
class Case:
    """One qubit and one mode, all in rad/s."""

    g: float
    delta: float
    load: float
    hot: float = HOT
    cutoff: int = 7

    @property
    def rates(self) -> Rates:
        return Rates(
            anharmonicity=-210 * MHZ * ONE,
            relaxation=ONE / 15e-6,
            excited=0.02 * ONE,
            dephasing=ONE / 3e-6,
            parity=np.ones((1, 1)),
            internal=INTERNAL * ONE,
            hot=self.hot * ONE,
            cold=0 * ONE,
            detuning=0 * ONE,
        )

    @property
    def rest(self) -> Controls:
        one = np.ones((1, 1))
        return Controls(duration=ONE, qubit=self.delta * one, coupling=self.g * one, mode=0 * one, load=self.load * one)

    @property
    def found(self):
        return resting_contact(self.rates, self.rest)

    @property
    def rested(self) -> Rates:
        return self.found.added(self.rates, (0,))

    @cached_property
    def liouvillian(self) -> qutip.Qobj:
        b = qutip.tensor(qutip.destroy(3), qutip.qeye(self.cutoff))
        c = qutip.tensor(qutip.qeye(3), qutip.destroy(self.cutoff))
        energy = self.delta * b.dag() * b - 105 * MHZ * b.dag() ** 2 * b**2 + self.g * (b.dag() * c + b * c.dag())
        emitted, absorbed = INTERNAL * (self.hot + 1) + self.load, INTERNAL * self.hot
        jumps = [
            np.sqrt(0.98 / 15e-6) * b,
            np.sqrt(0.02 / 15e-6) * b.dag(),
            np.sqrt(2 / 3e-6) * b.dag() * b,
            np.sqrt(emitted) * c,
            np.sqrt(absorbed) * c.dag(),
        ]
        return qutip.liouvillian(energy, jumps)

    def populations(self) -> np.ndarray:
        return qutip.steadystate(self.liouvillian).ptrace(0).diag().real

    def slowest_decay(self) -> float:
        """Of the populations (1/s)."""
        values = np.linalg.eigvals(self.liouvillian.full())
        return float(np.sort(-values[np.abs(values.imag) < 1e3].real)[1])

    def coherence(self) -> complex:
        """Eigenvalue of the 0-1 coherence: its decay, and the qubit's frequency."""
        values = np.linalg.eigvals(self.liouvillian.full())
        near = values[np.abs(np.abs(values.imag) - abs(self.delta)) < 0.5 * MHZ]
        slow = near[np.argmax(near.real)]
        return complex(-slow.real, np.sign(self.delta) * abs(slow.imag))


WEAK = [
    Case(g=0.3 * MHZ, delta=70 * MHZ, load=12 * MHZ),
    Case(g=0.3 * MHZ, delta=10 * MHZ, load=12 * MHZ),
    Case(g=0.3 * MHZ, delta=-25 * MHZ, load=12 * MHZ),
    Case(g=1.0 * MHZ, delta=70 * MHZ, load=1 * MHZ),
    Case(g=2.0 * MHZ, delta=-80 * MHZ, load=2 * MHZ),
]


@pytest.mark.parametrize("case", WEAK)
def test_a_weak_contact_relaxes_and_excites_its_qubit_as_the_whole_model_does(case):
    rates = case.rested
    assert case.populations()[1] == pytest.approx(rates.excited[0], rel=0.06)
    assert abs(case.populations()[1] - rates.excited[0]) < case.found.error + 1e-4
    assert case.slowest_decay() == pytest.approx(rates.relaxation[0], rel=0.15)


@pytest.mark.parametrize("case", WEAK)
def test_a_weak_contact_moves_and_dephases_its_qubit_as_the_whole_model_does(case):
    found, exact = case.found, case.coherence()
    relaxation, excited = case.rested.relaxation[0], case.rested.excited[0]
    decay = relaxation * ((1 - excited) / 2 + 1.5 * excited) + case.rested.dephasing[0]
    assert exact.real == pytest.approx(decay, rel=0.04)
    assert exact.imag - case.delta == pytest.approx(found.shift[0], rel=0.1)
    assert abs(found.shift[0]) > 1e3


def test_on_resonance_the_exchange_is_that_of_the_golden_rule():
    case = Case(g=0.1 * MHZ, delta=0.0, load=12 * MHZ)
    kappa = INTERNAL + case.load
    added = case.rested.relaxation[0] - 1 / 15e-6
    n = INTERNAL * HOT / kappa
    assert added == pytest.approx(4 * case.g**2 / kappa * (2 * n + 1), rel=0.05)
    assert case.populations()[1] == pytest.approx(case.rested.excited[0], rel=0.03)


@pytest.mark.parametrize("occupation", [0.1, 1.0, 16.0])
def test_in_strong_contact_the_qubit_is_as_warm_as_the_mode(occupation):
    case = Case(g=6 * MHZ, delta=0.0, load=0.0, hot=occupation)
    assert case.rested.excited[0] == pytest.approx(occupation / (2 * occupation + 1), rel=0.01)
    assert case.found.error > 0.9
    assert case.rested.relaxation[0] < 2.1 * 6 * MHZ * np.sqrt(2 * occupation + 1)


def test_a_coupler_that_is_off_changes_nothing():
    case = Case(g=0.0, delta=3 * MHZ, load=MHZ)
    assert case.found.shift[0] == case.found.error == 0
    for name in ("relaxation", "excited", "dephasing"):
        assert getattr(case.rested, name) == pytest.approx(getattr(case.rates, name))
    assert case.found.occupations[0] == pytest.approx(INTERNAL * HOT / (INTERNAL + MHZ))
