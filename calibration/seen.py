"""Seen: mean echoes on the scale of the session's readout, from that of g (0) to that of e (1)."""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ..analysis.contrast import contrast
from .knowledge import Knowledge

Array = NDArray[np.float64]


def seen(data: xr.Dataset, node: str, known: Knowledge) -> tuple[Array, Array]:
    """Echoes of `node`, linear in the time that it spends in e, and their standard errors, both of shape (*sweeps).

    A qubit that jumps many times while it is read has no outcome, but it still has a mean.
    """
    axis = known.sure_readout.discriminators[node]
    read, error = contrast(data, node, axis.angle)
    distance = axis.centre_e - axis.centre_g
    return np.asarray((read - axis.centre_g) / distance), np.asarray(error / distance)
