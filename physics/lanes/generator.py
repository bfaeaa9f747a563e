"""Generator: d rho/dt = sum_k c_k(t) L_k rho, each L_k as a sparse real matrix on the numbers of some elements.

Terms k: 0 all that is constant; then the couplings of the Q qubits, their detunings, the shifts of the M modes and
their loads: 1 + 2 Q + 2 M terms, in the model and with the meaning of `controls.py`.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from ..controls import Rates
from .elements import Elements, Index

Real = NDArray[np.float64]


@dataclass(frozen=True)
class Monomial:
    """An operator with at most one element in each row: <i| O |source_i> = value_i."""

    source: Index
    value: Real


@dataclass(frozen=True)
class Product:
    """Product space of qubits with `levels` and modes with `cutoffs`, qubits slowest."""

    levels: tuple[int, ...]
    cutoffs: tuple[int, ...]

    @property
    def dims(self) -> tuple[int, ...]:
        """Of all parts."""
        return self.levels + self.cutoffs

    @cached_property
    def numbers(self) -> Index:
        """Quanta of each part in each state, shape (parts, states)."""
        return np.indices(self.dims).reshape(len(self.dims), -1)

    @cached_property
    def totals(self) -> Index:
        """Excitations of each state, shape (states,)."""
        return np.asarray(self.numbers.sum(axis=0))

    def ladder(self, *changes: tuple[int, int]) -> Monomial:
        """Product of a (-1) and a+ (+1) of the parts in `changes`."""
        states = len(self.totals)
        source, value = np.arange(states), np.ones(states)
        for part, change in changes:
            n = self.numbers[part] - change
            inside = (n >= 0) & (n < self.dims[part])
            source = np.where(inside, source - change * math.prod(self.dims[part + 1 :]), source)
            value = value * np.where(inside, np.sqrt(np.maximum(n, self.numbers[part])), 0.0)
        return Monomial(np.where(value > 0, source, np.arange(states)), value)


class Builder:
    """Collects one L_k from its parts."""

    def __init__(self, elements: Elements) -> None:
        self.elements = elements
        self._triplets: list[tuple[Index, Index, Real]] = []

    def turn(self, energies: Real) -> None:
        """Add -i (E rho - rho E), E diagonal (rad/s)."""
        e = self.elements
        everything = np.arange(len(e.rows))
        self._add(everything, everything, np.ones(len(e.rows)), energies[e.columns] - energies[e.rows], True)

    def hop(self, operator: Monomial, back: Monomial, rate: float) -> None:
        """Add -i rate (H rho - rho H) with H = operator + back, its transpose."""
        here = Monomial(np.arange(len(operator.source)), np.ones(len(operator.source)))
        for one in (operator, back):
            self._sandwich(one, here, -rate, True)
            self._sandwich(here, one, rate, True)

    def jump(self, operator: Monomial, rate: float) -> None:
        """Add rate (O rho O+ - (O+O rho + rho O+O)/2)."""
        e = self.elements
        self._sandwich(operator, operator, 1.0 * rate, False)
        loss = np.bincount(operator.source, operator.value**2, minlength=len(operator.source))
        everything = np.arange(len(e.rows))
        decay = np.asarray(-rate / 2 * (loss[e.rows] + loss[e.columns]), dtype=np.float64)
        self._add(everything, everything, np.ones(len(e.rows)), decay, False)

    def matrix(self) -> csr_array:
        """L_k. Of complex numbers: shape (numbers, 2 numbers), the right half for what stands behind an i."""
        width = self.elements.size * (1 if self.elements.folded else 2)
        if not self._triplets:
            return csr_array((self.elements.size, width))
        rows, columns, values = (np.concatenate(part) for part in zip(*self._triplets, strict=True))
        matrix = csr_array((values, (rows, columns)), shape=(self.elements.size, width))
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        return matrix

    def _sandwich(self, left: Monomial, right: Monomial, rate: float, turned: bool) -> None:
        """Add rate O rho P+, times i if `turned`."""
        e = self.elements
        weight = rate * left.value[e.rows] * right.value[e.columns]
        target = np.flatnonzero(weight)
        i, j = left.source[e.rows[target]], right.source[e.columns[target]]
        upper = e.lookup[i, j] >= 0
        source = np.where(upper, e.lookup[i, j], e.lookup[j, i])
        self._add(target, source, np.where(upper, 1.0, -1.0), np.asarray(weight)[target], turned)

    def _add(self, target: Index, source: Index, sign: Real, weight: Real, turned: bool) -> None:
        """Add weight times the source, or its conjugate where `sign` is negative, times i if `turned`."""
        e = self.elements
        if not e.folded:
            self._triplets.append((target, source + e.size * turned, weight))
            return
        into, out_of = e.imaginary[target], e.imaginary[source]
        if turned:
            self._keep(target, out_of, -sign * weight)
            self._keep(into, source, weight)
        else:
            self._keep(target, source, weight)
            self._keep(into, out_of, sign * weight)

    def _keep(self, rows: Index, columns: Index, values: Real) -> None:
        real = (rows >= 0) & (columns >= 0)
        self._triplets.append((rows[real], columns[real], values[real]))


def terms(rates: Rates, space: Product, elements: Elements) -> list[csr_array]:
    """All L_k, in their order."""
    qubits, modes = len(space.levels), len(space.cutoffs)
    return [
        _constant(rates, space, elements),
        *(_coupling(rates, space, elements, qubit) for qubit in range(qubits)),
        *(_detuning(space, elements, part) for part in range(qubits + modes)),
        *(_load(rates, space, elements, mode) for mode in range(modes)),
    ]


def energies(rates: Rates, space: Product) -> Real:
    """Constant energies of the states: anharmonicities and detunings of the modes, shape (states,) (rad/s)."""
    qubits, photons = np.split(space.numbers, [len(space.levels)])
    return np.asarray(rates.anharmonicity @ (qubits * (qubits - 1) / 2) + rates.detuning @ photons)


def _constant(rates: Rates, space: Product, elements: Elements) -> csr_array:
    built, first = Builder(elements), len(space.levels)
    built.turn(energies(rates, space))
    for qubit in range(first):
        built.jump(space.ladder((qubit, -1)), rates.relaxation[qubit] * (1 - rates.excited[qubit]))
        built.jump(space.ladder((qubit, 1)), rates.relaxation[qubit] * rates.excited[qubit])
        number = space.numbers[qubit].astype(np.float64)
        built.jump(Monomial(np.arange(len(number)), number), 2 * rates.dephasing[qubit])
    for mode in range(len(space.cutoffs)):
        _bath(built, space, first + mode, rates.internal[mode], rates.hot[mode])
    return built.matrix()


def _coupling(rates: Rates, space: Product, elements: Elements, qubit: int) -> csr_array:
    built, first = Builder(elements), len(space.levels)
    for mode, parity in enumerate(rates.parity[qubit]):
        down, up = (qubit, -1), (first + mode, 1)
        back = space.ladder((qubit, 1), (first + mode, -1))
        built.hop(space.ladder(down, up), back, parity)
    return built.matrix()


def _detuning(space: Product, elements: Elements, part: int) -> csr_array:
    built = Builder(elements)
    built.turn(space.numbers[part].astype(np.float64))
    return built.matrix()


def _load(rates: Rates, space: Product, elements: Elements, mode: int) -> csr_array:
    built = Builder(elements)
    _bath(built, space, len(space.levels) + mode, 1.0, rates.cold[mode])
    return built.matrix()


def _bath(built: Builder, space: Product, part: int, rate: float, occupation: float) -> None:
    built.jump(space.ladder((part, -1)), rate * (occupation + 1))
    built.jump(space.ladder((part, 1)), rate * occupation)
