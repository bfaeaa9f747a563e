"""Check: refuses numbers that no device has; NaN passes none of these."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..sequences.errors import ModelError

Array = NDArray[np.float64]


def positive(parameter: str, value: ArrayLike, why: str = "must be positive") -> Array:
    """`value` as an array; ModelError unless it is above zero everywhere."""
    array = np.asarray(value, dtype=np.float64)
    return _checked(parameter, array, array > 0, why)


def not_negative(parameter: str, value: ArrayLike, why: str = "must not be negative") -> Array:
    """`value` as an array; ModelError unless it is zero or above everywhere."""
    array = np.asarray(value, dtype=np.float64)
    return _checked(parameter, array, array >= 0, why)


def finite(parameter: str, value: ArrayLike, why: str = "must be a finite number") -> Array:
    """`value` as an array; ModelError where it is infinite or no number."""
    array = np.asarray(value, dtype=np.float64)
    return _checked(parameter, array, np.isfinite(array), why)


def population(parameter: str, value: ArrayLike) -> Array:
    """`value` as an array; ModelError unless it lies in 0..0.5: a bath leaves less than half of a qubit excited."""
    array = np.asarray(value, dtype=np.float64)
    why = "a thermal population lies in 0..0.5, which it reaches at infinite temperature"
    return _checked(parameter, array, (array >= 0) & (array <= 0.5), why)


def _checked(parameter: str, array: Array, right: NDArray[np.bool_], why: str) -> Array:
    if not np.all(right):
        raise ModelError(parameter, float(array[~right].flat[0]), why)
    return array
