"""Resolution: how many quanta, photons and steps follow a window to a requested error."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..controls import Controls, Rates
from ..segment import NEGLIGIBLE_COUPLING
from .moments import bounded

Real = NDArray[np.float64]

ERROR = 1e-5
"""Of a population, that is asked for where nobody says otherwise."""
STEP, TURN = 0.3e-9, 1e-4
"""Step (s) and turn of a control within one (rad) that leave an error of 1e-5 where frequencies differ by `SPAN`."""
SPAN = 2 * np.pi * 1210e6
"""At 4 K (rad/s): the spread of the modes, twice the anharmonicity, and 16 times the exchange of photons."""
SLOWEST = 2 * np.pi * 1e6
"""Nothing that matters within a window is slower (rad/s)."""
LARGEST = 130_000
"""Elements of an operator beyond which no higher order is taken: it would cost several seconds for 100 ns."""
MATTERING = 0.05
"""Part of a tail of the near mode that shows in a population: the mode is full up to there all the same."""


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """order: Quanta in all far modes together. cutoff: Fock states of the near mode. step: Longest step (s).
    turn: Largest change of a control within a step that is averaged (rad). lane: Smallest part of an operator that is
    followed.
    """

    order: int
    cutoff: int
    step: float
    turn: float
    lane: float

    @property
    def coarse(self) -> "Resolution":
        """Cheap, and near enough that what one refinement changes is the same with the others and without them."""
        order, cutoff = min(1, max(0, self.order - 1)), max(FEWEST, math.ceil(0.65 * self.cutoff))
        return replace(self, order=order, cutoff=cutoff, step=LONGER * self.step, turn=LONGER**2 * self.turn)

    @property
    def slight(self) -> "Resolution":
        """Cheaper still, and near enough for what a slight change of the controls changes."""
        return replace(self.coarse, cutoff=max(FEWEST, math.ceil(0.35 * self.cutoff)))

    @property
    def refinements(self) -> list[tuple["Resolution", "Resolution"]]:
        """Finer and coarser of photons, of steps, of the next order, and of those behind it.

        Their differences are added to what is `coarse`. The higher orders change so little that fewer photons and
        longer steps tell how much.
        """
        coarse, second = self.coarse, min(self.order, self.coarse.order + 1)
        rough = replace(self.slight, order=second, step=ROUGHER * coarse.step, turn=5 * coarse.turn)
        return [
            (replace(coarse, cutoff=self.cutoff), coarse),
            (replace(coarse, step=self.step, turn=self.turn), coarse),
            (replace(coarse, order=second), coarse),
            (replace(rough, order=self.order), rough),
        ]

    def remaining(self, n: float, loose: float) -> NDArray[np.float64]:
        """Of what each of the `refinements` changes, the share that it leaves out still.

        n: Occupation of the near mode. loose: See `looseness`.
        """
        photons = (n / (1 + n)) ** (self.cutoff - self.coarse.cutoff)
        steps = LONGER**-4.0
        orders = [2 * loose if self.order <= self.coarse.order + 1 else 0.0, 2 * loose ** max(1, self.order - 2)]
        return np.minimum(1.0, [photons / (1 - photons), steps / (1 - steps), *orders])


LONGER = 2.0
"""Steps that are told apart by their fourth power."""
ROUGHER = 2.0
"""Steps of what only tells how little the higher orders change."""
STABLE = 2.5
"""Of the classical Runge-Kutta method: largest product of a step and an eigenvalue, with a margin."""
FEWEST = 3
"""Fock states with which a photon still comes and goes."""
CROSSED = 0.05
"""Part of a smaller change that is another one when the larger one is made, too."""


def resolution(rates: Rates, controls: Controls, occupations: Real, near: int, levels: int, error: float) -> Resolution:
    """What gives about this error. occupations: The largest that each mode reaches by itself, shape (M,)."""
    cutoff, g = _cutoff(float(occupations[near]), error), float(np.max(np.abs(controls.coupling)))
    wide = float(np.ptp(rates.detuning) + 2 * np.max(np.abs(rates.anharmonicity)) + 16 * g * np.sqrt(cutoff))
    finer = (error / 1e-5) ** 0.25
    return Resolution(
        order=_order(rates, controls, looseness(rates, controls, occupations, near), levels, cutoff, error),
        cutoff=cutoff,
        step=min(STEP * finer * SPAN / max(wide, SLOWEST), _stable(rates, controls, near, cutoff)),
        turn=TURN * finer**2,
        lane=error / 4,
    )


def _stable(rates: Rates, controls: Controls, near: int, cutoff: int) -> float:
    """Longest step (s) with which the roughest of the refinements is stable."""
    bath = rates.internal[near] * (2 * rates.hot[near] + 1)
    damping = 2 * cutoff * (bath + float(controls.load[:, near].max()) * (2 * rates.cold[near] + 1))
    exchange = 4 * float(np.abs(controls.coupling).sum(axis=1).max()) * math.sqrt(cutoff)
    return float(STABLE / (LONGER * ROUGHER * (damping + exchange)))


def nearest(rates: Rates, controls: Controls, occupations: Real) -> int:
    """The mode that the qubits exchange most with, the first of equals."""
    exchange = [_exchange(rates, controls, mode, occupations[mode], 0.0) for mode in range(rates.detuning.size)]
    return int(np.argmax(np.round(exchange, 9)))


def looseness(rates: Rates, controls: Controls, occupations: Real, near: int) -> float:
    """What the far modes' order n + 1 holds of their order n, roughly: the largest sum_q 2 (n + 1) g_q^2/Delta_q^2.

    Delta is that of the nearer of a qubit's two transitions.
    """
    far = [mode for mode in range(rates.detuning.size) if mode != near]
    found = [_exchange(rates, controls, mode, occupations[mode], second) for mode in far for second in (0.0, 1.0)]
    return max(found, default=0.0)


def _exchange(rates: Rates, controls: Controls, mode: int, n: float, second: float) -> float:
    """Largest sum_q 2 (n + 1) g^2/(Delta^2 + g^2); `second` is 1 for the qubits' 1-2 transition, else 0.

    A resonance that is only passed exchanges no more than |int g exp(i int Delta dt) dt|^2 at any time.
    """
    g, duration = np.abs(controls.coupling), controls.duration[:, None]
    delta = controls.qubit + second * rates.anharmonicity - (rates.detuning[mode] + controls.mode[:, [mode]])
    share = np.divide(g**2, delta**2 + g**2, out=np.zeros_like(g), where=g > NEGLIGIBLE_COUPLING)
    turned = np.cumsum(delta * duration, axis=0) - delta * duration / 2
    kicks = g * duration * np.sinc(delta * duration / (2 * np.pi)) * np.exp(1j * turned)
    passed = np.abs(np.cumsum(kicks, axis=0)).max(axis=0, initial=0.0) ** 2
    return float(2 * (n + 1) * np.minimum(share, passed).sum(axis=1).max(initial=0.0))


def _cutoff(n: float, error: float) -> int:
    """Fock states of the near mode, beyond which a thermal mode to which two photons were added holds next to nothing:
    p_j = C(j, 2) r^(j - 2) (1 - r)^3 with r = n/(1 + n).
    """
    ratio, cutoff = n / (1 + n), FEWEST + 1
    beyond = 1 - sum(math.comb(j, 2) * ratio ** (j - 2) * (1 - ratio) ** 3 for j in range(2, cutoff))
    while MATTERING * beyond > error:
        beyond -= math.comb(cutoff, 2) * ratio ** (cutoff - 2) * (1 - ratio) ** 3
        cutoff += 1
    return cutoff


def _order(rates: Rates, controls: Controls, loose: float, levels: int, cutoff: int, error: float) -> int:
    """The order whose remainder, about 2 loose^(order + 1), is below `error`, or the highest that is affordable."""
    far = rates.detuning.size - 1
    if not far:
        return 0
    together = int((np.abs(controls.coupling) > NEGLIGIBLE_COUPLING).sum(axis=1).max(initial=0))
    states = levels**together
    # At first order alone nothing tells how much the far modes shift the qubits.
    order, remainder = 2, 2 * loose**3
    while remainder > error and len(bounded(far, order + 1)) ** 2 * states**2 * cutoff <= LARGEST:
        order, remainder = order + 1, remainder * loose
    return order
