"""Steps: exponents of a fourth-order integrator with one exponential in each step.

With y' = A(t) y and steps h, the midpoint rule exp(h A) errs by the commutator h^3 [A, A'] / 12 in each step. But with
the exact evolution U, d/dt (U^-1 A' U) = U^-1 (A'' - [A, A']) U: over many equal steps the commutators are as good as
a change of A and two kicks at the ends (a processed Magnus integrator, arXiv:1003.5122 for the idea):

    y(T) = exp(h^2 A'(T) / 12) prod_n exp(h A - h^3 A'' / 24) exp(-h^2 A'(0) / 12) y(0) + O(h^4)

In Legendre moments of a step h A - h^3 A''/24 = h (p_0 - p_2) and, at its ends, h A' = 2 (p_1 +- 3 p_2). All jumps of
A between steps are alike, so that a transition of frequency w is not driven by them until h w is near 2 pi. Where the
step or A' changes, the kicks of both sides make one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .elements import Index
from .signals import Interval, Moments, Played

Real = NDArray[np.float64]
CONSTANT = 0
"""Number of the term that needs no control."""


@dataclass(frozen=True)
class Steps:
    """Exponents sum_g coefficients_g (sum of L_k, k in groups_g). groups: Terms with one coefficient each.

    coefficients: Shape (exponents, groups, points).
    """

    groups: tuple[tuple[int, ...], ...]
    coefficients: Real

    def of(self, points: Index) -> "Steps":
        """Of some points; a single one stands for all."""
        only = self.coefficients.shape[2] == 1
        return Steps(self.groups, self.coefficients[:, :, np.zeros_like(points) if only else points])


def edges(intervals: Sequence[Interval], step: float) -> tuple[Real, Index]:
    """Ends of equal steps in each interval (s), and which of them are ends of an interval.

    step: Not exceeded where signals move (s).
    """
    found, seams = [0.0], [0]
    for interval in intervals:
        length = interval.end - interval.start
        count = 1 if interval.constant else max(1, int(np.ceil(length / step - 1e-9)))
        found += np.linspace(interval.start, interval.end, count + 1)[1:].tolist()
        seams.append(len(found) - 1)
    return np.array(found), np.array(seams)


def steps(played: Played, step: float, parts: tuple[int, int], negligible: float, points: Index) -> Steps:
    """Exponents of some points. parts: Qubits and modes. negligible: Kick that may be left out (rad)."""
    ends, seams = edges(played.intervals(step), step)
    moments = played.moments(ends, *parts, points)
    groups, lengths = _alike(moments), np.diff(ends)
    body = np.empty((len(lengths), 1 + len(groups), len(points)))
    body[:, 0] = lengths[:, None]
    kicks = np.zeros((len(seams), 1 + len(groups), len(points)))
    for place, group in enumerate(groups, start=1):
        p0, p1, p2 = moments[group[0]] * lengths[:, None]
        body[:, place] = p0 - p2
        kicks[1:, place] += (p1 + 3 * p2)[seams[1:] - 1] / 6
        kicks[:-1, place] -= (p1 - 3 * p2)[seams[:-1]] / 6
    felt = np.flatnonzero(np.abs(kicks).max(axis=(1, 2)) > negligible)
    return Steps(((CONSTANT,), *groups), np.insert(body, seams[felt], kicks[felt], axis=0))


def _alike(moments: Moments) -> list[tuple[int, ...]]:
    """Terms whose coefficients are the same for all points at all times, together."""
    groups: list[tuple[int, ...]] = []
    for term, found in moments.items():
        for index, group in enumerate(groups):
            if np.array_equal(moments[group[0]], found):
                groups[index] = (*group, term)
                break
        else:
            groups.append((term,))
    return groups
