"""The link's master equation on states of limited total excitation: a direct solution beside the package's solvers.

Of rho the elements <i| rho |j> of one difference of excitations are kept, as a vector. Every operator moves a state to
one other, so that each term of the Lindblad equation is a sparse matrix on that vector; a classical Runge-Kutta step
carries it. Model and symbols are those of `coldlink.physics.controls`, and only the numbers are taken from there.
"""

import itertools
from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array, diags_array

LEVELS = 3
STEP = 0.2e-9
"""Of the Runge-Kutta integration (s)."""


def truncated_fidelities(parameters, cutoffs, most):
    """Raw process and Bell fidelity of a set, with the phase of B's frame that is best."""
    rates, (false_one, false_zero) = parameters.device.rates(), parameters.wrong
    full, half = (
        replace(pulses, sample=STEP).controls(parameters.device)
        for pulses in (parameters.pulses, parameters.pulses.sharing())
    )
    load, swapped = full.load[0], parameters.thermal + parameters.preparation
    cooled = (rates.internal * rates.hot + load * rates.cold) / (rates.internal + load)
    read_one, visibility = np.array([false_one, 1 - false_zero, 1 - false_zero]), 1 - false_one - false_zero

    def prepared(*qubits):
        waiting = np.diag([1 - parameters.thermal, parameters.thermal, 0])
        return np.stack([np.kron(qubit, waiting) for qubit in qubits], axis=-1)

    zero, one = np.diag([1 - swapped, swapped, 0]), np.diag([swapped, 1 - swapped, 0])
    lower = np.zeros((LEVELS, LEVELS))
    lower[1, 0] = 1 - 2 * swapped
    sent = Truncated(rates, full, cutoffs, most, 0).after(prepared(zero, one), cooled)
    crossed = Truncated(rates, full, cutoffs, most, 1).after(prepared(lower), cooled)[..., 0]
    shared = Truncated(rates, half, cutoffs, most, 0).after(prepared(one), cooled)[..., 0]
    populations = np.einsum("ababk->kb", sent.reshape((LEVELS,) * 4 + (2,))).real
    right = 1 - populations[0] @ read_one, populations[1] @ read_one
    coherence = abs(np.einsum("abac->bc", crossed.reshape((LEVELS,) * 4))[1, 0])
    both = np.diag(shared).real.reshape(LEVELS, LEVELS)
    unlike = (1 - read_one) @ both @ read_one + read_one @ both @ (1 - read_one)
    process = (sum(right) + 2 * visibility * coherence) / 4
    return np.array([process, unlike / 2 + visibility**2 * abs(shared[1, LEVELS])])


class Truncated:
    """Two three-level qubits and modes with `cutoffs` Fock states, of at most `most` excitations in all.

    Controls may move couplings and load; of the detunings and of how the load divides among the modes the first counts.
    """

    def __init__(self, rates, controls, cutoffs, most, difference):
        self.rates, self.controls, self.cutoffs = rates, controls, cutoffs
        states = [s for s in itertools.product(*map(range, (LEVELS, LEVELS, *cutoffs))) if sum(s) <= most]
        self.numbers, self.place = np.array(states), {state: index for index, state in enumerate(states)}
        total = self.numbers.sum(axis=1)
        self.rows, self.columns = np.nonzero(total[:, None] - total[None, :] == difference)
        self.element = np.full((len(states),) * 2, -1)
        self.element[self.rows, self.columns] = np.arange(len(self.rows))

    def after(self, qubits, occupations):
        """Both qubits, (9, 9, K), after the controls, for K operators `qubits` (9, 9, K) at the begin."""
        controls, rho = self.controls, self._start(qubits, occupations)
        still, coupled, loaded = self._still(), [self._coupled(qubit) for qubit in range(2)], self._loaded()
        for duration, g, load in zip(controls.duration, controls.coupling, controls.load[:, 0], strict=True):
            terms = [(1.0, still), *zip(g, coupled, strict=True), (load, loaded)]
            generator = sum(factor * term for factor, term in terms if factor)
            k1 = generator @ rho
            k2 = generator @ (rho + duration / 2 * k1)
            k3 = generator @ (rho + duration / 2 * k2)
            k4 = generator @ (rho + duration * k3)
            rho = rho + duration / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        return self._qubits(rho)

    def _still(self):
        """What no control moves."""
        rates, qubits, modes = self.rates, self.numbers[:, :2], self.numbers[:, 2:]
        energy = (qubits * (qubits - 1) / 2) @ rates.anharmonicity + modes @ rates.detuning
        energy = energy + qubits @ self.controls.qubit[0]
        apart = (qubits[self.rows] - qubits[self.columns]) ** 2 @ rates.dephasing
        total = csr_array(diags_array(-1j * (energy[self.rows] - energy[self.columns]) - apart))
        for qubit in range(2):
            rate, excited = rates.relaxation[qubit], rates.excited[qubit]
            total += rate * (1 - excited) * self._dissipator(qubit, -1) + rate * excited * self._dissipator(qubit, 1)
        for mode, (kappa, n) in enumerate(zip(rates.internal, rates.hot, strict=True), start=2):
            total += kappa * (n + 1) * self._dissipator(mode, -1) + kappa * n * self._dissipator(mode, 1)
        return csr_array(total)

    def _loaded(self):
        """For a load of 1/s at the communication mode."""
        shares = self.controls.load[0] / self.controls.load[0, 0]
        return csr_array(
            sum(
                share * ((n + 1) * self._dissipator(mode, -1) + n * self._dissipator(mode, 1))
                for mode, (share, n) in enumerate(zip(shares, self.rates.cold, strict=True), start=2)
            )
        )

    def _coupled(self, qubit):
        """-i [sum_m parity_m (b c_m+ + b+ c_m), rho]."""
        here = np.arange(len(self.numbers)), np.ones(len(self.numbers))
        total = csr_array((len(self.rows),) * 2, dtype=complex)
        for mode, parity in enumerate(self.rates.parity[qubit], start=2):
            for change in (1, -1):
                hop = self._moved((qubit, -change), (mode, change))
                total += -1j * parity * (self._both(hop, here) - self._both(here, hop))
        return csr_array(total)

    def _dissipator(self, part, change):
        """D[a] or D[a+]; what would leave the space stays."""
        jump = self._moved((part, change))
        lost = jump[1] ** 2
        gone = diags_array(-(lost[self.rows] + lost[self.columns]) / 2 + 0j)
        return csr_array(self._both(jump, jump) + gone)

    def _moved(self, *changes):
        """Where each state goes by lowering (-1) or raising (1) some parts, -1 for nowhere, and with what amplitude."""
        target, amplitude = np.full(len(self.numbers), -1), np.zeros(len(self.numbers))
        for index, state in enumerate(self.numbers):
            moved, value = state.copy(), 1.0
            for part, change in changes:
                value *= np.sqrt(max(moved[part], moved[part] + change))
                moved[part] += change
            target[index] = self.place.get(tuple(moved.tolist()), -1)
            amplitude[index] = value if target[index] >= 0 else 0.0
        return target, amplitude

    def _both(self, left, right):
        """O rho P+."""
        (to_row, by_row), (to_column, by_column) = left, right
        weight = by_row[self.rows] * by_column[self.columns]
        source = np.flatnonzero(weight)
        into = self.element[to_row[self.rows[source]], to_column[self.columns[source]]]
        return csr_array((weight[source].astype(complex), (into, source)), shape=(len(self.rows),) * 2)

    def _start(self, qubits, occupations):
        """Of a product with thermal modes."""
        weight = np.ones(len(self.numbers))
        for mode, (n, cutoff) in enumerate(zip(occupations, self.cutoffs, strict=True), start=2):
            thermal = (n / (1 + n)) ** np.arange(cutoff)
            weight *= (thermal / thermal.sum())[self.numbers[:, mode]]
        row, column, alike = self._levels()
        return np.where(alike, weight[self.rows], 0.0)[:, None] * qubits[row, column]

    def _qubits(self, rho):
        row, column, alike = self._levels()
        found = np.zeros((LEVELS**2, LEVELS**2, rho.shape[1]), complex)
        np.add.at(found, (row[alike], column[alike]), rho[alike])
        return found

    def _levels(self):
        """Both qubits' state of rows and of columns of each element, and whether the photons are the same."""
        qubits = LEVELS * self.numbers[:, 0] + self.numbers[:, 1]
        alike = np.all(self.numbers[self.rows, 2:] == self.numbers[self.columns, 2:], axis=1)
        return qubits[self.rows], qubits[self.columns], alike
