"""Choice of the Fock space of the line for one hot window."""

import numpy as np
from numpy.typing import NDArray

from ..sequences.errors import ModelError
from .controls import Rates
from .space import ModeSpace

ERROR = 5e-4
"""Of a population, for which the tails below are meant."""
TAIL = 2.5e-4
"""Thermal weight that the communication mode may lose above its cutoff at the end of a window."""
NEIGHBOUR_TAIL = 3e-3
"""The same for a neighbour mode, which acts through its detuning: times offset^2, and times `ABOVE` above the
communication mode. The populations of the 4 K station then agree to 4e-4 with those of a space twice the size."""
ABOVE = 4.0
"""A transmon's second transition lies below its first: near the modes below, far from those above."""
LARGEST = 1500
"""Mode states beyond which a window takes minutes."""


def mode_space(
    initial: NDArray[np.float64], rates: Rates, offsets: tuple[int, ...], duration: float, error: float = ERROR
) -> ModeSpace:
    """Cutoffs that hold the line through a window of `duration` (s) which starts with occupations `initial`.

    error: Of a population, about.
    """
    final = initial + rates.internal * (rates.hot - initial) * duration
    cutoffs = [_cutoff(n, offset, error / ERROR) for n, offset in zip(final, offsets, strict=True)]
    space = ModeSpace(tuple(cutoffs), max(cutoffs) + 2 if len(cutoffs) > 1 else cutoffs[0] - 1)
    if len(space.states) > LARGEST:
        why = f"{len(cutoffs)} hot modes need {len(space.states)} Fock states, {LARGEST} can be followed; "
        why += "cool the line first, or keep one mode (line.offsets: [0] in truth.yaml)"
        raise ModelError("occupation of the line at a coupler pulse", float(np.max(final)), why)
    return space


def smaller(space: ModeSpace) -> ModeSpace:
    """The next space down, to tell how much the cutoffs matter."""
    cutoffs = tuple(max(2, cutoff - max(1, cutoff // 8)) for cutoff in space.cutoffs)
    return ModeSpace(cutoffs, space.maximum - max(1, space.maximum // 12))


def _cutoff(occupation: float, offset: int, scale: float) -> int:
    tail = scale * (TAIL if offset == 0 else NEIGHBOUR_TAIL * offset**2 * (ABOVE if offset > 0 else 1.0))
    needed = int(np.ceil(np.log(tail) / np.log(occupation / (1 + occupation)))) if occupation > 0 else 0
    return max(needed, 4 if offset == 0 else 3)
