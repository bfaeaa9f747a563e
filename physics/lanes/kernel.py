"""Kernel: exponentials of sparse real generators applied to eight lanes at once; every jitted function of the lanes.

Unsigned indices save the check for negative ones.
"""

import math

import numpy as np
from numba import njit

from ..simd import WIDTH, load, multiply, multiply_add, spread, store, times_i, zero

LANES = WIDTH


def _compiled(function):  # type: ignore[no-untyped-def]
    return njit(cache=True, fastmath=True, boundscheck=False, error_model="numpy", nogil=True)(function)


_U = np.uint64


@_compiled
def _apply(ends, columns, weights, table, x, z, y, of_y, of_x, of_z, out, twice):  # type: ignore[no-untyped-def]
    """out = of_y y + of_x x + of_z z + L x. twice: Below its rows, `out` keeps i times them."""
    one = _U(1)
    count = ends.shape[0] - 1
    for place in range(_U(count)):
        row = np.intp(place)
        total = multiply_add(spread(of_x), load(x, LANES * row), multiply(spread(of_y), load(y, LANES * row)))
        total = multiply_add(spread(of_z), load(z, LANES * row), total)
        for q in range(_U(ends[place]), _U(ends[place + one])):
            weight, element = load(table, LANES * np.intp(weights[q])), load(x, LANES * np.intp(columns[q]))
            total = multiply_add(weight, element, total)
        store(out, LANES * row, total)
        if twice:
            store(out, LANES * (count + row), times_i(total))


@_compiled
def _fill_table(ends, kinds, values, coefficients, factor, table):  # type: ignore[no-untyped-def]
    """Weight of each kind of element of L: factor sum_k coefficient_k value_k, lane by lane."""
    one = _U(1)
    for entry in range(_U(ends.shape[0] - 1)):
        total = zero()
        for q in range(_U(ends[entry]), _U(ends[entry + one])):
            total = multiply_add(spread(factor * values[q]), load(coefficients, LANES * np.intp(kinds[q])), total)
        store(table, LANES * np.intp(entry), total)


@_compiled
def _expand(gamma, beta, tolerance, series):  # type: ignore[no-untyped-def]
    """Fill `series` with the c_k of exp(gamma (w + beta/w)) = sum_k c_k w^k and return how many are needed.

    From d/dw: k c_k = gamma (c_{k-1} - beta c_{k+1}), downwards because upwards it is unstable, and normalised at
    w = 1, where c_{-k} = beta^k c_k.
    """
    last = len(series) - 1
    after, here = 0.0, 1e-280
    series[last] = here
    for k in range(last, 0, -1):
        after, here = here, k * here / gamma + beta * after
        series[k - 1] = here
        if abs(here) > 1e200:
            series[k - 1 :] *= 1e-250
            after, here = after * 1e-250, here * 1e-250
    total, power = series[0], 1.0
    for k in range(1, last + 1):
        power *= beta
        total += (1 + power) * series[k]
    series *= math.exp(gamma * (1 + beta)) / total
    degree, left = last, 0.0
    while degree > 1 and left + 2 * abs(series[degree]) < tolerance:
        left += 2 * abs(series[degree])
        degree -= 1
    return degree


@_compiled
def evolve(  # type: ignore[no-untyped-def]
    ends, columns, weights, table_ends, kinds, values, coefficients, real, imaginary, tolerance, twice, state, work
):
    """Apply exp(sum_k coefficients_k L_k), one after the other, to each group of lanes in `state`; count applications.

    coefficients: Shape (groups, exponentials, k, 8). real, imaginary: Half axes of an ellipse around the spectrum of
    each exponent that touches zero from the left, shape (groups, exponentials). state: Shape (groups, rows, 8), changed
    in place. work: Two more states and the table, aligned. twice: See `_apply`.

    exp(L) is a sum of Faber polynomials of L + real (Clenshaw's rule): Chebyshev's on an interval, Taylor's on a disc.
    """
    first, second, table = work
    rows = np.intp(ends.shape[0] - 1)
    applications = 0
    for group in range(state.shape[0]):
        y = state[group]
        for e in range(coefficients.shape[1]):
            shift = real[group, e]
            gamma = max(1e-3, 0.5 * (shift + imaginary[group, e]))
            beta = 0.5 * (shift - imaginary[group, e]) / gamma
            series = np.empty(int(40 + 4 * gamma))
            degree = _expand(gamma, beta, tolerance, series)
            series *= math.exp(-shift)
            applications += degree
            _fill_table(table_ends, kinds, values, coefficients[group, e], 1 / gamma, table)
            for row in range(rows):
                start = multiply(spread(series[degree]), load(y, LANES * row))
                store(first, LANES * row, start)
                store(second, LANES * row, zero())
                if twice:
                    store(first, LANES * (rows + row), times_i(start))
            x, z = first, second
            of_x = shift / gamma
            for k in range(degree - 1, 0, -1):
                _apply(ends, columns, weights, table, x, z, y, series[k], of_x, -beta, z, twice)
                x, z = z, x
            _apply(ends, columns, weights, table, x, z, y, series[0], of_x, -2 * beta, y, False)
    return applications
