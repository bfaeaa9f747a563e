"""Hot window: the evolution of qubits and line while a coupler is on, as a map of the qubits' state.

Only the qubits whose couplers are on evolve together with the line; the others follow their own map. A qubit that
nobody reads later is traced out when it is done. Of the line, the mode nearest to the qubits is followed in Fock
states and the others in moments about a thermal line (`moments`), as far as the requested error needs them.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeGuard

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from ...sequences.errors import ModelError
from ..controls import Controls, Rates
from ..segment import NEGLIGIBLE_COUPLING
from .course import Course
from .detuned import Detuned, Stencil
from .joint import Joint, Levels, Matrix, Reduced
from .moments import Moments, bounded
from .part import Part, parts
from .resolution import CROSSED, ERROR, Resolution, looseness, nearest, resolution

Real = NDArray[np.float64]
Pair = tuple[Levels, Levels]
"""States of the qubits that are off, of rows and of columns."""
UNCERTAIN = 1 / 8
"""Part of the error, asked for or reached, that detunings may add, weighted with their share of the shots."""


@dataclass(frozen=True)
class Outcome:
    """State after the window. qubits: Shape (levels**Q, levels**Q); of a qubit that was traced out it tells nothing.
    occupations: Of the modes, shape (M,).

    error: Estimated largest error of a population or coherence: of steps, Fock states and orders, and of detunings.
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

    The map is found on demand: a state that earlier calls did not span costs one more propagation, and the first shots
    that are detuned a part of one for each node of the `Stencil`. All that are slightly detuned share these.
    """

    rates: Rates
    controls: Controls
    initial: Real
    read: frozenset[int]
    levels: int = 3
    error: float = ERROR
    _known: dict[int, list["_Known"]] = field(default_factory=dict, init=False, repr=False)
    _parts: dict[tuple[float, float], list[Part]] = field(default_factory=dict, init=False, repr=False)
    _apart: dict[bytes, "HotWindow"] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        modes = self.rates.detuning.size
        if self.initial.size != modes:
            why = f"the rates have {modes} modes; give one for each"
            raise ModelError("number of initial occupations", self.initial.size, why)
        warmest = self._warmest()
        self.near = nearest(self.rates, self.controls, warmest)
        self.resolution = resolution(self.rates, self.controls, warmest, self.near, self.levels, self.error)
        self._loose = looseness(self.rates, self.controls, warmest, self.near)

    def apply(self, qubits: Matrix, detuned: Detuned | None = None) -> Outcome:
        """State after the window for the product of the state `qubits` (levels**Q square) and the thermal line.

        detuned: Of which shots; None for those whose qubits are where the controls say.
        """
        self._check(qubits)
        if self._bends(detuned):
            return self._by_itself(detuned).apply(qubits)
        difference = self._difference
        diagonal, error = self._image(0, np.where(difference == 0, qubits, 0), detuned)
        state = diagonal.qubits
        for delta in range(1, int(difference.max()) + 1):
            image, of_coherences = self._image(delta, np.where(difference == delta, qubits, 0), detuned)
            state = state + image.qubits + image.qubits.conj().T
            error = max(error, of_coherences)
        return Outcome(state * self._turn(detuned), diagonal.occupations, error + self.resolution.lane)

    def images(self, operators: Matrix, detuned: Detuned | None = None) -> Matrix:
        """Of any operators on the qubits, Hermitian or not, times the thermal line; shape (K, levels**Q, levels**Q)."""
        if self._bends(detuned):
            return self._by_itself(detuned).images(operators)
        adjoint, difference = operators.conj().swapaxes(1, 2), self._difference
        hermitian = np.concatenate([(operators + adjoint) / 2, (operators - adjoint) / 2j])
        found = self._spanned(0, np.where(difference == 0, hermitian, 0), detuned)
        for delta in range(1, int(difference.max()) + 1):
            upper = self._spanned(delta, np.where(difference == delta, hermitian, 0), detuned)
            found = found + upper + upper.conj().swapaxes(1, 2)
        real, imaginary = np.split(found, 2)
        return np.asarray((real + 1j * imaginary) * self._turn(detuned))

    def _spanned(self, delta: int, rest: Matrix, detuned: Detuned | None) -> Matrix:
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
            found += np.multiply.outer(weights, self._seen(known[number], delta, detuned)[0].qubits)
        return found

    @cached_property
    def _difference(self) -> NDArray[np.int64]:
        """Excitations of rows minus those of columns, shape (levels**Q, levels**Q)."""
        qubits = self.rates.relaxation.size
        numbers = np.indices((self.levels,) * qubits).reshape(qubits, -1).sum(axis=0)
        return np.asarray(numbers[:, None] - numbers[None, :])

    def _check(self, qubits: Matrix) -> None:
        size = self.levels**self.rates.relaxation.size
        if qubits.shape != (size, size):
            raise ModelError(
                "size of the state", len(qubits), f"the window's qubits span {size}; give [{size}, {size}]"
            )
        skew = float(np.max(np.abs(qubits - qubits.conj().T)))
        if skew > self.resolution.lane:
            why = "only Hermitian operators are followed; split others into Hermitian and anti-Hermitian parts"
            raise ModelError("skewness of the state", skew, why)

    def _image(self, delta: int, part: Matrix, detuned: Detuned | None) -> tuple[Reduced, float]:
        """Image of one diagonal of the state and its error, from what is known and, where needed, from a new lane."""
        known = self._known.setdefault(delta, [])
        rest = part
        image, error = Reduced(np.zeros_like(part), np.zeros(len(self.initial))), 0.0
        for number in range(len(known) + 1):
            if number == len(known):
                norm = float(np.linalg.norm(rest))
                if norm <= self.resolution.lane:
                    break
                known.append(self._lane(rest / norm, delta))
            weight = complex(np.vdot(known[number].basis, rest))
            rest = rest - weight * known[number].basis
            seen, missed = self._seen(known[number], delta, detuned)
            image, error = image.plus(seen, weight), error + abs(weight) * missed
        return image, error

    def _lane(self, basis: Matrix, delta: int) -> "_Known":
        """The image of a unit operator."""
        image, changes = self._refined(basis, delta)
        remaining = self.resolution.remaining(float(self._warmest()[self.near]), self._loose)
        crossed = CROSSED * (sum(changes) - max(changes))
        return _Known(basis, image, float(remaining @ changes) + crossed)

    def _refined(self, basis: Matrix, delta: int, shift: Real | None = None) -> tuple[Reduced, list[float]]:
        """The image of a unit operator: coarse, with what each refinement changes of it added; and these changes.

        The changes hardly depend on each other, so that orders are refined with few photons and long steps, photons and
        steps with low orders: a hundred times cheaper than all at once.
        """
        found: dict[Resolution, Reduced] = {}

        def at(asked: Resolution) -> Reduced:
            if asked not in found:
                found[asked] = self.propagate(basis, delta, asked, shift)
            return found[asked]

        image, changes = at(self.resolution.coarse), []
        for fine, coarse in self.resolution.refinements:
            if fine != coarse:
                image = image.plus(at(fine), 1.0).plus(at(coarse), -1.0)
            changes.append(_largest_change(at(fine), at(coarse)) if fine != coarse else 0.0)
        return image, changes

    def _seen(self, lane: "_Known", delta: int, detuned: Detuned | None) -> tuple[Reduced, float]:
        """The image of a unit operator in detuned shots, but for the turn of qubits that the line does not meet."""
        if detuned is None or not self._stencil.slip(detuned.shift):
            return lane.image, lane.error
        if lane.slightly is None:
            lane.slightly = self._changes(lane, delta, self.resolution.slight)
        slip = (self.levels - 1) * self._stencil.slip(detuned.shift)
        uncertain = slip * lane.slightly.error * detuned.kept
        changes = lane.slightly
        if detuned.share * uncertain > UNCERTAIN * max(self.error, lane.error):
            lane.fully = lane.fully or self._changes(lane, delta, None)
            changes, uncertain = lane.fully, 0.0
        image = changes.image(lane.image, self._stencil.weights(detuned.shift))
        return image, lane.error + uncertain + self._stencil.missed(detuned.shift)

    def _changes(self, lane: "_Known", delta: int, asked: Resolution | None) -> "_Changes":
        """What the detunings at the nodes change of a lane. asked: None for that of the lane itself."""
        if asked is None:
            found = [self._refined(lane.basis, delta, shift)[0] for shift in self._stencil.nodes]
            return _Changes.between(lane.image, found, 0.0)
        found = [self.propagate(lane.basis, delta, asked, shift) for shift in self._stencil.nodes]
        still = self.propagate(lane.basis, delta, asked)
        return _Changes.between(still, found, _largest_change(still, lane.image))

    @cached_property
    def _stencil(self) -> Stencil:
        met = (np.abs(self.controls.coupling) > NEGLIGIBLE_COUPLING).any(axis=0)
        active = tuple(int(qubit) for qubit in np.flatnonzero(met))
        return Stencil(self.rates.relaxation.size, active, float(self.controls.duration.sum()))

    def _bends(self, detuned: Detuned | None) -> TypeGuard[Detuned]:
        """The image is no polynomial any more at that detuning."""
        return detuned is not None and detuned.share * self._stencil.missed(detuned.shift) > UNCERTAIN * self.error

    def _by_itself(self, detuned: Detuned) -> "HotWindow":
        """The window of these shots alone."""
        key = detuned.shift.tobytes()
        if key not in self._apart:
            controls = replace(self.controls, qubit=self.controls.qubit + detuned.shift)
            self._apart[key] = replace(self, controls=controls)
        return self._apart[key]

    def _turn(self, detuned: Detuned | None) -> Matrix | float:
        """Factors by which qubits that are detuned and do not meet the line turn, shape (levels**Q, levels**Q)."""
        if detuned is None:
            return 1.0
        alone = detuned.shift.copy()
        alone[list(self._stencil.active)] = 0.0
        levels = np.indices((self.levels,) * alone.size).reshape(alone.size, -1)
        phase = np.exp(-1j * self._stencil.duration * (alone @ levels))
        return np.asarray(phase[:, None] * phase.conj())

    def _warmest(self) -> Real:
        """Occupation of each mode at the end if nothing left it, shape (M,)."""
        rates, controls = self.rates, self.controls
        arriving = rates.internal * rates.hot * controls.duration.sum() + controls.duration @ controls.load * rates.cold
        return np.asarray(self.initial + arriving)

    def propagate(self, basis: Matrix, delta: int, asked: Resolution, shift: Real | None = None) -> Reduced:
        """Image of an operator of the excitation difference `delta` at one resolution, whatever error that leaves.

        shift: By which each qubit is detuned, shape (Q,) (rad/s).
        """
        key, n = (asked.step, asked.turn), self.initial[self.near]
        if key not in self._parts:
            self._parts[key] = parts(self.rates, self.controls, self.near, self.levels, self.initial, asked)
        thermal = (n / (1 + n)) ** np.arange(asked.cutoff)
        orders = len(bounded(len(self.initial) - 1, asked.order))
        state, forgotten = Joint.product(basis, delta, self.levels, orders, thermal / thermal.sum()), set[int]()
        for part in self._parts[key]:
            state = self._followed(state, part.course, asked, shift)
            for qubit in part.off.keys() - forgotten:
                state = state.spectated(qubit, part.alone(qubit, shift))
            for qubit in part.finished - self.read:
                state = state.forgotten(qubit)
            forgotten |= part.finished - self.read
        return state.reduced(self._parts[key][-1].course.thermal[-1], self.near)

    def _followed(self, state: Joint, course: Course, asked: Resolution, shift: Real | None) -> Joint:
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
            for (left, right), lane in _carried(lanes, course, moments, asked.lane, shift).items():
                found[left, right] = lane
                if not state.difference and left != right:
                    found[right, left] = moments.adjoint(lane)
        return state.replaced(course.active, found)


def _carried(
    lanes: dict[Pair, Matrix], course: Course, moments: Moments, smallest: float, shift: Real | None
) -> dict[Pair, Matrix]:
    """`lanes` after a segment: as few combinations of them are followed as span them."""
    all_lanes = list(lanes.values())
    rows = np.array([lane.ravel() for lane in all_lanes])
    overlaps = np.einsum("kn,ln->kl", rows, rows.conj())
    weights, basis = eigh(overlaps.real if moments.hermitian else overlaps)
    basis = basis[:, weights > smallest**2]
    evolved = [course.follow(_mixed(direction.conj(), all_lanes), moments, shift) for direction in basis.T]
    return {pair: _mixed(row, evolved) for pair, row in zip(lanes, basis, strict=True)} if evolved else {}


def _mixed(weights: Matrix, lanes: list[Matrix]) -> Matrix:
    """Sum of the weighted lanes, in one thread: they are too small for more."""
    return np.asarray(np.einsum("k,k...->...", weights, np.array(lanes)))


def _largest_change(first: Reduced, second: Reduced) -> float:
    return float(np.max(np.abs(first.qubits - second.qubits)))


@dataclass(frozen=True)
class _Changes:
    """What detunings change of an image. qubits: At each node, shape (J, levels**Q, levels**Q). occupations: Shape
    (J, M). error: Of the undetuned image at the same resolution.
    """

    qubits: Matrix
    occupations: Real
    error: float

    @classmethod
    def between(cls, still: Reduced, nodes: list[Reduced], error: float) -> "_Changes":
        """The changes from the image `still` to those at the nodes."""
        qubits = np.array([node.qubits - still.qubits for node in nodes])
        return cls(qubits, np.array([node.occupations - still.occupations for node in nodes]), error)

    def image(self, still: Reduced, weights: Real) -> Reduced:
        """Of detuned shots, from that of the others."""
        qubits = still.qubits + np.tensordot(weights, self.qubits, axes=1)
        return Reduced(qubits, still.occupations + weights @ self.occupations)


@dataclass
class _Known:
    """A unit operator of one excitation difference, its image, and the largest error of an element of that.

    slightly, fully: What detunings change, as coarsely as is enough for slight ones, and as finely as the image is.
    """

    basis: Matrix
    image: Reduced
    error: float
    slightly: _Changes | None = None
    fully: _Changes | None = None
