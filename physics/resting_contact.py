"""Resting contact: what a coupler that is on at rest makes of its qubit, when the line is left to its baths.

With a steady g, mode m (thermal, occupation n, damped at kappa = internal + load) is a bath of its qubit. The golden
rule, with Delta = qubit - mode and the rate w = kappa/2 + 1/T2 at which the two lose their relative phase, gives

    Gamma_m = 2 g^2 w / (w^2 + Delta^2 + w g sqrt(2n + 1)),     down Gamma_m (n + 1),     up Gamma_m n

where the last term keeps a resonant exchange from being faster than its own oscillation, so that in strong coupling
the qubit comes to equilibrium with the mode in about 1/g. The levels are displaced by their neighbours,

    shift = sum_m g^2 [(2n + 1) f(Delta) - 2n f(Delta + a)],     f(x) = x / (x^2 + w^2),     a the anharmonicity

and photons that come and go dephase a qubit whose frequency moves by s = 2 g^2 [f(Delta) - f(Delta + a)] with each:

    dephasing_m = (kappa/2) Re[sqrt((1 + i s/kappa)^2 + 4 i s n/kappa) - 1]     (Clerk and Utami, PRA 75, 042302, 2007)

Left out: what the qubit does to the mode; the 1-2 transition's own rates (it is given those of 0-1) and shift; what
two qubits do to each other through the line; that in strong coupling the line splits into two; and the time that the
mode's occupation takes after the load has moved.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .bath import steady_state
from .controls import Controls, Rates

Trace = NDArray[np.float64]


@dataclass(frozen=True)
class RestingContact:
    """What a line does to the qubits at its ends.

    up, down: Rates that it adds between g and e, shape (Q,) (1/s). dephasing: That it adds, shape (Q,) (1/s). shift: Of
    each qubit by the modes, shape (Q,) (rad/s). occupations: Of the modes, shape (M,). error: Estimated error of a
    population, the largest share of a qubit that swings to and fro with a mode.
    """

    up: Trace
    down: Trace
    dephasing: Trace
    shift: Trace
    occupations: Trace
    error: float

    def added(self, rates: Rates, ends: Sequence[int]) -> Rates:
        """`rates` of qubits of which those in `ends` feel this contact, too."""
        felt = list(ends)
        own = {name: getattr(rates, name).copy() for name in ("relaxation", "excited", "dephasing")}
        up = rates.relaxation[felt] * rates.excited[felt] + self.up
        down = rates.relaxation[felt] * (1 - rates.excited[felt]) + self.down
        own["relaxation"][felt], own["excited"][felt] = up + down, up / (up + down)
        own["dephasing"][felt] += self.dephasing
        return replace(rates, **own)


def resting_contact(rates: Rates, rest: Controls) -> RestingContact:
    """Of a device whose controls stay at the only step of `rest`."""
    g, load = np.abs(rest.coupling[0])[:, None], rest.load[0]
    kappa = rates.internal + load
    n = steady_state(rates.internal, rates.hot, load, rates.cold)
    delta = rest.qubit[0][:, None] - (rates.detuning + rest.mode[0])
    w = kappa / 2 + (rates.relaxation / 2 + rates.dephasing)[:, None]
    exchange = 2 * g**2 * w / (w**2 + delta**2 + w * g * np.sqrt(2 * n + 1))
    second = delta + rates.anharmonicity[:, None]
    lower, upper = g**2 * delta / (delta**2 + w**2), g**2 * second / (second**2 + w**2)
    swing = 4 * g**2 * (2 * n + 1)
    return RestingContact(
        up=exchange @ n,
        down=exchange @ (n + 1),
        dephasing=shot_noise(2 * (lower - upper), kappa, n).sum(axis=1),
        shift=((2 * n + 1) * lower - 2 * n * upper).sum(axis=1),
        occupations=n,
        error=float(np.max(swing / (swing + delta**2 + w**2))),
    )


def shot_noise(pull: Trace, kappa: Trace, n: Trace) -> Trace:
    """Dephasing by a thermal mode, each photon of which moves the qubit by `pull` (rad/s)."""
    ratio = pull / kappa
    return np.asarray(kappa / 2 * (np.sqrt((1 + 1j * ratio) ** 2 + 4j * ratio * n).real - 1))
