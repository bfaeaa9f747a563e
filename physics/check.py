"""Check: refuses numbers that no device has; NaN passes none of these."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..sequences.errors import ModelError

Array = NDArray[np.float64]


def one(parameter: str, value: Any) -> float:
    """`value` as a float; ModelError unless it is one number."""
    if isinstance(value, np.ndarray | list | tuple) and np.shape(value):
        raise ModelError(parameter, value, "one number is needed; for several, make one of these for each")
    return float(numbers(parameter, value))


def whole(parameter: str, value: Any) -> None:
    """ModelError unless `value` is a whole number."""
    if not isinstance(value, int | np.integer):
        raise ModelError(parameter, value, "a whole number is needed")


def shaped(shape: tuple[int, ...], **arrays: Any) -> None:
    """ModelError unless all are arrays of this `shape`."""
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):
            raise ModelError(name, array, f"an array of shape {shape} is needed; wrap it in numpy.array(...)")
        if array.shape != shape:
            raise ModelError(f"shape of {name}", array.shape, f"{shape} is needed beside the others")


def positive(parameter: str, value: ArrayLike, why: str = "must be positive") -> Array:
    """`value` as an array; ModelError unless it is above zero everywhere."""
    array = numbers(parameter, value)
    return checked(parameter, array, array > 0, why)


def not_negative(parameter: str, value: ArrayLike, why: str = "must not be negative") -> Array:
    """`value` as an array; ModelError unless it is zero or above everywhere."""
    array = numbers(parameter, value)
    return checked(parameter, array, array >= 0, why)


def finite(parameter: str, value: ArrayLike, why: str = "must be a finite number") -> Array:
    """`value` as an array; ModelError where it is infinite or no number."""
    array = numbers(parameter, value)
    return checked(parameter, array, np.isfinite(array), why)


def population(parameter: str, value: ArrayLike) -> Array:
    """`value` as an array; ModelError unless it lies in 0..0.5: a bath leaves less than half of a qubit excited."""
    array = numbers(parameter, value)
    why = "a thermal population lies in 0..0.5, which it reaches at infinite temperature"
    return checked(parameter, array, (array >= 0) & (array <= 0.5), why)


def accuracy(error: float, levels: int) -> None:
    """ModelError unless a population can be followed to `error` with so many `levels` of a qubit."""
    if not 0 < one("error asked for", error) < 1:
        raise ModelError("error asked for", error, "a population's error lies between 0 and 1; try 1e-4")
    whole("levels of a qubit", levels)
    if levels < 2:
        raise ModelError("levels of a qubit", levels, "a qubit has two at least; a transmon three")


def square(parameter: str, matrix: Any, size: int, of: str) -> None:
    """ModelError unless `matrix` is an array of shape [size, size] without NaN."""
    if not (isinstance(matrix, np.ndarray) and matrix.shape == (size, size)):
        why = f"{of} span {size}; give an array of [{size}, {size}]"
        raise ModelError(f"shape of {parameter}", np.shape(matrix), why)
    if not np.all(np.isfinite(matrix)):
        raise ModelError(parameter, matrix[~np.isfinite(matrix)][0], "all elements must be finite")


def numbers(parameter: str, value: Any) -> Array:
    """`value` as an array; ModelError if it holds anything but numbers."""
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ModelError(parameter, value, "is no number; give one in SI units, such as 15e-6 for 15 us") from None


def checked(parameter: str, array: Array, right: NDArray[np.bool_], why: str) -> Array:
    """`array`; ModelError with the first of its numbers that is not `right`."""
    if not np.all(right):
        raise ModelError(parameter, float(array[~right].flat[0]), why)
    return array
