"""Trace: measured points along one axis, and the model that was fitted to them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_FINE: Final = 400


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
    y_name: str
    x_unit: str = ""
    y_unit: str = ""

    @classmethod
    def through(
        cls,
        model: Callable[[Array], Array],
        *,
        x: Array,
        read: Array,
        error: Array,
        title: str,
        x_name: str,
        y_name: str,
        x_unit: str = "",
        y_unit: str = "",
    ) -> Self:
        """With `model` drawn from the first x to the last."""
        fine = np.linspace(x.min(), x.max(), _FINE)
        return cls(
            x=x,
            read=read,
            error=error,
            fine_x=fine,
            model=model(fine),
            title=title,
            x_name=x_name,
            y_name=y_name,
            x_unit=x_unit,
            y_unit=y_unit,
        )
