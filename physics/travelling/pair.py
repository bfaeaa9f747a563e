"""Pair: the state that both transmons share after half an excitation was sent."""

from dataclasses import dataclass

import numpy as np

from .qutrit import Matrix

PSI_PLUS = np.array([0, 1, 1, 0]) / np.sqrt(2)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A's and B's transmons at one moment. state: (9, 9), A's level first.

    error: Estimated largest error of an element. photons: In both resonators together, at most, in the model.
    """

    state: Matrix
    error: float
    photons: int

    @property
    def qubits(self) -> Matrix:
        """The part in which neither is in f: gg, ge, eg, ee, (4, 4); its trace is 1 - leakage."""
        return np.asarray(self.state.reshape(3, 3, 3, 3)[:2, :2, :2, :2].reshape(4, 4))

    @property
    def fidelity(self) -> float:
        """<Psi+| rho |Psi+> with Psi+ = (|ge> + |eg>)/sqrt(2); no phase is chosen for it."""
        return float((PSI_PLUS @ self.qubits @ PSI_PLUS).real)

    @property
    def phase(self) -> float:
        """Angle (rad) of <eg| rho |ge>: what a calibration finds and a virtual Z at B takes back."""
        return float(np.angle(self.qubits[2, 1]))

    @property
    def leakage(self) -> float:
        """Population with an f."""
        return float(1 - np.trace(self.qubits).real)
