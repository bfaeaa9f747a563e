"""Hot window: the exact evolution of qubits and line while a coupler is on, as a map of the qubits' state.

Strang splitting between the Hamiltonian (exponentials of its blocks, one for each value of the controls) and the
dissipators (which commute with each other but at the edge of the Fock space, and act on one subsystem each). Only the
qubits whose couplers are on evolve together with the line; the others follow their own map. A qubit that nobody reads
later is traced out when it is done.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ..sequences.errors import ModelError
from .controls import Controls, Rates
from .idle import idle_map
from .joint_operator import JointOperator, Reduced, Vector
from .segment import NEGLIGIBLE_COUPLING, Accuracy, Segment, segments
from .space import ModeSpace
from .stepper import stepper
from .truncation import remainder

__all__ = ["NEGLIGIBLE_COUPLING", "Accuracy", "HotWindow", "Outcome", "idle_map"]


@dataclass(frozen=True)
class Outcome:
    """State after the window. qubits: Shape (levels**Q, levels**Q); of a qubit that was traced out it tells nothing.
    occupations: Of the modes, shape (M,).

    error: Estimated largest error of a population, of splitting and Fock space.
    """

    qubits: Vector
    occupations: NDArray[np.float64]
    error: float


@dataclass
class HotWindow:
    """Map of the qubits' state over one window that starts with a product of qubits and thermal modes.

    rates, controls: Of the model. levels: Of each qubit. modes: Fock space of the line. initial: Occupation of each
    mode at the start. read: Qubits that matter afterwards; the others may be traced out. coarse_modes: A smaller Fock
    space to compare with; without it `Outcome.error` knows nothing of the cutoffs.

    The map is found on demand: a state that earlier calls did not span costs one more propagation.
    """

    rates: Rates
    controls: Controls
    modes: ModeSpace
    initial: NDArray[np.float64]
    read: frozenset[int]
    coarse_modes: ModeSpace | None = None
    levels: int = 3
    accuracy: Accuracy = field(default_factory=Accuracy)
    _known: dict[int, list["_Known"]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        modes = self.rates.detuning.size
        for name, size in (("cutoffs", len(self.modes.cutoffs)), ("initial occupations", self.initial.size)):
            if size != modes:
                raise ModelError(f"number of {name}", size, f"the rates have {modes} modes; give one for each")

    def apply(self, qubits: Vector) -> Outcome:
        """State after the window for the product of the state `qubits` (levels**Q square) and the thermal line."""
        self._check(qubits)
        numbers = np.indices((self.levels,) * self.rates.relaxation.size).reshape(-1, len(qubits)).sum(axis=0)
        difference = numbers[:, None] - numbers[None, :]
        diagonal, error = self._image(0, np.where(difference == 0, qubits, 0))
        state = diagonal.qubits
        for delta in range(1, int(numbers.max()) + 1):
            above = self._image(delta, np.where(difference == delta, qubits, 0))[0].qubits
            state = state + above + above.conj().T
        return Outcome(state, diagonal.occupations, error + self.accuracy.lane)

    def _check(self, qubits: Vector) -> None:
        size = self.levels**self.rates.relaxation.size
        if qubits.shape != (size, size):
            raise ModelError(
                "size of the state", len(qubits), f"the window's qubits span {size}; give [{size}, {size}]"
            )
        skew = float(np.max(np.abs(qubits - qubits.conj().T)))
        if skew > self.accuracy.lane:
            why = "only Hermitian operators are followed; split others into Hermitian and anti-Hermitian parts"
            raise ModelError("skewness of the state", skew, why)

    def _image(self, delta: int, part: Vector) -> tuple[Reduced, float]:
        """Image of one diagonal of the state and its error, from what is known and, where needed, from a new lane."""
        known = self._known.setdefault(delta, [])
        rest = part
        image, error = Reduced(np.zeros_like(part), np.zeros(len(self.initial))), 0.0
        for lane in known:
            weight = complex(np.vdot(lane.basis, rest))
            rest = rest - weight * lane.basis
            image, error = image.plus(lane.image, weight), error + abs(weight) * lane.error
        norm = float(np.linalg.norm(rest))
        if norm > self.accuracy.lane:
            known.append(self._lane(rest / norm, delta))
            image, error = image.plus(known[-1].image, norm), error + norm * known[-1].error
        return image, error

    def _lane(self, basis: Vector, delta: int) -> "_Known":
        image = self._propagate(basis, delta, self.accuracy, self.modes)
        return _Known(basis, image, self._estimated_error(basis, image) if delta == 0 else 0.0)

    def _estimated_error(self, diagonal: Vector, fine: Reduced) -> float:
        """Largest error of a population: the part that remains of what longer steps and a smaller Fock space change.

        Splitting and averaging are of second order in the step (on a ramp the turn grows with its square, hence the
        four), so of what doubled steps change a third remains. Of what the cutoffs change, see `remainder`. One
        state may change little by chance: the estimate is meant for the worst of the states that a window is given.
        """
        longer = Accuracy(step=2 * self.accuracy.step, turn=4 * self.accuracy.turn, lane=self.accuracy.lane)
        modes = self.coarse_modes or self.modes
        small = self._propagate(diagonal, 0, self.accuracy, modes) if self.coarse_modes else fine
        steps = _largest_change(self._propagate(diagonal, 0, longer, modes), small) / 3
        return steps + remainder(self.modes, modes, self._warmest()) * _largest_change(small, fine)

    def _warmest(self) -> NDArray[np.float64]:
        """Occupation of each mode at the end if nothing left it, shape (M,)."""
        rates, controls = self.rates, self.controls
        arriving = rates.internal * rates.hot * controls.duration.sum() + controls.duration @ controls.load * rates.cold
        return np.asarray(self.initial + arriving)

    def _propagate(self, basis: Vector, delta: int, accuracy: Accuracy, modes: ModeSpace) -> Reduced:
        steps, through = segments(self.controls, accuracy), stepper(self.rates, modes, self.levels)
        state = JointOperator.product(basis, delta, modes, self.initial, self.levels)
        # The blocks are too small to share among cores: with another program on one of them, OpenBLAS waits for itself.
        with threadpool_limits(limits=1, user_api="blas"):
            for index, segment in enumerate(steps):
                state = through.evolve(state, segment, accuracy.lane)
                for qubit in _finished(steps, index) - self.read:
                    state = state.forget(qubit)
        return state.reduce()


def _largest_change(first: Reduced, second: Reduced) -> float:
    return float(np.max(np.abs(np.diag(first.qubits - second.qubits))))


@dataclass(frozen=True)
class _Known:
    """A unit operator of one excitation difference, its image, and the error of the image's populations."""

    basis: Vector
    image: Reduced
    error: float


def _finished(steps: list[Segment], index: int) -> set[int]:
    """Qubits that are active for the last time in segment `index`."""
    later = {qubit for following in steps[index + 1 :] for qubit in following.active}
    return set(steps[index].active) - later
