"""Sweep: one run over all points, with the step that the requested error needs."""

import itertools
from dataclasses import dataclass, field

import numpy as np
from scipy.linalg import qr

from ...sequences.errors import ModelError
from .elements import Index, Numbers
from .part import Part
from .signals import Played
from .steps import Steps, steps

FINER = 2**-0.5
"""Ratio of the steps of two pilots: of the fourth order, the error falls to a quarter."""
SAFETY = 2.0
"""Between the error that pilots show and the one that is reported for all points."""
SERIES = 0.1
"""Part of the error that the polynomials of all exponentials may take together."""
PHASE = 5.0
"""Turn of the fastest transition within the first step that is tried (rad), for an error of 1e-6."""
POINT = np.zeros(1, dtype=np.int64)
"""Where all points have the same controls."""
SHARE = 50.0
"""Steps that are tried first, for an error of 1e-6, where no transition is fast."""


@dataclass
class Sweep:
    """Takes the parts of the states through `played`; the first part finds the step.

    parts: Qubits and modes. wanted: Error to aim at. error: Estimated error. step: In use (s).
    """

    played: Played
    parts: tuple[int, int]
    wanted: float
    threads: int
    error: float = field(default=0.0, init=False)
    step: float = field(default=0.0, init=False)
    applications: int = field(default=0, init=False)

    def evolve(self, part: Part, start: Numbers) -> Numbers:
        """Numbers of all points after the controls, from those before, shape (numbers, points or 1)."""
        if self.played.points > 1:
            return self._evolve(part, np.broadcast_to(start, (len(start), self.played.points)))
        basis, weights = _spanned(start)
        return np.asarray(self._evolve(part, basis) @ weights)

    def _evolve(self, part: Part, start: Numbers) -> Numbers:
        if not self.step:
            found = self._pilot(part, start)
            if found is not None:
                return found
        return self._run(part, start, self._steps(self.step, np.arange(self.played.points)))

    def _pilot(self, part: Part, start: Numbers) -> Numbers | None:
        """Find the step with a few points; if they are all points, their states."""
        step = self._first_step(part)
        played = self._steps(step, np.arange(self.played.points))
        points = self._demanding(part, played, start.shape[1])
        state = self._run(part, start[:, points], played.of(points))
        tried = [_Tried(step, 0.0)]
        while not all(interval.constant for interval in self.played.intervals(step)):
            step = self._smaller(step)
            finer = self._run(part, start[:, points], self._steps(step, points if self.played.points > 1 else POINT))
            change = float(np.abs(part.elements.complete(finer - state)).max())
            tried[-1:] = [_Tried(step / FINER, SAFETY * change * 4 / 3), _Tried(step, SAFETY * change / 3)]
            state = finer
            if tried[-1].error <= self._allowed:
                break
        whole = len(points) == start.shape[1]
        chosen = tried[-1] if whole else _longest(tried, self._allowed)
        self.step, self.error = chosen.step, chosen.error + SERIES * self.wanted
        return state if whole else None

    @property
    def _allowed(self) -> float:
        return (1 - SERIES) * self.wanted

    def _smaller(self, step: float) -> float:
        if step < 1e-5 * self.played.duration:
            why = (
                f"an error of {self.wanted:g} is not reached with it; are all jumps of the signals among their breaks?"
            )
            raise ModelError("step", step, why)
        return step * FINER

    def _first_step(self, part: Part) -> float:
        hop = max(part.spectrum(0.0).hop, PHASE * SHARE / self.played.duration)
        return float(PHASE / hop * (self.wanted / 1e-6) ** (1 / 6))

    def _steps(self, step: float, points: Index) -> Steps:
        return steps(self.played, step, self.parts, SERIES * self.wanted / 100, points)

    def _run(self, part: Part, start: Numbers, played: Steps) -> Numbers:
        numbers, count = part.evolve(played, start, SERIES * self.wanted / len(played.coefficients), self.threads)
        self.applications += count
        return numbers

    def _demanding(self, part: Part, played: Steps, points: int) -> Index:
        """One group of lanes: the points that turn fastest, those whose controls move most, and some spread evenly."""
        if points <= part.lanes or played.coefficients.shape[2] == 1:
            return np.arange(points)
        turning = part.axes(played)[1].sum(axis=0)
        moving = np.abs(np.diff(played.coefficients, axis=0)).sum(axis=(0, 1))
        some = part.lanes // 4
        picked = [*np.argsort(turning)[-some:], *np.argsort(moving)[-some:]]
        spread = np.linspace(0, points - 1, part.lanes).round().astype(int)
        return np.array(list(dict.fromkeys([*picked, *spread]))[: part.lanes], dtype=np.int64)


@dataclass(frozen=True)
class _Tried:
    """A step (s) and the error it leads to."""

    step: float
    error: float


def _longest(tried: list[_Tried], allowed: float) -> _Tried:
    """The longest step with the allowed error: between two that were tried its logarithm is followed."""
    for longer, shorter in itertools.pairwise(tried):
        if shorter.error <= allowed < longer.error:
            part = np.log(allowed / max(shorter.error, 1e-300)) / np.log(longer.error / max(shorter.error, 1e-300))
            return _Tried(float(shorter.step * (longer.step / shorter.step) ** part), allowed)
    return tried[0]


def _spanned(start: Numbers) -> tuple[Numbers, Numbers]:
    """As few columns as span those of `start`, and the weights that give them back."""
    basis, triangle, order = qr(start, mode="economic", pivoting=True)
    size = np.abs(np.diag(triangle))
    rank = max(1, int(np.sum(size > 1e-14 * size[0])))
    weights = np.empty_like(triangle[:rank])
    weights[:, order] = triangle[:rank]
    return np.ascontiguousarray(basis[:, :rank]), weights
