"""Trace: measured points along one axis, and the model that was fitted to them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Trace:
    """x, read, error: Where it was measured, what was read, and its standard error, shape (N,).

    fine_x, model: The fitted model, for a figure, shape (M,). title: What the trace shows. x_name, y_name: Of the axes;
    x_unit, y_unit: SI, or empty for a plain number.
    """

    x: Array
    read: Array
    error: Array
    fine_x: Array
    model: Array
    title: str
    x_name: str
    x_unit: str
    y_name: str
    y_unit: str = ""
