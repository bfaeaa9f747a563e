"""Truncation: how much of what a smaller Fock space changes is still missing in the larger one."""

import numpy as np
from numpy.typing import NDArray

from .space import ModeSpace


def remainder(fine: ModeSpace, coarse: ModeSpace, occupations: NDArray[np.float64]) -> float:
    """Largest ratio of the weight that `fine` leaves out to that which `coarse` leaves out in addition.

    occupations: The largest n that each mode reaches, shape (M,). The weights are those of a thermal mode to which a
    qubit gave its photon, p_j ~ j r^(j-1) with r = n / (1 + n); for the photons together, those of all modes within
    the cutoffs of `fine` and one photon more. 0 if no limit was lowered.
    """
    ratios = occupations / (1 + occupations)
    cuts = zip(ratios.tolist(), fine.cutoffs, coarse.cutoffs, strict=True)
    parts = [_tail(r, high) / (_tail(r, low) - _tail(r, high)) for r, high, low in cuts if low < high and r > 0]
    if coarse.maximum < fine.maximum:
        together = np.ones(1)
        for r, cutoff in zip(ratios, fine.cutoffs, strict=True):
            together = np.convolve(together, r ** np.arange(cutoff))
        left = float(together[fine.maximum :].sum())
        parts.append(left / float(together[coarse.maximum : fine.maximum].sum()) if left else 0.0)
    return max(parts, default=0.0)


def _tail(ratio: float, cutoff: int) -> float:
    """(1 - r)^2 sum over j >= cutoff of j r^(j-1)."""
    return float(ratio ** (cutoff - 1) * (cutoff - (cutoff - 1) * ratio))
