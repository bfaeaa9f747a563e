"""Confusion: what a readout makes of each true state, freed from what the preparation did to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..sequences.errors import FitRejected
from .bootstrap import Measured
from .counts import checked_counts
from .preparation import Preparation

Array = NDArray[np.float64]
_ITERATIONS: Final = 10_000
_TOLERANCE: Final = 1e-7


@dataclass(frozen=True)
class ReadoutErrors:
    """Readout errors of one node without those of the preparation. p10: P(1|0). p01: P(0|1)."""

    p10: Measured
    p01: Measured

    @property
    def visibility(self) -> float:
        """1 - p10 - p01: what readout leaves of <Z>."""
        return 1 - self.p10.value - self.p01.value


def readout_errors(counts: NDArray[np.generic], preparation: Preparation) -> ReadoutErrors:
    """Errors of one node from `counts` (prepared g and e, outcomes 0 and 1), the preparation's share subtracted."""
    numbers = checked_counts(counts, (2, 2))
    shots = numbers.sum(-1)
    frequencies = numbers / shots[:, None]
    inverse = np.linalg.inv(preparation.mixing)
    read_one = frequencies[:, 1] @ inverse
    deviation = np.sqrt((frequencies[:, 0] * frequencies[:, 1] / shots) @ inverse**2)
    return ReadoutErrors(
        p10=Measured(float(read_one[0]), float(deviation[0])), p01=Measured(float(1 - read_one[1]), float(deviation[1]))
    )


def confusion(counts: NDArray[np.generic], preparations: Sequence[Preparation]) -> Array:
    """P(read | true), rows read, columns true, of all nodes together: shape (..., outcomes, outcomes).

    counts: (..., prepared, outcomes) in the order g, e or gg, ge, eg, ee; leading axes are a batch. The joint matrix is
    taken from the joint preparations, not from the product of single nodes, so that readout crosstalk is in it. It is
    the stochastic matrix of largest likelihood: the frequencies times the inverse mixing wherever that is stochastic.
    """
    mixing = _joint([preparation.mixing for preparation in preparations])
    numbers = checked_counts(counts, mixing.shape)
    shots = numbers.sum(-1)[..., None, :]
    read = numbers.swapaxes(-1, -2)
    solved: Array = (read / shots) @ np.linalg.inv(mixing)
    return solved if (solved >= 0).all() else _most_likely(read, mixing)


def _joint(matrices: list[Array]) -> Array:
    return reduce(lambda left, right: np.asarray(np.kron(left, right), dtype=np.float64), matrices)


def _most_likely(read: Array, mixing: Array) -> Array:
    """Stochastic M of largest sum read log(M mixing), by expectation maximisation: quick when little is mixed."""
    outcomes = len(mixing)
    estimate = np.broadcast_to(0.8 * np.eye(outcomes) + 0.2 / outcomes, read.shape)
    for _ in range(_ITERATIONS):
        predicted = estimate @ mixing
        weighted: Array = estimate * ((read / predicted) @ mixing.T)
        improved: Array = weighted / weighted.sum(-2, keepdims=True)
        if np.abs(improved - estimate).max() < _TOLERANCE:
            return improved
        estimate = improved
    raise FitRejected(f"the confusion matrix did not converge in {_ITERATIONS} steps", "take more calibration shots")


def checked_confusion(matrix: Array, outcomes: int, batch: tuple[int, ...]) -> Array:
    """`matrix` if its columns are distributions and it is (outcomes, outcomes), alone or one for each of a batch."""
    if matrix.shape[-2:] != (outcomes, outcomes) or matrix.shape[:-2] not in ((), batch):
        raise FitRejected(
            f"the confusion matrix has shape {matrix.shape}",
            f"these counts need ({outcomes}, {outcomes}), alone or one for each of the batch {batch}",
        )
    if (matrix < 0).any() or not np.allclose(matrix.sum(-2), 1.0, atol=1e-6):
        raise FitRejected(
            "a column of the confusion matrix is no distribution", "rows are read, columns are true states"
        )
    return matrix
