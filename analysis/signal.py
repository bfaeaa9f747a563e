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


def projected(echo: NDArray[np.complex128]) -> Array:
    """`echo` along the line in the I-Q plane on which it varies most, its middle at zero, shape as `echo` (ADC)."""
    centred = echo - echo.mean()
    angle = np.angle((centred**2).sum()) / 2
    return np.asarray((centred * np.exp(-1j * angle)).real)
