"""Linear: how much of given shapes is in data; where a search for the start of a fit looks."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def weights(shapes: Array, read: Array, error: Array) -> tuple[Array, float]:
    """Weight of each of `shapes` (K, N) in `read` (N,) with standard errors `error`: shape (K,), and chi^2."""
    scaled = shapes / error
    found, *_ = np.linalg.lstsq(scaled.T, read / error, rcond=None)
    return np.asarray(found, np.float64), float(np.sum((read / error - found @ scaled) ** 2))
