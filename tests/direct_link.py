"""Direct solution of the link's master equation with one mode, element by element of the density matrix.

Written apart from coldlink.physics' solvers: every operator moves a product state to at most one other, so that each
term of the Lindblad equation is a list of (from, to, amplitude) between the elements whose excitations differ by a
constant, and a classical Runge-Kutta step carries them. Frame: the mode's frequency, load closed, couplers off.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import numpy as np
import qutip
from scipy.sparse import csr_array

from coldlink.physics import Controls, Device

LEVELS = 3
STEP = 0.1e-9
"""Of the Runge-Kutta integration (s)."""


@dataclass(frozen=True)
class Ladder:
    """A product of lowering and raising operators. target: State that each state goes to, -1 for none."""

    target: np.ndarray
    amplitude: np.ndarray

    def dagger(self) -> "Ladder":
        target, amplitude = np.full_like(self.target, -1), np.zeros_like(self.amplitude)
        moved = self.target >= 0
        target[self.target[moved]] = np.flatnonzero(moved)
        amplitude[self.target[moved]] = self.amplitude[moved]
        return Ladder(target, amplitude)

    def after(self, first: "Ladder") -> "Ladder":
        target = np.where(first.target >= 0, self.target[first.target], -1)
        return Ladder(target, np.where(target >= 0, first.amplitude * self.amplitude[first.target], 0.0))


@dataclass(frozen=True)
class DirectLink:
    """`device` with one mode of `cutoff` Fock states."""

    device: Device
    cutoff: int

    def window(self, controls: Controls, rho_a: np.ndarray, rho_b: np.ndarray, occupation: float) -> np.ndarray:
        """State of both qubits, shape (3, 3, 3, 3) as (a, b, a', b'); it starts in a product with a thermal mode.

        rho_a: Any operator, or many of them along a third axis, which the result then has, too.
        """
        weights = (occupation / (1 + occupation)) ** np.arange(self.cutoff)
        mode = np.diag(weights / weights.sum())
        after = np.zeros((LEVELS,) * 4 + rho_a.shape[2:], complex)
        alike = (...,) + (None,) * (rho_a.ndim - 2)
        for difference in range(-2 * (LEVELS - 1), 2 * LEVELS - 1):
            rows, columns = self._elements(difference)
            a, b, n = self._numbers[rows].T
            c, d, m = self._numbers[columns].T
            start = (rho_b[b, d] * mode[n, m])[alike] * rho_a[a, c]
            if np.any(np.abs(start) > 1e-12):
                end, kept = self._propagate(difference, controls, start.astype(complex)), n == m
                np.add.at(after, (a[kept], b[kept], c[kept], d[kept]), end[kept])
        return after

    @cached_property
    def _numbers(self) -> np.ndarray:
        return np.indices((LEVELS, LEVELS, self.cutoff)).reshape(3, -1).T

    @cached_property
    def _lowering(self) -> list[Ladder]:
        numbers, strides = self._numbers, (LEVELS * self.cutoff, self.cutoff, 1)
        index = np.arange(len(numbers))
        return [
            Ladder(np.where(numbers[:, part] > 0, index - stride, -1), np.sqrt(numbers[:, part]))
            for part, stride in enumerate(strides)
        ]

    def _elements(self, difference: int) -> tuple[np.ndarray, np.ndarray]:
        totals = self._numbers.sum(axis=1)
        return np.nonzero(totals[:, None] - totals[None, :] == difference)

    def _between(self, difference: int, left: Ladder, right: Ladder) -> csr_array:
        """rho -> left rho right+ among the elements with this difference."""
        rows, columns = self._elements(difference)
        size = len(self._numbers)
        place = np.full(size * size, -1)
        place[rows * size + columns] = np.arange(rows.size)
        to_row, to_column = left.target[rows], right.target[columns]
        moved = np.flatnonzero((to_row >= 0) & (to_column >= 0))
        to = place[to_row[moved] * size + to_column[moved]]
        amplitude = left.amplitude[rows[moved]] * right.amplitude[columns[moved]]
        return csr_array((amplitude, (to, moved)), shape=(rows.size,) * 2)

    def _commutator(self, difference: int, operator: Ladder) -> csr_array:
        one = self._one
        left, right = self._between(difference, operator, one), self._between(difference, one, operator.dagger())
        return csr_array(-1j * (left - right))

    def _dissipator(self, difference: int, jump: Ladder) -> csr_array:
        square, one = jump.dagger().after(jump), self._one
        loss = self._between(difference, square, one) + self._between(difference, one, square)
        return csr_array(self._between(difference, jump, jump) - loss / 2)

    @property
    def _one(self) -> Ladder:
        return Ladder(np.arange(len(self._numbers)), np.ones(len(self._numbers)))

    def _generators(self, difference: int) -> tuple[csr_array, list[csr_array], csr_array, csr_array]:
        """What stays; per rad/s of qubit A, B, the mode's shift, couplings A, B; per 1/s of load: emitted, absorbed."""
        a, b, c = self._lowering
        static = csr_array(self._between(difference, self._one, self._one).shape, dtype=complex)
        for lower, qubit in zip((a, b), self.device.qubits, strict=True):
            number, alpha = lower.dagger().after(lower), 2 * np.pi * qubit.transmon.anharmonicity
            pair = lower.after(lower)
            p = qubit.residual_population
            static = static + alpha / 2 * self._commutator(difference, pair.dagger().after(pair))
            static = static + (1 - p) / qubit.t1 * self._dissipator(difference, lower)
            static = static + p / qubit.t1 * self._dissipator(difference, lower.dagger())
            static = static + 2 / qubit.t_phi * self._dissipator(difference, number)
        kappa = 2 * np.pi * self.device.mode_frequency / self.device.line.quality
        hot = self.bath
        static = static + kappa * (hot + 1) * self._dissipator(difference, c)
        static = static + kappa * hot * self._dissipator(difference, c.dagger())
        numbers = [self._commutator(difference, part.dagger().after(part)) for part in (a, b, c)]
        hops = [c.dagger().after(part) for part in (a, b)]
        couplings = [self._commutator(difference, hop) + self._commutator(difference, hop.dagger()) for hop in hops]
        emitted, absorbed = self._dissipator(difference, c), self._dissipator(difference, c.dagger())
        return static, numbers + couplings, emitted, absorbed

    @property
    def bath(self) -> float:
        """Planck's occupation of the line's bath: h / k = 4.7992430733e-11 K s."""
        ratio = 4.7992430733e-11 * self.device.mode_frequency / self.device.line_temperature
        return float(1 / np.expm1(ratio))

    def _propagate(self, difference: int, controls: Controls, rho: np.ndarray) -> np.ndarray:
        static, terms, emitted, absorbed = self._generators(difference)
        cold = self.device.load_occupation
        signals = np.hstack([controls.qubit, controls.mode, controls.coupling, controls.load])
        for values, steps in groupby(zip(signals.tolist(), controls.duration, strict=True), key=lambda step: step[0]):
            duration = sum(length for _, length in steps)
            total = static + sum((value * term for value, term in zip(values[:5], terms, strict=True)), 0 * static)
            total = csr_array(total + values[5] * ((cold + 1) * emitted + cold * absorbed))
            count = max(1, int(np.ceil(duration / STEP - 1e-6)))
            for _ in range(count):
                rho = _runge_kutta(total, rho, duration / count)
        return rho


def _runge_kutta(generator: csr_array, rho: np.ndarray, step: float) -> np.ndarray:
    k1 = generator @ rho
    k2 = generator @ (rho + step / 2 * k1)
    k3 = generator @ (rho + step / 2 * k2)
    k4 = generator @ (rho + step * k3)
    return rho + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def driven(device: Device, qubit: int, rho: np.ndarray, detuning: float, drive, duration: float) -> np.ndarray:
    """One qubit after a microwave pulse, by QuTiP, in a frame of its own.

    detuning: Of the resting qubit from the frame (rad/s). drive: W(t) of H = W(t) b+ + h.c. in that frame, t from the
    pulse's start (rad/s); None leaves the qubit alone.
    """
    model, b = device.qubits[qubit], qutip.destroy(LEVELS)
    alpha, p = 2 * np.pi * model.transmon.anharmonicity, model.residual_population
    still = detuning * b.dag() * b + alpha / 2 * b.dag() ** 2 * b**2
    jumps = [
        np.sqrt((1 - p) / model.t1) * b,
        np.sqrt(p / model.t1) * b.dag(),
        np.sqrt(2 / model.t_phi) * b.dag() * b,
    ]
    moved = [] if drive is None else [[b.dag(), drive], [b, lambda t: np.conj(drive(t))]]
    solution = qutip.mesolve(
        qutip.QobjEvo([still, *moved]),
        qutip.Qobj(rho),
        [0.0, duration],
        c_ops=jumps,
        options={"atol": 1e-10, "rtol": 1e-8, "nsteps": 100_000, "max_step": 0.5e-9},
    )
    return solution.states[-1].full()
