"""Lane solver: the master equation of qubits and modes for many sweep points at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ...sequences.errors import ModelError
from ..check import whole
from ..controls import Controls, Rates
from .elements import Matrix
from .generator import Product
from .part import Part
from .signals import Sampled, Signals
from .sweep import Sweep
from .swept import Swept


@dataclass
class LaneSolver:
    """Solves d rho/dt = L(t) rho, L of `controls.py`, on the product of qubits and modes, qubits slowest.

    rates: Of Q qubits and M modes. levels: Of each qubit, Q of them. cutoffs: Fock states of each mode, M of them.
    error: Largest error of an element of rho to aim at, of a state of trace 1. threads: That share the points.

    Only elements of those excitation differences N_row - N_column are followed that the initial state has, because L
    keeps the difference, and of these only the ones that are ever reached. What does not depend on the controls is
    kept for the next sweep. Memory: 8 bytes for each number that is followed and each point (d = 108: 7 kB a point),
    and as much again for each coefficient in each step.

    Example, 101 amplitudes of a coupling:
        solver = LaneSolver(rates, levels=(2, 2), cutoffs=(8,))
        swept = solver.propagate(rho, Signals(duration=600 * ns, points=101, coupling=coupling, load=load))
        swept.qubits[:, 1, 1].real, swept.error
    """

    rates: Rates
    levels: tuple[int, ...]
    cutoffs: tuple[int, ...]
    error: float = 1e-5
    threads: int = 1
    space: Product = field(init=False, repr=False)
    _parts: dict[int, Part] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        qubits, modes = self.rates.anharmonicity.size, self.rates.detuning.size
        for name, found, wanted in (("levels", len(self.levels), qubits), ("cutoffs", len(self.cutoffs), modes)):
            if found != wanted:
                raise ModelError(f"number of {name}", found, f"the rates are those of {wanted}; give one for each")
        for name, least in (("levels", 2), ("cutoffs", 1)):
            for number in getattr(self, name):
                whole(name, number)
                if number < least:
                    raise ModelError(name, number, f"a part of the space has {least} states at least")
        whole("threads", self.threads)
        if self.threads < 1:
            raise ModelError("threads", self.threads, "one at least shares the points")
        if not 1e-10 <= self.error <= 1e-2:
            raise ModelError("error", self.error, "steps are found for errors from 1e-10 to 1e-2")
        self.space = Product(tuple(self.levels), tuple(self.cutoffs))

    def propagate(self, rho: Matrix, controls: Signals | Sequence[Controls]) -> Swept:
        """States of all points after their controls.

        rho: Hermitian initial matrix of all points, shape [d, d], or of each, shape [points, d, d]. With the controls
            of a single point, each matrix is taken through these: so a map is found from its inputs.
        """
        if isinstance(controls, Controls):
            raise ModelError("controls", "of one point", "a sequence is needed; give [controls]")
        played = controls if isinstance(controls, Signals) else Sampled(controls)
        self._check_parts(played)
        initial = self._checked(rho, played.points)
        sweep = Sweep(played, (len(self.levels), len(self.cutoffs)), self.error, self.threads)
        parts = []
        for difference in range(int(self.space.totals.max()) + 1):
            part = self._part(difference)
            start = part.elements.gather(initial)
            if start.any():
                parts.append((part.elements, sweep.evolve(part, start)))
        points = max(len(initial), played.points)
        return Swept(self.space, points, parts, sweep.error, sweep.step, sweep.applications)

    def _part(self, difference: int) -> Part:
        if difference not in self._parts:
            self._parts[difference] = Part(self.rates, self.space, difference)
        return self._parts[difference]

    def _check_parts(self, played: Signals | Sampled) -> None:
        if isinstance(played, Sampled):
            first, (qubits, modes) = played.controls[0], self.rates.parity.shape
            for name, found, wanted in (("qubits", first.qubit, qubits), ("modes", first.load, modes)):
                if found.shape[1] != wanted:
                    raise ModelError(f"{name} in the controls", found.shape[1], f"the rates are those of {wanted}")

    def _checked(self, rho: Matrix, points: int) -> Matrix:
        """As a stack of matrices."""
        size = len(self.space.totals)
        if np.ndim(rho) not in (2, 3) or np.shape(rho)[-2:] != (size, size):
            why = f"levels and cutoffs span {size}; give rho as [{size}, {size}] or [points, {size}, {size}]"
            raise ModelError("shape of rho", np.shape(rho), why)
        stack = np.asarray(rho).reshape(-1, size, size)
        if len(stack) != points and 1 not in (len(stack), points):
            raise ModelError("number of initial matrices", len(stack), f"the controls are those of {points} points")
        skew = float(np.abs(stack - stack.conj().transpose(0, 2, 1)).max())
        if not skew <= 1e-12:
            why = "only Hermitian matrices are followed; split others into Hermitian and anti-Hermitian parts"
            raise ModelError("skewness of rho", skew, why)
        return stack
