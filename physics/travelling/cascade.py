"""Cascade: two nodes in a row on a one-way line, as the operators of one master equation.

Retarded time: A never hears of B, so B's operators at t + delay see what A's did at t, and the delay drops out of the
equations, exactly; it remains in the clocks: what B plays at t + delay acts at t here. Each node is a triple (S, L, H);
with the line's loss as a beam splitter the series product (Gardiner, PRL 70, 2269, 1993; Carmichael, PRL 70, 2273,
1993; Gough and James, IEEE TAC 54, 2530, 2009; Combes et al., Adv. Phys. X 2, 784, 2017) is, with eta = 1 - loss,

H = H_A + H_B + (i/2) sqrt(eta kappa_A kappa_B) (a_A+ a_B e^(-i phase) - a_B+ a_A e^(i phase))
L_in = sqrt(kappa_A) a_A + e^(-i phase) sqrt(eta kappa_B) a_B,   L_loss = sqrt((1 - eta) kappa_B) a_B
d rho/dt = -i [H, rho] + sum over in, loss, internal of ((n + 1) D[L] + n D[L+]) rho + the qutrits' own decay
H_node = detuning a+a + (pull_e |e><e| + pull_f |f><f|) a+a + delta(t) |f><f| + (g(t) |f><g| a + h.c.).

L_in and L_loss are what enters from either port; in vacuum they give the same D as the outputs sqrt(eta kappa_A) a_A +
sqrt(kappa_B) a_B and sqrt((1 - eta) kappa_A) a_A. With a field of occupation n in one of the ports they say which
parts of the noise in A and in B are the same. The frame turns at A's resonator, at f_ge, and with each drive.
"""

import itertools
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .node import Node
from .qutrit import E, F, G, Matrix, transition
from .waveguide import Waveguide

Index = NDArray[np.int64]
Term = tuple[Matrix, Matrix]
ONE = np.eye(3, dtype=np.complex128)


@dataclass(frozen=True, kw_only=True)
class Cascade:
    """The master equation on (levels of A) x (levels of B) x (photons in A's and B's resonators), d states.

    photons: Largest number of photons in both resonators together, at least 1.
    """

    a: Node
    b: Node
    waveguide: Waveguide
    photons: int

    @cached_property
    def numbers(self) -> Index:
        """Photons in A's and in B's resonator for each of the R photon states, (R, 2)."""
        counts = itertools.product(range(self.photons + 1), repeat=2)
        return np.array([pair for pair in counts if sum(pair) <= self.photons])

    @cached_property
    def lowering(self) -> tuple[Matrix, Matrix]:
        """a_A and a_B on the photon states, (R, R)."""
        index = {tuple(pair): place for place, pair in enumerate(self.numbers.tolist())}
        matrices = np.zeros((2, len(index), len(index)), dtype=np.complex128)
        for place, pair in enumerate(self.numbers.tolist()):
            for mode in range(2):
                if pair[mode]:
                    less = (pair[0] - (mode == 0), pair[1] - (mode == 1))
                    matrices[mode, index[less], place] = math.sqrt(pair[mode])
        return matrices[0], matrices[1]

    def lift(self, a: Matrix, b: Matrix, photons: Matrix) -> Matrix:
        """The product of operators of A's levels, of B's levels and of the photons, (d, d)."""
        return np.asarray(np.kron(np.kron(a, b), photons), dtype=np.complex128)

    @cached_property
    def terms(self) -> list[list[Term]]:
        """What acts on rho, as products A rho B+: the constant part; of A's Re g, Im g and delta; of B's."""
        one = np.eye(len(self.numbers), dtype=np.complex128)
        first, second = self.lowering
        raising, shifting = transition(F, G), transition(F, F) / 2
        at_a, at_b = self.lift(raising, ONE, first), self.lift(ONE, raising, second)
        of_a, of_b = self.lift(shifting, ONE, one), self.lift(ONE, shifting, one)
        controls = [at_a, 1j * at_a, of_a, at_b, 1j * at_b, of_b]
        constant = _lindblad(self._lifted(self._hamiltonian()) + self._pulls(), self._jumps())
        return [constant, *(_lindblad(part + part.conj().T, []) for part in controls)]

    @cached_property
    def sectors(self) -> Index:
        """A number for each element of rho.reshape(d*d) that no term of the equation changes, (d*d,).

        Photons and f together are conserved or shifted alike in row and column, and so is being in e, for each node.
        """
        a, b, photons = np.indices((3, 3, len(self.numbers))).reshape(3, -1)
        charge = self.numbers.sum(axis=1)[photons] + (a == F) + (b == F)
        label = 9 * charge + 3 * (a == E) + (b == E)
        return np.asarray(label[:, None] - label[None, :]).reshape(-1)

    @cached_property
    def resting(self) -> Matrix:
        """State of the photons when both qutrits have long been in g, (R, R): what comes in, and nothing else."""
        total = self.numbers.sum(axis=1)
        even = np.flatnonzero((total[:, None] == total[None, :]).reshape(-1))
        row, column = np.divmod(even, len(self.numbers))
        products = _lindblad(self._hamiltonian(), self._photon_jumps())
        flows = [a[np.ix_(row, row)] * b[np.ix_(column, column)].conj() for a, b in products]
        equations = np.sum(flows, axis=0)
        populations = np.eye(len(self.numbers)).reshape(-1)[even]
        # One of the equations follows from the others, as the trace stands still: the norm takes its place.
        equations[0], wanted = populations, np.eye(1, len(even)).reshape(-1)
        rho = np.zeros(len(self.numbers) ** 2, dtype=np.complex128)
        rho[even] = np.linalg.solve(equations, wanted)
        return rho.reshape(len(self.numbers), -1)

    def joint(self, a: Matrix, b: Matrix) -> Matrix:
        """rho of A's levels (..., 3, 3) times B's (3, 3) times the resting photons, (..., d, d)."""
        size = 9 * len(self.numbers)
        product = np.einsum("...ij,kl,mn->...ikmjln", a, b, self.resting)
        return np.asarray(product.reshape(*product.shape[:-6], size, size))

    def qutrits(self, rho: Matrix) -> Matrix:
        """What is left of (..., d, d) without the photons, (..., 9, 9)."""
        parts = rho.reshape(*rho.shape[:-2], 9, len(self.numbers), 9, len(self.numbers))
        return np.asarray(np.einsum("...imjm->...ij", parts))

    def _lifted(self, photons: Matrix) -> Matrix:
        return self.lift(ONE, ONE, photons)

    def _hamiltonian(self) -> Matrix:
        """Detuning of B's resonator and the cascade's term, (R, R) (rad/s)."""
        first, second = self.lowering
        line, a, b = self.waveguide, self.a.resonator, self.b.resonator
        detuning = 2 * math.pi * (b.frequency - a.frequency)
        strength = math.sqrt((1 - line.loss) * a.kappa * b.kappa) / 2
        onward = -1j * strength * np.exp(1j * line.phase) * (second.T @ first)
        return np.asarray(detuning * (second.T @ second) + onward + onward.conj().T)

    def _pulls(self) -> Matrix:
        first, second = self.lowering
        a, b = (np.diag([0, node.resonator.pull_e, node.resonator.pull_f]) for node in (self.a, self.b))
        return self.lift(a, ONE, first.T @ first) + self.lift(ONE, b, second.T @ second)

    def _photon_jumps(self) -> list[Matrix]:
        """Of the fields at both ports and of the resonators' own baths, (R, R) (sqrt(1/s))."""
        first, second = self.lowering
        line, a, b = self.waveguide, self.a.resonator, self.b.resonator
        passed = np.exp(-1j * line.phase) * math.sqrt((1 - line.loss) * b.kappa)
        baths = [
            (math.sqrt(a.kappa) * first + passed * second, line.input_occupation),
            (math.sqrt(line.loss * b.kappa) * second, line.loss_occupation),
            (math.sqrt(a.internal) * first, a.internal_occupation),
            (math.sqrt(b.internal) * second, b.internal_occupation),
        ]
        given = [math.sqrt(n + 1) * jump for jump, n in baths]
        taken = [math.sqrt(n) * jump.conj().T for jump, n in baths if n]
        return given + taken

    def _jumps(self) -> list[Matrix]:
        one = np.eye(len(self.numbers), dtype=np.complex128)
        of_a = [self.lift(jump, ONE, one) for jump in self.a.qutrit.jumps]
        of_b = [self.lift(ONE, jump, one) for jump in self.b.qutrit.jumps]
        return [self._lifted(jump) for jump in self._photon_jumps()] + of_a + of_b


def _lindblad(hamiltonian: Matrix, jumps: list[Matrix]) -> list[Term]:
    """-i [H, rho] + sum of D[L] rho = K rho + rho K+ + sum of L rho L+ with K = -i H - sum of L+L/2."""
    kept = -1j * hamiltonian - sum((jump.conj().T @ jump for jump in jumps), start=0 * hamiltonian) / 2
    one = np.eye(len(hamiltonian), dtype=np.complex128)
    return [(kept, one), (one, kept), *((jump, jump) for jump in jumps)]
