"""Contrast: mean echoes along one line in the I-Q plane, each with its own error."""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from .discrimination import clouds
from .signal import mean_echo

Array = NDArray[np.float64]


def contrast(data: xr.Dataset, node: str, angle: float | None = None) -> tuple[Array, Array]:
    """Mean echo of `node` along the line at `angle` (rad), and its standard error, both of shape (*sweeps) (ADC).

    Without an angle the line is the one on which the means vary most. A point at which shots fall into two clouds has a
    larger error along the line than across it.
    """
    if angle is None:
        echo, _ = mean_echo(data, node)
        centred = echo - echo.mean()
        angle = float(np.angle((centred**2).sum())) / 2
    along = clouds(data, node).values.astype(np.float64) @ np.array([np.cos(angle), np.sin(angle)])
    error = along.std(axis=-1, ddof=1) / np.sqrt(along.shape[-1])
    return np.asarray(along.mean(axis=-1)), np.asarray(error)
