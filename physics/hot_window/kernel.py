"""Kernel: applies a generator that is a list of shifted multiply-adds, and integrates it.

Jitted functions that call each other share this file, because numba does not notice a change in another one.
"""

import numpy as np
from numba import njit

from .simd import load, multiply, multiply_add, spread, store, zero

BLOCK = 16
"""Elements that are added up at once: the length of a row is a multiple of it."""


@njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy")
def evolve(vector, guard, length, cutoff, lists, durations, factors, kind, values):  # type: ignore[no-untyped-def]
    """Take `vector` through all steps by the classical Runge-Kutta method, in place.

    The generator is D + sum of terms. D is diagonal, and taken along exactly: the method is applied in the picture
    that turns and decays with it (Lawson, SIAM J. Numer. Anal. 4, 372, 1967).

    vector: Rows of `length` real and then `length` imaginary parts, with `guard` zeros before the first and after the
    last. cutoff: Elements of each state in a row. lists: See `Generator.lists`. durations: Of the steps (s), shape
    (S,). factors: exp(D t/2) of different half steps, for each row and each state in it, shape (kinds, rows, states);
    kind: Which of them each step has, shape (S,). values: Of the coefficients at the beginning, middle and end of each
    step, shape (S, 3, coefficients).
    """
    first, last = guard, vector.size - guard
    slope, point, total = np.zeros((3, vector.size))
    strengths, turn, turned = np.empty(lists[0].size), np.zeros(last - first), -1
    for step in range(durations.size):
        half = durations[step] / 2
        if kind[step] != turned:
            turned = kind[step]
            _expand(turn, factors[turned], length, cutoff)
        _strengths(strengths, lists, values[step, 0])
        _apply(vector, slope, guard, length, lists, strengths)
        _to_middle(vector, point, total, slope, half, turn, guard, length)
        _strengths(strengths, lists, values[step, 1])
        _apply(point, slope, guard, length, lists, strengths)
        for i in range(first, last):
            point[i] = vector[i] + half * slope[i]
            total[i] += 2 * half / 3 * slope[i]
        _apply(point, slope, guard, length, lists, strengths)
        _to_end(vector, point, total, slope, half, turn, guard, length)
        _strengths(strengths, lists, values[step, 2])
        _apply(point, slope, guard, length, lists, strengths)
        for i in range(first, last):
            vector[i] = total[i] + half / 3 * slope[i]


@njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy")
def _expand(turn, factors, length, cutoff):  # type: ignore[no-untyped-def]
    """Write the factor of each row and state beside each of its elements, in the layout of the vector."""
    rows, states = factors.shape
    for row in range(rows):
        for state in range(states):
            for n in range(cutoff):
                turn[row * 2 * length + state * cutoff + n] = factors[row, state].real
                turn[row * 2 * length + length + state * cutoff + n] = factors[row, state].imag


@njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy")
def _to_middle(vector, point, total, slope, half, turn, guard, length):  # type: ignore[no-untyped-def]
    """Turn the vector by half a step; point = vector + half slope, total = vector + half/3 slope, both turned."""
    step, third, minus = spread(half), spread(half / 3), spread(-1.0)
    for row in range(turn.size // (2 * length)):
        for block in range(0, length, 8):
            j = row * 2 * length + block
            i = guard + j
            cosine, sine = load(turn, j), load(turn, j + length)
            x, y, dx, dy = load(vector, i), load(vector, i + length), load(slope, i), load(slope, i + length)
            real, imag = _turned(cosine, sine, x, y, minus)
            step_real, step_imag = _turned(cosine, sine, dx, dy, minus)
            store(vector, i, real)
            store(vector, i + length, imag)
            store(point, i, multiply_add(step, step_real, real))
            store(point, i + length, multiply_add(step, step_imag, imag))
            store(total, i, multiply_add(third, step_real, real))
            store(total, i + length, multiply_add(third, step_imag, imag))


@njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy")
def _to_end(vector, point, total, slope, half, turn, guard, length):  # type: ignore[no-untyped-def]
    """point = vector + 2 half slope and total = total + 2/3 half slope, both turned by half a step."""
    step, share, minus = spread(2 * half), spread(2 * half / 3), spread(-1.0)
    for row in range(turn.size // (2 * length)):
        for block in range(0, length, 8):
            j = row * 2 * length + block
            i = guard + j
            cosine, sine = load(turn, j), load(turn, j + length)
            dx, dy = load(slope, i), load(slope, i + length)
            x, y = multiply_add(step, dx, load(vector, i)), multiply_add(step, dy, load(vector, i + length))
            real, imag = _turned(cosine, sine, x, y, minus)
            store(point, i, real)
            store(point, i + length, imag)
            x, y = multiply_add(share, dx, load(total, i)), multiply_add(share, dy, load(total, i + length))
            real, imag = _turned(cosine, sine, x, y, minus)
            store(total, i, real)
            store(total, i + length, imag)


@njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy")
def _turned(cosine, sine, real, imag, minus):  # type: ignore[no-untyped-def]
    """(cosine + i sine) (real + i imag)."""
    return (
        multiply_add(cosine, real, multiply(multiply(minus, sine), imag)),
        multiply_add(cosine, imag, multiply(sine, real)),
    )


@njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy")
def _strengths(strengths, lists, values):  # type: ignore[no-untyped-def]
    """Of all terms."""
    coefficient, factor = lists[0], lists[1]
    for term in range(strengths.size):
        strengths[term] = values[coefficient[term]] * factor[term]


@njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy")
def _apply(vector, slope, guard, length, lists, strengths):  # type: ignore[no-untyped-def]
    """slope = the terms applied to `vector`. Those before `middle` of each row have a factor -i."""
    _, _, source, weight, weights, begin, middle = lists
    for row in range(middle.size):
        for block in range(0, length, BLOCK):
            a, b, c, d = zero(), zero(), zero(), zero()
            for term in range(begin[row], middle[row]):
                strength, there = spread(strengths[term]), source[term] + guard + block
                low = multiply(strength, load(weights, weight[term] + block))
                high = multiply(strength, load(weights, weight[term] + block + 8))
                a = multiply_add(low, load(vector, there + length), a)
                b = multiply_add(high, load(vector, there + length + 8), b)
                c = multiply_add(low, load(vector, there), c)
                d = multiply_add(high, load(vector, there + 8), d)
            minus = spread(-1.0)
            c, d = multiply(minus, c), multiply(minus, d)
            for term in range(middle[row], begin[row + 1]):
                strength, there = spread(strengths[term]), source[term] + guard + block
                low = multiply(strength, load(weights, weight[term] + block))
                high = multiply(strength, load(weights, weight[term] + block + 8))
                a = multiply_add(low, load(vector, there), a)
                b = multiply_add(high, load(vector, there + 8), b)
                c = multiply_add(low, load(vector, there + length), c)
                d = multiply_add(high, load(vector, there + length + 8), d)
            here = guard + 2 * length * row + block
            store(slope, here, a)
            store(slope, here + 8, b)
            store(slope, here + length, c)
            store(slope, here + length + 8, d)
