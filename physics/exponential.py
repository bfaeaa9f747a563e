"""Exponential of small matrices, one thread each: a library's threads cost a hundred times what there is to do."""

import math

import numpy as np
from numba import njit

TAYLOR = 1 / np.array([math.factorial(k) for k in range(13)])
"""Coefficients of a series whose rest is 3e-18 for a matrix with a norm below 1/4."""
_compiled = njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy")


@_compiled
def exponential(matrix):  # type: ignore[no-untyped-def]
    """exp(matrix) of a complex matrix [n, n], by scaling, Taylor's series and squaring.

    The series is summed in blocks of four powers (Paterson and Stockmeyer, SIAM J. Comput. 2, 60, 1973). Rounding grows
    with the norm as in every method that squares: 2e-16 times it.
    """
    size, largest = len(matrix), 0.0
    for row in range(size):
        largest = max(largest, np.abs(matrix[row]).sum())
    halvings = max(0, int(np.ceil(np.log2(max(largest, 1e-300)))) + 2)
    one, first = np.eye(size) + 0j, matrix / 2.0**halvings
    second = _product(first, first)
    third, fourth = _product(second, first), _product(second, second)
    total = TAYLOR[12] * fourth
    for block in range(8, -1, -4):
        total += TAYLOR[block] * one + TAYLOR[block + 1] * first + TAYLOR[block + 2] * second
        total += TAYLOR[block + 3] * third
        if block:
            total = _product(total, fourth)
    for _ in range(halvings):
        total = _product(total, total)
    return total


@_compiled
def ordered(generators, durations):  # type: ignore[no-untyped-def]
    """... exp(G_1 t_1) exp(G_0 t_0), the earliest first. generators: Shape [S, n, n]. durations: Shape [S]."""
    total = np.eye(generators.shape[1]) + 0j
    for step in range(len(durations)):
        total = _product(exponential(generators[step] * durations[step]), total)
    return total


@_compiled
def _product(first, second):  # type: ignore[no-untyped-def]
    size = len(first)
    result = np.zeros((size, size), np.complex128)
    for row in range(size):
        for inner in range(size):
            factor = first[row, inner]
            for column in range(size):
                result[row, column] += factor * second[inner, column]
    return result
