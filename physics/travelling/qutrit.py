"""Qutrit: the three levels g, e, f of a node's transmon, what they lose, and their e-f rotations."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from ...sequences.errors import ModelError
from ..scale import FREQUENCY, LIFETIME

Matrix = NDArray[np.complex128]
G, E, F = range(3)


@dataclass(frozen=True, kw_only=True)
class Qutrit:
    """A transmon that is far enough from harmonic for each of its two transitions to decay on its own.

    D[L] rho = L rho L+ - (L+L rho + rho L+L)/2 acts with |g><e| at (1 - excited)/t1_e, |e><g| at excited/t1_e, |e><f|
    at (1 - excited)/t1_f, |f><e| at excited/t1_f, |e><e| at 2/t_phi_e and |f><f| at 2/t_phi_f. math.inf turns one off.
    So for excited = 0: 1/T2 = 1/(2 t1_e) + 1/t_phi_e between g and e, 1/(2 t1_f) + 1/t_phi_f between g and f, and the
    sum of the two between e and f. What moves the transmon's frequency, and so f by twice as much, dephases all three
    coherences together: 2/t_phi D[|e><e| + 2|f><f|] takes 1/t_phi from g and e, as much from e and f, and four times
    as much from g and f.

    frequency: f_ge (Hz). anharmonicity: f_ef - f_ge, negative (Hz).
    t1_e, t1_f: Lifetimes of e (into g) and f (into e) (s). t_phi_e, t_phi_f: Pure dephasing against g (s).
    excited: p/(1 - p) is the ratio of e to g, and of f to e, in equilibrium with the transmon's own bath.
    residual: Population of e that is left where g is prepared; states of the qubit begin with as much of the other.
    """

    frequency: float
    anharmonicity: float
    t1_e: float = math.inf
    t1_f: float = math.inf
    t_phi_e: float = math.inf
    t_phi_f: float = math.inf
    t_phi: float = math.inf
    excited: float = 0.0
    residual: float = 0.0

    def __post_init__(self) -> None:
        for name in ("frequency", "t1_e", "t1_f", "t_phi_e", "t_phi_f", "t_phi"):
            if not getattr(self, name) > 0:
                raise ModelError(f"qutrit {name}", getattr(self, name), "must be positive; math.inf means no decay")
        FREQUENCY.one("qutrit frequency (Hz)", self.frequency)
        for name in ("t1_e", "t1_f", "t_phi_e", "t_phi_f"):
            LIFETIME.one(f"qutrit {name} (s)", getattr(self, name))
        if not self.anharmonicity < 0:
            raise ModelError("qutrit anharmonicity", self.anharmonicity, "a transmon's is negative; give -EC/h in Hz")
        for name in ("excited", "residual"):
            if not 0 <= getattr(self, name) < 0.5:
                why = "a population of e below that of g lies in 0 <= p < 0.5; give it as a fraction of 1"
                raise ModelError(f"qutrit {name}", getattr(self, name), why)

    @property
    def jumps(self) -> list[Matrix]:
        """Each operator of the class with the root of its rate, those that never act left out; (3, 3) (sqrt(1/s))."""
        down, up = 1 - self.excited, self.excited
        rates = [
            (G, E, down / self.t1_e),
            (E, G, up / self.t1_e),
            (E, F, down / self.t1_f),
            (F, E, up / self.t1_f),
            (E, E, 2 / self.t_phi_e),
            (F, F, 2 / self.t_phi_f),
        ]
        own = [math.sqrt(rate) * transition(to, level) for to, level, rate in rates if rate]
        common = math.sqrt(2 / self.t_phi) * np.diag([0, 1, 2]).astype(np.complex128)
        return [*own, common] if math.isfinite(self.t_phi) else own

    def rotation(self, angle: float, duration: float) -> Matrix:
        """Map of a rotation between e and f while the qutrit decays: (9, 9), acts on rho.reshape(9).

        H = i (angle/2 duration) (|f><e| - |e><f|): the angle pi (rad) takes e to f and f to -e. duration: Of the pulse
        of constant strength (s); 0 gives the perfect rotation, angle 0 a pause.
        """
        turn = angle / 2 * (transition(F, E) - transition(E, F))
        one = np.eye(3)
        generator = np.kron(turn, one) + np.kron(one, turn)
        for jump in self.jumps:
            lost = jump.conj().T @ jump
            flow = np.kron(jump, jump.conj()) - (np.kron(lost, one) + np.kron(one, lost.T)) / 2
            generator = generator + duration * flow
        return np.asarray(expm(generator), dtype=np.complex128)


def transition(to: int, level: int) -> Matrix:
    """|to><level| of a qutrit, (3, 3)."""
    operator = np.zeros((3, 3), dtype=np.complex128)
    operator[to, level] = 1
    return operator
