"""What a solver is given: the rates that stay, and the controls that change from step to step.

The model, in a frame that rotates at one frequency for all (rad/s; b of a qubit, c of a mode):

H = sum_q [qubit_q b+b + (anharmonicity_q/2) b+b+bb] + sum_m (detuning_m + mode_m) c+c
    + sum_qm parity_qm coupling_q (b c+ + b+ c)
qubit:  relaxation (1 - excited) D[b] + relaxation excited D[b+] + 2 dephasing D[b+b]
mode:   [internal (hot + 1) + load (cold + 1)] D[c] + [internal hot + load cold] D[c+]
with D[L] rho = L rho L+ - (L+L rho + rho L+L)/2.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..sequences.errors import ModelError
from .check import finite, not_negative, population, shaped

BEYOND = "1/T_phi = 1/T2 - 1/(2 T1) is positive; below that T2 exceeds 2 T1: measure both again, or give inf for T_phi"
"""Why pure dephasing has no negative rate."""
ROUNDING = 1e-3
"""A dephasing below which (1/s) its sign is rounding."""


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Everything constant in time, for Q qubits and M modes.

    anharmonicity: Of each qubit, negative, shape [Q] (rad/s).
    relaxation: 1/T1, shape [Q] (1/s); the part (1 - excited) goes down, the part excited goes up.
    excited: Thermal population p_th of each qubit, shape [Q].
    dephasing: 1/T_phi of the 0-1 coherence, shape [Q] (1/s).
    parity: Sign of each coupling, shape [Q, M].
    internal: kappa_i of each mode, shape [M] (rad/s).
    hot: Occupation n_h of the line's bath, shape [M].
    cold: Occupation n_c of the load's bath, shape [M].
    detuning: Mode frequency minus frame, shape [M] (rad/s).
    """

    anharmonicity: NDArray[np.float64]
    relaxation: NDArray[np.float64]
    excited: NDArray[np.float64]
    dephasing: NDArray[np.float64]
    parity: NDArray[np.float64]
    internal: NDArray[np.float64]
    hot: NDArray[np.float64]
    cold: NDArray[np.float64]
    detuning: NDArray[np.float64]

    def __post_init__(self) -> None:
        qubits, modes = (np.shape(values)[:1] or (1,) for values in (self.anharmonicity, self.detuning))
        shaped(qubits, anharmonicity=self.anharmonicity, relaxation=self.relaxation)
        shaped(qubits, excited=self.excited, dephasing=self.dephasing)
        shaped(modes, detuning=self.detuning, internal=self.internal, hot=self.hot, cold=self.cold)
        shaped(qubits + modes, parity=self.parity)
        for name in ("relaxation", "internal", "hot", "cold"):
            not_negative(name, getattr(self, name))
        # The sum of many thermal rates may end a rounding below zero.
        not_negative("dephasing (1/s)", np.where(np.abs(self.dephasing) < ROUNDING, 0.0, self.dephasing), BEYOND)
        population("excited", self.excited)
        for name in ("anharmonicity", "relaxation", "dephasing", "parity", "internal", "hot", "cold", "detuning"):
            finite(name, getattr(self, name))


@dataclass(frozen=True, kw_only=True)
class Controls:
    """Everything that changes, piecewise constant on S steps.

    duration: Of each step, shape [S] (s).
    qubit: Qubit frequency minus frame, shape [S, Q] (rad/s).
    coupling: g of each qubit to the communication mode, shape [S, Q] (rad/s); mode m gets parity times g.
    mode: Shift of each mode by couplers and load, shape [S, M] (rad/s).
    load: kappa_load of each mode, shape [S, M] (rad/s).
    """

    duration: NDArray[np.float64]
    qubit: NDArray[np.float64]
    coupling: NDArray[np.float64]
    mode: NDArray[np.float64]
    load: NDArray[np.float64]

    def __post_init__(self) -> None:
        steps = np.shape(self.duration)[:1] or (1,)
        qubits, modes = (np.shape(values)[1:2] or (1,) for values in (self.qubit, self.load))
        shaped(steps, duration=self.duration)
        shaped(steps + qubits, qubit=self.qubit, coupling=self.coupling)
        shaped(steps + modes, mode=self.mode, load=self.load)
        not_negative("duration of a step (s)", self.duration, "time goes on; give the steps in their order")
        not_negative("load (rad/s)", self.load, "a load damps; it does not amplify")
        finite("duration of a step (s)", self.duration)
        for name in ("qubit", "coupling", "mode", "load"):
            finite(f"{name} (rad/s)", getattr(self, name))

    def steps(self, part: slice) -> "Controls":
        """The steps of `part`."""
        return Controls(
            duration=self.duration[part],
            qubit=self.qubit[part],
            coupling=self.coupling[part],
            mode=self.mode[part],
            load=self.load[part],
        )


def check_line(rates: Rates, controls: Controls, occupations: NDArray[np.float64]) -> None:
    """ModelError unless all three are of the same qubits and modes. occupations: Of each mode, shape [M]."""
    qubits, modes = rates.parity.shape
    shaped((len(controls.duration), qubits), **{"qubit of the controls": controls.qubit})
    shaped((len(controls.duration), modes), **{"mode of the controls": controls.mode})
    shaped((modes,), **{"initial occupations": occupations})
    not_negative("initial occupations", finite("initial occupations", occupations))
    if not len(controls.duration):
        raise ModelError("steps of the controls", 0, "nothing happens in none; give one at least")
