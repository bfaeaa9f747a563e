"""Course: what one segment's steps give the kernel, and how an operator goes through them."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..controls import Controls, Rates
from ..simd import aligned
from .generator import COUPLING, HEATED, STIMULATED, Generator, generator
from .kernel import evolve
from .moments import Moments

Real = NDArray[np.float64]


@dataclass(frozen=True)
class Course:
    """Steps in which the couplers of the qubits `active` are on.

    near: The mode that is followed in Fock states. occupations: Of all modes at the beginning, had they met no qubit.
    """

    rates: Rates
    controls: Controls
    active: tuple[int, ...]
    near: int
    occupations: Real
    _prepared: dict[Moments, tuple[Any, ...]] = field(default_factory=dict, init=False, repr=False)
    _turned: dict[tuple[Moments, bytes], NDArray[np.complex128]] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def far(self) -> list[int]:
        """All modes but the near one."""
        return [mode for mode in range(self.rates.detuning.size) if mode != self.near]

    @cached_property
    def thermal(self) -> Real:
        """Occupation of each mode, had it met no qubit, at every half step, shape (2 S + 1, M)."""
        rates, load = self.rates, self.controls.load
        kappa, arriving = rates.internal + load, rates.internal * rates.hot + load * rates.cold
        steady = np.repeat(np.divide(arriving, kappa, out=np.zeros_like(kappa), where=kappa > 0), 2, axis=0)
        kept = np.repeat(np.exp(-kappa * self.controls.duration[:, None] / 2), 2, axis=0)
        found = [self.occupations]
        for end, share in zip(steady, kept, strict=True):
            found.append(end + (found[-1] - end) * share)
        return np.array(found)

    def follow(
        self, operator: NDArray[np.complex128], moments: Moments, shift: Real | None = None
    ) -> NDArray[np.complex128]:
        """`operator` after the segment, shape (orders, states, orders, states, cutoff).

        shift: By which each qubit is detuned meanwhile, shape (Q,) (rad/s).
        """
        terms, vector = generator(moments), moments.pack(operator)
        if moments not in self._prepared:
            self._prepared[moments] = (*self._factors(moments), self._values(terms))
        factors, kinds, values = self._prepared[moments]
        if shift is not None:
            factors = self._detuned(moments, shift)
        duration = np.ascontiguousarray(self.controls.duration)
        shape = moments.guard, moments.length, moments.cutoff
        work = aligned((4, vector.size))
        evolve(vector, work, *shape, terms.lists, terms.mirror, duration, factors, kinds, values)
        return moments.unpack(vector)

    def _detuned(self, moments: Moments, shift: Real) -> NDArray[np.complex128]:
        """The factors of qubits that are detuned by `shift` (rad/s)."""
        key = moments, shift.tobytes()
        if key not in self._turned:
            factors, kinds, _ = self._prepared[moments]
            first = np.unique(kinds, return_index=True)[1]
            levels = np.array(moments.states).reshape(len(moments.states), len(self.active))
            phase = np.exp(-0.5j * np.multiply.outer(self.controls.duration[first], levels @ shift[list(self.active)]))
            turn = phase[:, None, :, None, None] * phase.conj()[:, None, None, None, :]
            orders, states = len(moments.orders), len(moments.states)
            turned = factors.reshape(len(first), orders, states, orders, states) * turn
            self._turned[key] = turned.reshape(factors.shape)
        return self._turned[key]

    def _values(self, terms: Generator) -> Real:
        """Coefficients of the generator at the beginning, middle and end of each step, shape (S, 3, coefficients)."""
        rates, controls = self.rates, self.controls
        steps = len(controls.duration)
        values = np.empty((steps, 3, terms.coefficients))
        n = np.stack([self.thermal[0:-1:2], self.thermal[1::2], self.thermal[2::2]], axis=1)
        for place, qubit in enumerate(self.active):
            g = controls.coupling[:, qubit][:, None]
            values[:, :, terms.near(place)] = g * rates.parity[qubit, self.near]
            for number, mode in enumerate(self.far):
                first, signed = terms.far(place, number), g * rates.parity[qubit, mode]
                values[:, :, first + COUPLING] = signed
                values[:, :, first + HEATED] = signed * n[:, :, mode]
                values[:, :, first + STIMULATED] = signed * (n[:, :, mode] + 1)
            values[:, :, terms.up(place)] = rates.relaxation[qubit] * rates.excited[qubit]
            values[:, :, terms.down(place)] = rates.relaxation[qubit] * (1 - rates.excited[qubit])
        internal, load = rates.internal[self.near], controls.load[:, self.near][:, None]
        hot, cold = rates.hot[self.near], rates.cold[self.near]
        values[:, :, terms.mode_up] = internal * hot + load * cold
        values[:, :, terms.mode_down] = internal * (hot + 1) + load * (cold + 1)
        return values

    def _factors(self, moments: Moments) -> tuple[NDArray[np.complex128], NDArray[np.int64]]:
        """exp(D t/2) of each kind of step, shape (kinds, rows, states), and the number of each step's kind."""
        controls = self.controls
        table = np.hstack(
            [controls.duration[:, None], controls.qubit[:, list(self.active)], controls.mode, controls.load]
        )
        distinct, kinds = np.unique(table, axis=0, return_inverse=True)
        first = np.array([np.flatnonzero(kinds.ravel() == kind)[0] for kind in range(len(distinct))])
        factors = np.empty((len(first), moments.rows, len(moments.states)), complex)
        for kind, step in enumerate(first):
            factors[kind] = np.exp(self._diagonal(moments, int(step)) * controls.duration[step] / 2)
        return factors, kinds.ravel()

    def _diagonal(self, moments: Moments, step: int) -> NDArray[np.complex128]:
        """-i (energy of the row's side - energy of the column's) - decay, shape (rows, states) (rad/s)."""
        rates, controls, active = self.rates, self.controls, list(self.active)
        levels = np.array(moments.states).reshape(len(moments.states), len(active))
        quanta = np.array(moments.orders).reshape(len(moments.orders), len(self.far))
        detuning, loss = rates.detuning + controls.mode[step], rates.internal + controls.load[step]
        # In the frame of the near mode, which conserves the difference of excitations, its photons do not turn.
        frame = detuning[self.near]
        energy = levels @ (controls.qubit[step, active] - frame)
        energy = energy + (levels * (levels - 1) / 2) @ rates.anharmonicity[active]
        far = quanta @ (detuning[self.far] - frame)
        decay = quanta @ loss[self.far] / 2
        up, down = rates.relaxation * rates.excited, rates.relaxation * (1 - rates.excited)
        climbing = np.where(levels < moments.levels - 1, levels + 1, 0)
        leaving = (levels @ down[active] + climbing @ up[active]) / 2
        apart = (levels[:, None, :] - levels[None, :, :]) ** 2 @ rates.dephasing[active]
        row = (-1j * far - decay)[:, None, None, None] + (-1j * energy - leaving)[None, :, None, None]
        column = (1j * far - decay)[None, None, :, None] + (1j * energy - leaving)[None, None, None, :]
        diagonal = row + column - apart[None, :, None, :] - 1j * frame * moments.difference
        return np.asarray(diagonal.reshape(moments.rows, len(moments.states)))
