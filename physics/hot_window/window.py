"""Hot window: the evolution of qubits and line while a coupler is on, as a map of the qubits' state.

Only the qubits whose couplers are on evolve together with the line; the others follow their own map. A qubit that
nobody reads later is traced out when it is done. Of the line, the mode nearest to the qubits is followed in Fock
states and the others in moments about a thermal line (`moments`), as far as the requested error needs them.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from ...sequences.errors import ModelError
from ..check import accuracy, square
from ..controls import Controls, Rates, check_line
from .course import Course
from .joint import Joint, Levels, Matrix, Reduced
from .moments import Moments, bounded
from .part import Part, parts
from .resolution import CROSSED, ERROR, Resolution, looseness, nearest, resolution

Real = NDArray[np.float64]
Pair = tuple[Levels, Levels]
"""States of the qubits that are off, of rows and of columns."""


@dataclass(frozen=True)
class Outcome:
    """State after the window. qubits: Shape (levels**Q, levels**Q); of a qubit that was traced out it tells nothing.
    occupations: Of the modes, shape (M,).

    error: Estimated largest error of a population or coherence: of steps, Fock states and orders.
    """

    qubits: Matrix
    occupations: Real
    error: float


@dataclass
class HotWindow:
    """Map of the qubits' state over one window that starts with a product of qubits and thermal modes.

    rates, controls: Of the model. initial: Occupation of each mode at the start, shape (M,). read: Qubits that matter
    afterwards; the others may be traced out. levels: Of each qubit. error: Of a population, that is asked for;
    `Outcome.error` tells what was reached.

    The map is found on demand: a state that earlier calls did not span costs one more propagation.
    """

    rates: Rates
    controls: Controls
    initial: Real
    read: frozenset[int]
    levels: int = 3
    error: float = ERROR
    _known: dict[int, list["_Known"]] = field(default_factory=dict, init=False, repr=False)
    _parts: dict[tuple[float, float], list[Part]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        accuracy(self.error, self.levels)
        check_line(self.rates, self.controls, self.initial)
        if not self.read <= set(range(self.rates.relaxation.size)):
            why = f"qubits are numbered from 0; there are {self.rates.relaxation.size}"
            raise ModelError("qubits that are read", set(self.read), why)
        warmest = self._warmest()
        self.near = nearest(self.rates, self.controls, warmest)
        self.resolution = resolution(self.rates, self.controls, warmest, self.near, self.levels, self.error)
        self._loose = looseness(self.rates, self.controls, warmest, self.near)

    def apply(self, qubits: Matrix) -> Outcome:
        """State after the window for the product of the state `qubits` (levels**Q square) and the thermal line."""
        self._check(qubits)
        difference = self._difference
        diagonal, error = self._image(0, np.where(difference == 0, qubits, 0))
        state = diagonal.qubits
        for delta in range(1, int(difference.max()) + 1):
            image, of_coherences = self._image(delta, np.where(difference == delta, qubits, 0))
            state = state + image.qubits + image.qubits.conj().T
            error = max(error, of_coherences)
        return Outcome(state, diagonal.occupations, error + self.resolution.lane)

    def images(self, operators: Matrix) -> Matrix:
        """Of any operators on the qubits, Hermitian or not, times the thermal line; shape (K, levels**Q, levels**Q)."""
        adjoint, difference = operators.conj().swapaxes(1, 2), self._difference
        hermitian = np.concatenate([(operators + adjoint) / 2, (operators - adjoint) / 2j])
        found = self._spanned(0, np.where(difference == 0, hermitian, 0))
        for delta in range(1, int(difference.max()) + 1):
            upper = self._spanned(delta, np.where(difference == delta, hermitian, 0))
            found = found + upper + upper.conj().swapaxes(1, 2)
        real, imaginary = np.split(found, 2)
        return np.asarray(real + 1j * imaginary)

    def _spanned(self, delta: int, rest: Matrix) -> Matrix:
        """Images of one diagonal of many operators, the largest of what is not known yet first."""
        known, found = self._known.setdefault(delta, []), np.zeros_like(rest)
        for number in range(rest[0].size + 1):
            if number == len(known):
                norms = np.sqrt(np.einsum("kij,kij->k", rest, rest.conj()).real)
                largest = int(np.argmax(norms))
                if norms[largest] <= self.resolution.lane:
                    break
                known.append(self._lane(rest[largest] / norms[largest], delta))
            weights = np.einsum("ij,kij->k", known[number].basis.conj(), rest)
            rest = rest - np.multiply.outer(weights, known[number].basis)
            found += np.multiply.outer(weights, known[number].image.qubits)
        return found

    @cached_property
    def _difference(self) -> NDArray[np.int64]:
        """Excitations of rows minus those of columns, shape (levels**Q, levels**Q)."""
        qubits = self.rates.relaxation.size
        numbers = np.indices((self.levels,) * qubits).reshape(qubits, -1).sum(axis=0)
        return np.asarray(numbers[:, None] - numbers[None, :])

    def _check(self, qubits: Matrix) -> None:
        square("the state", qubits, self.levels**self.rates.relaxation.size, "the window's qubits")
        skew = float(np.max(np.abs(qubits - qubits.conj().T)))
        if skew > self.resolution.lane:
            why = "only Hermitian operators are followed; split others into Hermitian and anti-Hermitian parts"
            raise ModelError("skewness of the state", skew, why)

    def _image(self, delta: int, part: Matrix) -> tuple[Reduced, float]:
        """Image of one diagonal of the state and its error, from what is known and, where needed, from a new lane."""
        known = self._known.setdefault(delta, [])
        rest = part
        image, error = Reduced(np.zeros_like(part), np.zeros(len(self.initial))), 0.0
        for lane in known:
            weight = complex(np.vdot(lane.basis, rest))
            rest = rest - weight * lane.basis
            image, error = image.plus(lane.image, weight), error + abs(weight) * lane.error
        norm = float(np.linalg.norm(rest))
        if norm > self.resolution.lane:
            known.append(self._lane(rest / norm, delta))
            image, error = image.plus(known[-1].image, norm), error + norm * known[-1].error
        return image, error

    def _lane(self, basis: Matrix, delta: int) -> "_Known":
        """The image of a unit operator: coarse, with what each refinement changes of it added.

        The changes hardly depend on each other, so that orders are refined with few photons and long steps, photons and
        steps with low orders: a hundred times cheaper than all at once.
        """
        found: dict[Resolution, Reduced] = {}

        def at(asked: Resolution) -> Reduced:
            if asked not in found:
                found[asked] = self.propagate(basis, delta, asked)
            return found[asked]

        image, changes = at(self.resolution.coarse), []
        for fine, coarse in self.resolution.refinements:
            if fine != coarse:
                image = image.plus(at(fine), 1.0).plus(at(coarse), -1.0)
            changes.append(_largest_change(at(fine), at(coarse)) if fine != coarse else 0.0)
        remaining = self.resolution.remaining(float(self._warmest()[self.near]), self._loose)
        crossed = CROSSED * (sum(changes) - max(changes))
        return _Known(basis, image, float(remaining @ changes) + crossed)

    def _warmest(self) -> Real:
        """Occupation of each mode at the end if nothing left it, shape (M,)."""
        rates, controls = self.rates, self.controls
        arriving = rates.internal * rates.hot * controls.duration.sum() + controls.duration @ controls.load * rates.cold
        return np.asarray(self.initial + arriving)

    def propagate(self, basis: Matrix, delta: int, asked: Resolution) -> Reduced:
        """Image of an operator of the excitation difference `delta` at one resolution, whatever error that leaves."""
        key, n = (asked.step, asked.turn), self.initial[self.near]
        if key not in self._parts:
            self._parts[key] = parts(self.rates, self.controls, self.near, self.levels, self.initial, asked)
        thermal = (n / (1 + n)) ** np.arange(asked.cutoff)
        orders = len(bounded(len(self.initial) - 1, asked.order))
        state, forgotten = Joint.product(basis, delta, self.levels, orders, thermal / thermal.sum()), set[int]()
        for part in self._parts[key]:
            state = self._followed(state, part.course, asked)
            for qubit in part.off.keys() - forgotten:
                state = state.spectated(qubit, part.off[qubit])
            for qubit in part.finished - self.read:
                state = state.forgotten(qubit)
            forgotten |= part.finished - self.read
        return state.reduced(self._parts[key][-1].course.thermal[-1], self.near)

    def _followed(self, state: Joint, course: Course, asked: Resolution) -> Joint:
        """`state` after a segment. Of a Hermitian one half of the pairs of the spectators' states tell the others."""
        found: dict[Pair, Matrix] = {}
        groups: dict[tuple[int, bool], dict[Pair, Matrix]] = {}
        for difference, (left, right), lane in state.lanes(course.active):
            if state.difference or left <= right:
                groups.setdefault((difference, not difference and left == right), {})[left, right] = lane
        for (difference, hermitian), lanes in groups.items():
            moments = Moments(
                qubits=len(course.active),
                levels=self.levels,
                far=len(course.far),
                order=asked.order,
                cutoff=asked.cutoff,
                difference=difference,
                hermitian=hermitian,
            )
            for (left, right), lane in _carried(lanes, course, moments, asked.lane).items():
                found[left, right] = lane
                if not state.difference and left != right:
                    found[right, left] = moments.adjoint(lane)
        return state.replaced(course.active, found)


def _carried(lanes: dict[Pair, Matrix], course: Course, moments: Moments, smallest: float) -> dict[Pair, Matrix]:
    """`lanes` after a segment: as few combinations of them are followed as span them."""
    all_lanes = list(lanes.values())
    rows = np.array([lane.ravel() for lane in all_lanes])
    overlaps = np.einsum("kn,ln->kl", rows, rows.conj())
    weights, basis = eigh(overlaps.real if moments.hermitian else overlaps)
    basis = basis[:, weights > smallest**2]
    evolved = [course.follow(_mixed(direction.conj(), all_lanes), moments) for direction in basis.T]
    return {pair: _mixed(row, evolved) for pair, row in zip(lanes, basis, strict=True)} if evolved else {}


def _mixed(weights: Matrix, lanes: list[Matrix]) -> Matrix:
    """Sum of the weighted lanes, in one thread: they are too small for more."""
    return np.asarray(np.einsum("k,k...->...", weights, np.array(lanes)))


def _largest_change(first: Reduced, second: Reduced) -> float:
    return float(np.max(np.abs(first.qubits - second.qubits)))


@dataclass(frozen=True)
class _Known:
    """A unit operator of one excitation difference, its image, and the largest error of an element of that."""

    basis: Matrix
    image: Reduced
    error: float
