"""Quantum trajectories of the link with several modes: pure states, jumps at random times, no density matrix.

Written apart from coldlink.physics' solvers: a wave function over Fock states, from each of which tables lead to the
others, and Runge-Kutta steps in the picture that turns with the modes' detunings and the anharmonicities. A thermal
mode starts in a random Fock state, so that few numbers of excitations need be followed at a time. Frame: the
communication mode's frequency, load closed, couplers off.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit

from coldlink.physics import Controls, Device

LEVELS = 3
PLANCK = 4.7992430733e-11
"""h / k (K s)."""
TOGETHER = 4
"""Samples of the controls that are averaged to one step: 0.42 ns at the processor's 9.58 GHz."""


@dataclass(frozen=True)
class Trajectories:
    """`device` with Fock states n_m < cutoffs[m] of its modes and at most `maximum` photons together."""

    device: Device
    cutoffs: tuple[int, ...]
    maximum: int

    def of_b(
        self, controls: Controls, rho_a: np.ndarray, thermal_b: np.ndarray, load: float, rng: np.random.Generator, count
    ) -> np.ndarray:
        """State of B after each of `count` trajectories, shape (count, 3, 3), which begin in thermal equilibrium.

        load: kappa_load of all modes before (rad/s). thermal_b: Populations of B.
        """
        weights, vectors = np.linalg.eigh(rho_a)
        kinds = rng.choice(LEVELS, size=count, p=np.clip(weights, 0, None) / np.clip(weights, 0, None).sum())
        found = np.empty((count, LEVELS, LEVELS), complex)
        played = averaged(controls)
        tables, rates, steps = self._tables, self._rates(played), self._steps(played)
        for index in range(count):
            psi, first, last = self._start(vectors[:, kinds[index]], rng.choice(LEVELS, p=thermal_b), load, rng)
            found[index] = _follow(psi, first, last, tables, rates, steps, rng)
        return found

    @cached_property
    def numbers(self) -> np.ndarray:
        """Of A, B and each mode in each state, shape (states, 2 + modes); in order of their sum."""
        grid = np.indices((LEVELS, LEVELS, *self.cutoffs)).reshape(2 + len(self.cutoffs), -1).T
        kept = grid[grid[:, 2:].sum(axis=1) <= self.maximum]
        return np.ascontiguousarray(kept[np.argsort(kept.sum(axis=1), kind="stable")])

    @cached_property
    def frequencies(self) -> np.ndarray:
        """Of the modes, from `device.line`: the communication mode's number gives its neighbours' (Hz)."""
        return np.asarray(self.device.line.mode_frequencies, float)

    def hot(self) -> np.ndarray:
        """Planck's occupation of each mode's bath."""
        return 1 / np.expm1(PLANCK * self.frequencies / self.device.line_temperature)

    def internal(self) -> np.ndarray:
        """kappa_i of each mode (rad/s)."""
        return 2 * np.pi * self.frequencies / self.device.line.quality

    def _start(self, a: np.ndarray, level_b: int, load: float, rng: np.random.Generator) -> tuple:
        kappa, cold = self.internal(), self.device.load_occupation
        n = (kappa * self.hot() + load * cold) / (kappa + load)
        photons = rng.geometric(1 / (1 + n)) - 1
        while np.any(photons >= self.cutoffs) or photons.sum() > self.maximum:
            photons = rng.geometric(1 / (1 + n)) - 1
        psi = np.zeros(len(self.numbers), complex)
        for level in range(LEVELS):
            psi[self._places[(level, level_b, *photons.tolist())]] = a[level]
        total = level_b + int(photons.sum())
        return psi, total, total + LEVELS - 1

    @cached_property
    def _places(self) -> dict[tuple[int, ...], int]:
        return {tuple(state): index for index, state in enumerate(self.numbers.tolist())}

    @cached_property
    def _tables(self) -> tuple:
        """Beginning of each sum of numbers, numbers, state above and below in each part (or -1), energies,
        and by how much a hop of each qubit into each mode changes them from each level."""
        numbers, parts = self.numbers, self.numbers.shape[1]
        above = np.full(numbers.shape, -1)
        for index, state in enumerate(numbers.tolist()):
            for part in range(parts):
                raised = (*state[:part], state[part] + 1, *state[part + 1 :])
                above[index, part] = self._places.get(raised, -1)
        below = np.full(numbers.shape, -1)
        for part in range(parts):
            moved = np.flatnonzero(above[:, part] >= 0)
            below[above[moved, part], part] = moved
        sums = numbers.sum(axis=1)
        begins = np.searchsorted(sums, np.arange(sums[-1] + 2 + LEVELS))
        alpha = [2 * np.pi * qubit.transmon.anharmonicity for qubit in self.device.qubits]
        energies = 2 * np.pi * numbers[:, 2:] @ (self.frequencies - self.device.mode_frequency)
        for qubit in (0, 1):
            energies = energies + alpha[qubit] / 2 * numbers[:, qubit] * (numbers[:, qubit] - 1)
        level = np.arange(LEVELS)
        detuning = 2 * np.pi * (self.frequencies - self.device.mode_frequency)
        changes = detuning[None, :, None] - np.array(alpha)[:, None, None] * (level - 1)
        return begins, numbers, above, below, energies, changes

    def _rates(self, controls: Controls) -> tuple:
        """Jumps down and up of each part in each step, shape (steps, parts), and dephasing of each qubit (1/s)."""
        steps, cold = len(controls.duration), self.device.load_occupation
        kappa, hot, qubits = self.internal(), self.hot(), self.device.qubits
        up = np.hstack([np.tile([q.residual_population / q.t1 for q in qubits], (steps, 1)), controls.load * cold])
        down = np.hstack([np.tile([1 / q.t1 for q in qubits], (steps, 1)), controls.load * (1 + cold)])
        down[:, :2] -= up[:, :2]
        up[:, 2:] += kappa * hot
        down[:, 2:] += kappa * (1 + hot)
        return down, up, np.array([2 / q.t_phi for q in qubits])

    def _steps(self, controls: Controls) -> tuple:
        """Durations, couplings (steps, 2, modes), and what multiplies each state in each step (steps, states)."""
        down, up, dephasing = self._rates(controls)
        _, numbers, above, *_ = self._tables
        signs = np.array([np.ones(len(self.cutoffs)), (-1.0) ** np.array(self.device.line.offsets)])
        turn = np.hstack([controls.qubit, controls.mode]) @ numbers.T
        loss = down @ numbers.T + up @ np.where(above >= 0, numbers + 1, 0).T + dephasing @ numbers[:, :2].T ** 2
        return controls.duration, controls.coupling[:, :, None] * signs, -1j * turn - loss / 2


def averaged(controls: Controls) -> Controls:
    """`controls` on longer steps."""
    edges = np.arange(0, len(controls.duration), TOGETHER)
    length = np.add.reduceat(controls.duration, edges)

    def mean(values: np.ndarray) -> np.ndarray:
        return np.add.reduceat(values * controls.duration[:, None], edges, axis=0) / length[:, None]

    return Controls(
        duration=length,
        qubit=mean(controls.qubit),
        coupling=mean(controls.coupling),
        mode=mean(controls.mode),
        load=mean(controls.load),
    )


@njit
def _slope(psi, first, tables, coupling, factors, time):
    """-i H psi for the states from `first` on."""
    _, numbers, above, below, _, changes = tables
    out = factors[first : first + len(psi)] * psi
    hops = -1j * np.exp(1j * changes * time)
    for state in range(len(psi)):
        i = first + state
        for qubit in range(2):
            lowered = below[i, qubit]
            if lowered < 0:
                continue
            for mode in range(coupling.shape[1]):
                j = above[lowered, 2 + mode]
                if j >= 0:
                    size = coupling[qubit, mode] * np.sqrt(numbers[i, qubit] * numbers[j, 2 + mode])
                    hop = size * hops[qubit, mode, numbers[i, qubit]]
                    out[j - first] += hop * psi[state]
                    out[state] -= np.conj(hop) * psi[j - first]
    return out


@njit
def _stepped(psi, first, tables, coupling, factors, time, step):
    """The states from `first` on after `step` (s), by classical Runge-Kutta."""
    k1 = _slope(psi, first, tables, coupling, factors, time)
    k2 = _slope(psi + step / 2 * k1, first, tables, coupling, factors, time + step / 2)
    k3 = _slope(psi + step / 2 * k2, first, tables, coupling, factors, time + step / 2)
    k4 = _slope(psi + step * k3, first, tables, coupling, factors, time + step)
    return psi + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


@njit
def _jumped(psi, first, last, tables, down, up, dephasing, time, chance):
    """`psi` after one jump, normalised, and by how much its sum of numbers changed."""
    _, numbers, above, below, energies, _ = tables
    parts = numbers.shape[1]
    weights = np.zeros(3 * parts)
    for i in range(first, last):
        weight = abs(psi[i]) ** 2
        for part in range(parts):
            weights[part] += weight * down[part] * numbers[i, part]
            if above[i, part] >= 0:
                weights[parts + part] += weight * up[part] * (numbers[i, part] + 1)
            if part < 2:
                weights[2 * parts + part] += weight * dephasing[part] * numbers[i, part] ** 2
    summed = np.cumsum(weights)
    kind = np.searchsorted(summed, chance * summed[-1], side="right")
    part, after = kind % parts, np.zeros_like(psi)
    for i in range(first, last):
        if kind >= 2 * parts:
            after[i] = numbers[i, part] * psi[i]
            continue
        j = above[i, part] if kind >= parts else below[i, part]
        if j >= 0:
            amplitude = np.sqrt(max(numbers[i, part], numbers[j, part]))
            after[j] = amplitude * psi[i] * np.exp(1j * (energies[j] - energies[i]) * time)
    change = 0 if kind >= 2 * parts else (1 if kind >= parts else -1)
    return after / np.sqrt(np.sum(np.abs(after) ** 2)), change


@njit
def _follow(psi, lowest, highest, tables, rates, steps, rng):
    """State of B after one trajectory, shape (3, 3)."""
    begins, numbers, above, _, energies, _ = tables
    durations, couplings, factors = steps
    time, limit = 0.0, rng.random()
    for index in range(len(durations)):
        left, coupling, factor = durations[index], couplings[index], factors[index]
        while left > 0:
            first, last = begins[max(0, lowest)], begins[highest + 1]
            before = np.sum(np.abs(psi[first:last]) ** 2)
            after = _stepped(psi[first:last], first, tables, coupling, factor, time, left)
            norm = np.sum(np.abs(after) ** 2)
            if norm > limit:
                psi[first:last] = after
                time, left = time + left, 0.0
                continue
            part = left * np.log(before / limit) / np.log(before / norm)
            psi[first:last] = _stepped(psi[first:last], first, tables, coupling, factor, time, part)
            time, left, limit = time + part, left - part, rng.random()
            psi, change = _jumped(
                psi, first, last, tables, rates[0][index], rates[1][index], rates[2], time, rng.random()
            )
            lowest, highest = lowest + change, highest + change
    psi = psi * np.exp(-1j * energies * time)
    rho = np.zeros((3, 3), np.complex128)
    for i in range(len(psi)):
        column, j = numbers[i, 1], i
        while j >= 0:
            rho[numbers[j, 1], column] += psi[j] * np.conj(psi[i])
            j = above[j, 1]
    for row in range(3):
        for column in range(row + 1, 3):
            rho[row, column] = np.conj(rho[column, row])
    return rho / (rho[0, 0] + rho[1, 1] + rho[2, 2]).real
