"""Handshake: what a transfer of A's state to B does, predicted without shots."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..hot_window import Resolution
from ..pauli import tensor
from ..process_map import Array, ProcessMap
from .experiment import Experiment
from .misreading import Misreading

State = NDArray[np.complex128]
AXES = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


@dataclass(frozen=True, kw_only=True)
class Transferred:
    """What a handshake does.

    true: Map from the state that A's preparation is named after to B's two levels. raw: As tomography sees it that
    takes B's readout for perfect: X and Y read in both signs, Z in one, f as 1. Errors of the preparation count against
    both. phase: That B's frame was turned by (rad). before, after: Occupation of each mode at the first swap and at
    the readout, shape (M,). leakage: Of B out of its two levels after A was prepared in 0 and in 1. error: Estimated
    largest error of a population. resolution: Fock states, orders and steps that were chosen for the error asked for;
    None for photons on the way, which take none.
    """

    true: ProcessMap
    raw: ProcessMap
    phase: float
    before: Array
    after: Array
    leakage: tuple[float, float]
    error: float
    resolution: Resolution | None

    @property
    def fidelity(self) -> float:
        """F_p = Tr(chi chi_ideal), true."""
        return float(self.true.process_fidelity())

    @property
    def raw_fidelity(self) -> float:
        """F_p, raw."""
        return float(self.raw.process_fidelity())


@dataclass(frozen=True, kw_only=True)
class Handshake(Experiment):
    """A transfer of A's state to B through the line; B begins in its thermal mixture.

    Handshake(device=..., pulses=LinkPulses(...)).predict() propagates four states of A: 0, 1, + and +i.
    """

    def predict(self) -> Transferred:
        """The process map with all that belongs to it; equation of motion and symbols as in `controls`."""
        images, before, after, error = self._images()
        ground, excited = images[0], images[1]
        leakage = (float(1 - np.trace(ground[:2, :2]).real), float(1 - np.trace(excited[:2, :2]).real))
        # What a preparation mixes, it mixes on all axes alike; the sum of 0 and 1 stays.
        kept = 1 - 2 * self._swapped(0)
        both = ground + excited
        inputs = [both, *(kept * part for part in (2 * images[2] - both, 2 * images[3] - both, ground - excited))]
        return transferred(
            inputs,
            self._read(1),
            phase=self.phase,
            before=before,
            after=after,
            leakage=leakage,
            error=error,
            resolution=self._passage(frozenset({1})).resolution,
        )

    def _images(self) -> tuple[list[State], Array, Array, float]:
        """B after A was in 0, 1, + and +i without any mistake; occupations before and after; error."""
        b = self._mixture(self._thermal(1))
        states = [_padded(state, len(b)) for state in _INPUTS]
        images = [np.zeros_like(b) for _ in states]
        passage = self._passage(frozenset({1}))
        shots, error = self._shots(passage)
        after = np.zeros_like(passage.before)
        for detuned in shots:
            outcomes = [passage.apply(tensor((a, b)), detuned) for a in states]
            for image, outcome in zip(images, outcomes, strict=True):
                image += detuned.share * np.einsum("abac->bc", outcome.qubits.reshape((len(b),) * 4))
            after += detuned.share * outcomes[1].occupations
            error += detuned.share * max(outcome.error for outcome in outcomes)
        return images, passage.before, after, error


def transferred(
    inputs: list[State],
    read: Misreading,
    *,
    phase: float | None,
    before: Array,
    after: Array,
    leakage: tuple[float, float],
    error: float,
    resolution: Resolution | None = None,
) -> Transferred:
    """From what B becomes, its images of A's I, X, Y and Z. read: Of B. phase: See `Experiment`; others as they are."""
    turn = phase if phase is not None else float(np.angle((inputs[1] - 1j * inputs[2])[1, 0]))
    frame = np.exp(-1j * turn * np.arange(len(inputs[0])))
    images = [frame[:, None] * part * frame.conj() for part in inputs]
    return Transferred(
        true=ProcessMap(np.array([_two_levels(part) for part in images]).T),
        raw=ProcessMap(np.array([_as_read(part, read) for part in images]).T),
        phase=turn,
        before=before,
        after=after,
        leakage=leakage,
        error=error,
        resolution=resolution,
    )


def _as_read(state: State, read: Misreading) -> list[float]:
    """Trace and the expectation of X, Y and Z of B as they are read, halved like a Pauli-transfer column."""
    x, y = (
        np.trace(state @ (read.observable(axis, len(state)) - read.observable(_opposite(axis), len(state)))).real / 2
        for axis in AXES[:2]
    )
    z = np.trace(state @ read.observable(AXES[2], len(state))).real
    return [float(value) / 2 for value in (np.trace(state).real, x, y, z)]


_INPUTS = (
    np.diag([1.0, 0.0]).astype(complex),
    np.diag([0.0, 1.0]).astype(complex),
    np.array([[0.5, 0.5], [0.5, 0.5]], dtype=complex),
    np.array([[0.5, -0.5j], [0.5j, 0.5]]),
)


def _two_levels(state: State) -> list[float]:
    """Tr[P state]/2 for I, X, Y, Z of the two lowest levels."""
    a, b, c = state[0, 0].real, state[1, 1].real, state[1, 0]
    return [float(value) / 2 for value in (a + b, 2 * c.real, 2 * c.imag, a - b)]


def _padded(matrix: State, levels: int) -> State:
    return np.pad(matrix, (0, levels - len(matrix)))


def _opposite(axis: tuple[float, float, float]) -> tuple[float, float, float]:
    x, y, z = axis
    return (-x, -y, -z)
