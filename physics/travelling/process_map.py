"""Process map: what B's qubit holds after the transfer, for everything that A's qubit may have held."""

from dataclasses import dataclass

import numpy as np

from ..check import square
from .qutrit import E, F, G, Matrix


@dataclass(frozen=True, kw_only=True)
class ProcessMap:
    """The map of A's qubit {g, e} to B's transmon, its three levels, after B exchanged e and f.

    elements: E(|i><j|), (2, 2, 3, 3), i and j of A's qubit first. error: Estimated largest error of an element.
    photons: In both resonators together, at most, in the model that gave it.
    """

    elements: Matrix
    error: float
    photons: int

    def __call__(self, qubit: Matrix) -> Matrix:
        """B's transmon (3, 3) for the state (2, 2) of A's qubit."""
        square("the qubit's state", qubit, 2, "g and e")
        return np.asarray(np.einsum("ij,ijkl->kl", qubit, self.elements))

    @property
    def choi(self) -> Matrix:
        """C = sum_ij |i><j| (x) E(|i><j|) on B's qubit, input first, (4, 4); its trace is 2 (1 - leakage)."""
        return np.asarray(self.elements[:, :, :F, :F].transpose(0, 2, 1, 3).reshape(4, 4))

    @property
    def process_fidelity(self) -> float:
        """F_p = Tr(chi chi_ideal) with the identity: sum_ij <i|E(|i><j|)|j>/4; no phase is chosen for it."""
        return float(np.einsum("ijij->", self.elements[:, :, :F, :F]).real / 4)

    @property
    def state_fidelity(self) -> float:
        """F_s, the mean over all pure states: (2 F_p + 1 - leakage)/3 (Nielsen, Phys. Lett. A 303, 249, 2002)."""
        return (2 * self.process_fidelity + 1 - self.leakage) / 3

    @property
    def leakage(self) -> float:
        """Population of B's f for a fully mixed qubit at A."""
        return float(np.einsum("iikk->k", self.elements)[F].real / 2)

    @property
    def efficiency(self) -> float:
        """Population of B's e after A's e, less that after A's g."""
        return float((self.elements[E, E, E, E] - self.elements[G, G, E, E]).real)

    @property
    def phase(self) -> float:
        """Angle (rad) by which B's e was turned against g: what a calibration finds and a virtual Z takes back."""
        return float(np.angle(self.elements[E, G, E, G]))

    def turned(self, angle: float) -> "ProcessMap":
        """The map with a virtual Z at B that multiplies e by exp(i angle), and f by exp(2i angle)."""
        turn = np.exp(1j * angle * np.arange(3))
        elements = self.elements * turn[:, None] * turn.conj()
        return ProcessMap(elements=elements, error=self.error, photons=self.photons)
