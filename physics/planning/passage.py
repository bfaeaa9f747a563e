"""Passage: qubits and line from the moment at which the load begins to close to the readout.

Until the first coupler is on, and after the last one is off, every qubit follows its own map and every mode the scalar
equation of its occupation; in between they evolve together in a hot window.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ...sequences.errors import ModelError
from ..bath import relax, steady_state
from ..controls import Controls, Rates
from ..hot_window import ERROR, Detuned, HotWindow, Outcome
from ..idle import idle_map
from ..segment import NEGLIGIBLE_COUPLING

Trace = NDArray[np.float64]
State = NDArray[np.complex128]


@dataclass(frozen=True, kw_only=True)
class Passage:
    """The map of the qubits' state over `controls`, which begins with a product of qubits and thermal modes.

    initial: Occupation of each mode when the controls begin, shape (M,). read: Qubits that matter afterwards. levels:
    Of each qubit. error: Asked for, of a population; every outcome says what was reached.
    """

    rates: Rates
    controls: Controls
    initial: Trace
    read: frozenset[int]
    levels: int = 3
    error: float = ERROR

    def __post_init__(self) -> None:
        if not 0 < self.error < 1:
            raise ModelError("error asked for", self.error, "a population's error lies between 0 and 1; try 1e-4")
        if self.levels < 2:
            raise ModelError("levels of a qubit", self.levels, "a qubit has two at least; a transmon three")

    @cached_property
    def before(self) -> Trace:
        """Occupation of each mode when the first coupler is on, shape (M,)."""
        return self._warmed(self.initial, self._parts[0])

    def apply(self, qubits: State, detuned: Detuned | None = None) -> Outcome:
        """What becomes of the Hermitian operator `qubits` (levels**Q square) of the qubits at the begin.

        detuned: Of which shots; None for those whose qubits are where the controls say.
        """
        shift = 0 * self.rates.relaxation if detuned is None else detuned.shift
        outcome = self._window.apply(self._alone(qubits, self._parts[0], shift), detuned)
        return replace(
            outcome,
            qubits=self._alone(outcome.qubits, self._parts[2], shift),
            occupations=self._warmed(outcome.occupations, self._parts[2]),
        )

    @property
    def outside(self) -> float:
        """How long no coupler is on, before and after (s)."""
        return float(self._parts[0].duration.sum() + self._parts[2].duration.sum())

    @cached_property
    def _parts(self) -> tuple[Controls, Controls, Controls]:
        """Controls before, while and after couplers are on."""
        on = np.flatnonzero((np.abs(self.controls.coupling) > NEGLIGIBLE_COUPLING).any(axis=1))
        if not on.size:
            strongest = float(np.max(np.abs(self.controls.coupling), initial=0.0))
            raise ModelError("strongest coupling (rad/s)", strongest, "no coupler is ever on; nothing is transferred")
        first, last = int(on[0]), int(on[-1]) + 1
        taken = self.controls.steps
        return taken(slice(0, first)), taken(slice(first, last)), taken(slice(last, None))

    @cached_property
    def _window(self) -> HotWindow:
        return HotWindow(
            rates=self.rates,
            controls=self._parts[1],
            initial=self.before,
            read=self.read,
            levels=self.levels,
            error=self.error,
        )

    def _alone(self, qubits: State, controls: Controls, shift: Trace) -> State:
        """Each qubit by itself through `controls`, off its frequency by its `shift` (rad/s)."""
        duration = float(controls.duration.sum())
        count = self.rates.relaxation.size
        state = qubits.reshape((self.levels,) * (2 * count))
        for qubit, angle in enumerate(controls.duration @ (controls.qubit + shift)):
            single = idle_map(self.rates, qubit, self.levels, duration, float(angle))
            moved = np.tensordot(single, state, axes=((2, 3), (qubit, count + qubit)))
            state = np.moveaxis(moved, (0, 1), (qubit, count + qubit))
        return np.asarray(state.reshape(qubits.shape))

    def _warmed(self, occupations: Trace, controls: Controls) -> Trace:
        """Occupations after `controls`: exact, for a mode that is left to its baths is Gaussian."""
        rates = self.rates
        for duration, load in zip(controls.duration, controls.load, strict=True):
            total = rates.internal + load
            gained = rates.internal * rates.hot + load * rates.cold
            # A mode that loses nothing stays as it is: it has no equilibrium.
            target = np.divide(gained, total, out=occupations.copy(), where=total > 0)
            occupations = relax(occupations, target, total, duration)
        return occupations


def at_rest(rates: Rates, load: Trace) -> Trace:
    """Occupation of each mode that was left with its load at `load` (rad/s) for long, shape (M,)."""
    lossless = ~(rates.internal + load > 0)
    if lossless.any():
        why = "a mode without any loss never comes to rest; give the line a finite quality or open the load"
        raise ModelError("loss of a mode (rad/s)", 0.0, why)
    return steady_state(rates.internal, rates.hot, load, rates.cold)
