"""Signal: mean echoes of a sweep with their errors, before anything is known of states."""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from .discrimination import clouds

Array = NDArray[np.float64]


def mean_echo(data: xr.Dataset, node: str) -> tuple[NDArray[np.complex128], Array]:
    """Mean I + iQ of `node` at each point (ADC), and the standard error of each quadrature, both of shape (*sweeps)."""
    iq = clouds(data, node).values.astype(np.float64)
    mean, error = iq.mean(axis=-2), iq.std(axis=-2, ddof=1) / np.sqrt(iq.shape[-2])
    return mean[..., 0] + 1j * mean[..., 1], np.sqrt((error**2).mean(axis=-1))
