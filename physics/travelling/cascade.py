"""Cascade: two nodes in a row on a one-way line, as the operators of one master equation.

Retarded time: A never hears of B, so B's operators at t + delay see what A's did at t, and the delay drops out of the
equations, exactly; it remains in the clocks: what B plays at t + delay acts at t here. Each node is a triple (S, L, H);
with the line's loss as a beam splitter the series product (Gardiner, PRL 70, 2269, 1993; Carmichael, PRL 70, 2273,
1993; Gough and James, IEEE TAC 54, 2530, 2009; Combes et al., Adv. Phys. X 2, 784, 2017) is, with eta = 1 - loss,

H = H_A + H_B + (i/2) sqrt(eta kappa_A kappa_B) (a_A+ a_B e^(-i phase) - a_B+ a_A e^(i phase))
L_in = sqrt(kappa_A) a_A + e^(-i phase) sqrt(eta kappa_B) a_B,   L_loss = sqrt((1 - eta) kappa_B) a_B
d rho/dt = -i [H, rho] + sum over in, loss, internal of ((n + 1) D[L] + n D[L+]) rho + the qutrits' own decay
H_node = detuning a+a + (pull_e |e><e| + pull_f |f><f|) a+a + delta(t) |f><f| + g(t) (|f><g| a + h.c.).

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
from scipy.sparse import csr_array, eye_array, kron

from .node import Node
from .qutrit import E, F, G, Matrix, transition
from .waveguide import Waveguide

Index = NDArray[np.int64]
ONE = np.eye(3)


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
    def lowering(self) -> tuple[csr_array, csr_array]:
        """a_A and a_B on the photon states, (R, R)."""
        index = {tuple(pair): place for place, pair in enumerate(self.numbers.tolist())}
        matrices = np.zeros((2, len(index), len(index)))
        for place, pair in enumerate(self.numbers.tolist()):
            for mode in range(2):
                if pair[mode]:
                    less = (pair[0] - (mode == 0), pair[1] - (mode == 1))
                    matrices[mode, index[less], place] = math.sqrt(pair[mode])
        return csr_array(matrices[0]), csr_array(matrices[1])

    def lift(self, a: Matrix, b: Matrix, photons: csr_array) -> csr_array:
        """The product of operators of A's levels, of B's levels and of the photons, (d, d)."""
        return csr_array(kron(kron(csr_array(a), csr_array(b)), photons))

    @cached_property
    def generators(self) -> list[csr_array]:
        """What acts on rho.reshape(d*d): the constant part, then those of g_A, delta_A, g_B and delta_B."""
        one = eye_array(len(self.numbers))
        first, second = self.lowering
        constant = _lindblad(self._lifted(self._hamiltonian()) + self._pulls(), self._jumps())
        raising = transition(F, G)
        controls = [
            self.lift(raising, ONE, first),
            self.lift(transition(F, F), ONE, one) / 2,
            self.lift(ONE, raising, second),
            self.lift(ONE, transition(F, F), one) / 2,
        ]
        return [constant, *(_commutator(part + part.conj().T) for part in controls)]

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
        flow = _lindblad(self._hamiltonian(), self._photon_jumps())
        total = self.numbers.sum(axis=1)
        even = np.flatnonzero((total[:, None] == total[None, :]).reshape(-1))
        equations = flow[even][:, even].toarray()
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

    def _lifted(self, photons: csr_array) -> csr_array:
        return self.lift(ONE, ONE, photons)

    def _hamiltonian(self) -> csr_array:
        """Detuning of B's resonator and the cascade's term, (R, R) (rad/s)."""
        first, second = self.lowering
        line, a, b = self.waveguide, self.a.resonator, self.b.resonator
        detuning = 2 * math.pi * (b.frequency - a.frequency)
        strength = math.sqrt((1 - line.loss) * a.kappa * b.kappa) / 2
        onward = -1j * strength * np.exp(1j * line.phase) * (second.T @ first)
        return csr_array(detuning * (second.T @ second) + onward + onward.conj().T)

    def _pulls(self) -> csr_array:
        first, second = self.lowering
        a, b = (np.diag([0, node.resonator.pull_e, node.resonator.pull_f]) for node in (self.a, self.b))
        return csr_array(self.lift(a, ONE, first.T @ first) + self.lift(ONE, b, second.T @ second))

    def _photon_jumps(self) -> list[csr_array]:
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
        return [csr_array(jump) for jump in given + taken]

    def _jumps(self) -> list[csr_array]:
        one = eye_array(len(self.numbers))
        of_a = [self.lift(jump, ONE, one) for jump in self.a.qutrit.jumps]
        of_b = [self.lift(ONE, jump, one) for jump in self.b.qutrit.jumps]
        return [self._lifted(jump) for jump in self._photon_jumps()] + of_a + of_b


def _commutator(hamiltonian: csr_array) -> csr_array:
    """-i [H, rho] on rho.reshape(d*d)."""
    one = eye_array(hamiltonian.shape[0])
    return csr_array(-1j * (kron(hamiltonian, one) - kron(one, hamiltonian.T)))


def _lindblad(hamiltonian: csr_array, jumps: list[csr_array]) -> csr_array:
    """-i [H, rho] + sum of D[L] rho on rho.reshape(d*d): K (x) 1 + 1 (x) K* + sum of L (x) L* with K = -i H - sum of
    L+L/2.
    """
    kept = -1j * hamiltonian - sum((jump.conj().T @ jump for jump in jumps), start=0 * hamiltonian) / 2
    one = eye_array(hamiltonian.shape[0])
    flow = kron(kept, one) + kron(one, kept.conj())
    return csr_array(sum((kron(jump, jump.conj()) for jump in jumps), start=flow))
