"""Bell pair: what sharing A's excitation with B makes, predicted without shots."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..hot_window import Resolution
from ..pauli import tensor
from .experiment import Experiment
from .misreading import Misreading

State = NDArray[np.complex128]
Axis = tuple[float, float, float]
HALF = math.sqrt(0.5)
CHSH: tuple[tuple[int, Axis, Axis], ...] = (
    (-1, (0.0, 0.0, 1.0), (-HALF, 0.0, HALF)),
    (-1, (0.0, 0.0, 1.0), (HALF, 0.0, HALF)),
    (-1, (1.0, 0.0, 0.0), (-HALF, 0.0, HALF)),
    (1, (1.0, 0.0, 0.0), (HALF, 0.0, HALF)),
)
"""Sign, axis of A, axis of B of the four correlations whose sum is S = 2 sqrt 2 on Psi+."""


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What a half transfer makes of A's excitation.

    state: Of A and B, f included, B's frame turned, shape (levels**2, levels**2). fidelity: With
    Psi+ = (|01> + |10>)/sqrt 2, true. raw_fidelity: From readings taken for perfect: X and Y in both signs, Z in one.
    chsh, raw_chsh: S at the four fixed settings of `CHSH`. phase: That B's frame was turned by (rad). before, after:
    Occupation of each mode at the first swap and at the readout, shape (M,). leakage: Of A and of B out of their two
    levels. error: Estimated largest error of a population. resolution: Fock states, orders and steps that were chosen
    for the error asked for; None for photons on the way, which take none.
    """

    state: State
    fidelity: float
    raw_fidelity: float
    chsh: float
    raw_chsh: float
    phase: float
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    leakage: tuple[float, float]
    error: float
    resolution: Resolution | None


@dataclass(frozen=True, kw_only=True)
class BellPair(Experiment):
    """A's excitation, shared with B by pulses whose release has half a swap's area (`LinkPulses.sharing()`)."""

    def predict(self) -> Shared:
        """The shared state with all that belongs to it."""
        start = tensor((self._mixture(1 - self._swapped(0)), self._mixture(self._thermal(1))))
        passage = self._passage(frozenset({0, 1}))
        shots, error = self._shots(passage)
        state, after = np.zeros_like(start), np.zeros_like(passage.before)
        for detuned in shots:
            outcome = passage.apply(start, detuned)
            state = state + detuned.share * outcome.qubits
            after += detuned.share * outcome.occupations
            error += detuned.share * outcome.error
        read = (self._read(0), self._read(1))
        return shared(
            state,
            read,
            phase=self.phase,
            before=passage.before,
            after=after,
            error=error,
            resolution=passage.resolution,
        )


def shared(
    state: State,
    read: tuple[Misreading, Misreading],
    *,
    phase: float | None,
    before: NDArray[np.float64],
    after: NDArray[np.float64],
    error: float,
    resolution: Resolution | None = None,
) -> Shared:
    """From the `state` of A and B before B's frame is turned. phase: See `Experiment`; others as they are."""
    levels = math.isqrt(len(state))
    turn = phase if phase is not None else float(np.angle(state[1, levels]))
    frame = np.tile(np.exp(-1j * turn * np.arange(levels)), levels)
    state = frame[:, None] * state * frame.conj()
    perfect = (Misreading(), Misreading())
    populations = np.diag(state).real.reshape(levels, levels)
    return Shared(
        state=state,
        fidelity=float((populations[0, 1] + populations[1, 0]) / 2 + state[1, levels].real),
        raw_fidelity=_as_read(state, read),
        chsh=_chsh(state, perfect),
        raw_chsh=_chsh(state, read),
        phase=turn,
        before=before,
        after=after,
        leakage=(float(populations[2:].sum()), float(populations[:, 2:].sum())),
        error=error,
        resolution=resolution,
    )


def _as_read(state: State, misreadings: tuple[Misreading, Misreading]) -> float:
    """(P(read 01) + P(read 10))/2 + (<XX> + <YY>)/4, the axes' offsets being cancelled by their two signs."""
    levels = math.isqrt(len(state))
    a, b = (misreading.ones(levels) for misreading in misreadings)
    populations = np.diag(state).real.reshape(levels, levels)
    unlike = float((1 - a) @ populations @ b + a @ populations @ (1 - b))
    visibility = misreadings[0].visibility * misreadings[1].visibility
    return unlike / 2 + visibility * float(state[1, levels].real)


def _chsh(state: State, misreadings: tuple[Misreading, Misreading]) -> float:
    levels = math.isqrt(len(state))
    total = 0.0
    for sign, at_a, at_b in CHSH:
        a, b = (m.observable(axis, levels) for m, axis in zip(misreadings, (at_a, at_b), strict=True))
        total += sign * float(np.trace(state @ np.kron(a, b)).real)
    return total
