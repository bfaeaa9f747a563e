"""Three reference problems of the link's dynamics, for the lane solver and, written apart, for QuTiP.

A transfer from A to B by two smooth couplings at once, resonant, peak g/2pi 5 MHz; kappa_load 1/20 ns but for 400 ns in
the middle; hot bath n = 16 at 1/20 us, load n = 0.02; T1 20 us, T_phi 15 us; 600 ns.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import qutip
from numpy.typing import NDArray

from coldlink.physics import Rates
from coldlink.physics.lanes import Signals
from coldlink.sequences.units import MHz, ns, us

Real = NDArray[np.float64]
Matrix = NDArray[np.complex128]
TURN = 2 * np.pi
DURATION = 600 * ns
G = TURN * 5 * MHz
BASELINE: dict[str, Any] = {"method": "vern7", "rtol": 1e-5, "atol": 1e-7, "nsteps": 10**7, "progress_bar": ""}
REFERENCE: dict[str, Any] = {"method": "vern9", "rtol": 1e-9, "atol": 1e-11, "nsteps": 10**7, "progress_bar": ""}


def _rise(times: Real, middle: float, width: float) -> Real:
    return np.asarray(0.5 * (1 + np.tanh((times - middle) / width)))


def coupling(times: Real) -> Real:
    """g of A and B, shape [T, 2] (rad/s): the mixing angle goes from B to A."""
    envelope = G * _rise(times, 120 * ns, 10 * ns) * (1 - _rise(times, 480 * ns, 10 * ns))
    angle = np.pi / 2 * _rise(times, 300 * ns, 80 * ns)
    return np.stack([envelope * np.sin(angle), envelope * np.cos(angle)], axis=1)


def load(times: Real) -> Real:
    """kappa_load of each mode, shape [T] (rad/s)."""
    return np.asarray((1 - _rise(times, 100 * ns, 8 * ns) + _rise(times, 500 * ns, 8 * ns)) / (20 * ns))


@dataclass(frozen=True)
class Problem:
    """Two qubits with `levels` each and modes with `cutoffs`, `spacing` (Hz) apart."""

    name: str
    levels: int
    cutoffs: tuple[int, ...]
    spacing: float = 0.0

    @cached_property
    def rates(self) -> Rates:
        """As the lane solver takes them."""
        modes, two = np.arange(len(self.cutoffs)), np.ones(2)
        return Rates(
            anharmonicity=-TURN * 200 * MHz * two,
            relaxation=two / (20 * us),
            excited=0 * two,
            dephasing=two / (15 * us),
            parity=np.array([np.ones(len(modes)), (-1.0) ** modes]),
            internal=np.ones(len(modes)) / (20 * us),
            hot=np.full(len(modes), 16.0),
            cold=np.full(len(modes), 0.02),
            detuning=TURN * self.spacing * np.asarray(modes - (len(modes) - 1) // 2, dtype=np.float64),
        )

    def sweep(self, amplitudes: Real) -> Signals:
        """Points that differ in the amplitude of both couplings; 1 is the nominal one."""
        return Signals(
            duration=DURATION,
            points=len(amplitudes),
            coupling=lambda times: coupling(times)[:, None, :] * amplitudes[:, None],
            load=lambda times: load(times)[:, None, None],
        )

    def qubits(self, a: Sequence[complex], b: Sequence[complex]) -> Matrix:
        """Pure product state of the qubits from the amplitudes of their two lowest levels, not normalised."""
        vector = np.kron(*(np.pad(np.asarray(v, complex), (0, self.levels - 2)) for v in (a, b)))
        vector = vector / np.linalg.norm(vector)
        return np.asarray(np.outer(vector, vector.conj()))

    def initial(self, qubits: Matrix) -> Matrix:
        """With each mode at n = 0.06, shape [d, d]."""
        rho = qubits
        for cutoff in self.cutoffs:
            weights = (0.06 / 1.06) ** np.arange(cutoff)
            rho = np.asarray(np.kron(rho, np.diag(weights / weights.sum())))
        return rho

    @property
    def dims(self) -> list[int]:
        """Of qubits and modes."""
        return [self.levels, self.levels, *self.cutoffs]

    @cached_property
    def liouvillian(self) -> qutip.QobjEvo:
        """QuTiP's generator (1/ns), built once, its three coefficients as cubic splines.

        In nanoseconds, because in seconds its integrator takes eighty times as many steps for R2.
        """
        parts = [self._lowering(part) for part in range(len(self.dims))]
        qubits, modes = parts[:2], parts[2:]
        static = sum(-TURN * 100 * MHz * b.dag() * b.dag() * b * b for b in qubits)
        centre = (len(modes) - 1) // 2
        static += sum(TURN * self.spacing * (m - centre) * c.dag() * c for m, c in enumerate(modes))
        hops = [
            sum(sign**m * (b * c.dag() + b.dag() * c) for m, c in enumerate(modes))
            for b, sign in zip(qubits, (1, -1), strict=True)
        ]
        kappa = 1 / (20 * us)
        jumps = [math.sqrt(kappa * 17) * c for c in modes] + [math.sqrt(kappa * 16) * c.dag() for c in modes]
        jumps += [math.sqrt(1 / (20 * us)) * b for b in qubits]
        jumps += [math.sqrt(2 / (15 * us)) * b.dag() * b for b in qubits]
        cooling = sum(1.02 * qutip.lindblad_dissipator(c) + 0.02 * qutip.lindblad_dissipator(c.dag()) for c in modes)
        times = np.linspace(0, DURATION, 3001)
        first, second = coupling(times).T
        curves = [qutip.coefficient(v * ns, tlist=times / ns, order=3) for v in (first, second, load(times))]
        moving = [qutip.liouvillian(hops[0]), qutip.liouvillian(hops[1]), cooling]
        static = qutip.liouvillian(static, jumps) * ns
        generator = qutip.QobjEvo([static, *([o, c] for o, c in zip(moving, curves, strict=True))])
        return generator.to("CSR")  # its default, diagonals, is thirty times slower here

    def solved(self, rho: Matrix, options: dict[str, Any]) -> Matrix:
        """The final matrix, by QuTiP."""
        start = qutip.Qobj(rho, dims=[self.dims, self.dims])
        return np.asarray(qutip.mesolve(self.liouvillian, start, [0, DURATION / ns], options=options).states[-1].full())

    def _lowering(self, part: int) -> qutip.Qobj:
        return qutip.tensor([qutip.destroy(n) if i == part else qutip.qeye(n) for i, n in enumerate(self.dims)])


PROBLEMS = (Problem("R1", 2, (8,)), Problem("R2", 3, (12,)), Problem("R3", 2, (4, 4, 4), 50 * MHz))
