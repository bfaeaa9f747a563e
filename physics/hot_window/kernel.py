"""Kernel: applies a generator that is a list of shifted multiply-adds, and integrates it.

Jitted functions that call each other share this file, because numba does not notice a change in another one.
"""

import numpy as np
from numba import njit

from ..simd import load, multiply, multiply_add, spread, store, zero

BLOCK = 16
"""Elements that are added up at once: the length of a row is a multiple of it."""


@njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy")
def evolve(vector, work, guard, length, cutoff, lists, mirror, durations, factors, kind, values):  # type: ignore[no-untyped-def]
    """Take `vector` through all steps by the classical Runge-Kutta method, in place.

    The generator is D + sum of terms. D is diagonal, and taken along exactly: the method is applied in the picture
    that turns and decays with it (Lawson, SIAM J. Numer. Anal. 4, 372, 1967).

    vector: Rows of `length` real and then `length` imaginary parts, with `guard` zeros before the first and after the
    last; best on a cache line, `guard` being whole lines. work: Four more like it, of zeros, shape (4, size). cutoff:
    Elements of each state in a row. lists, mirror: See `Generator`. durations: Of the steps (s), shape
    (S,). factors: exp(D t/2) of different half steps, for each row and each state in it, shape (kinds, rows, states);
    kind: Which of them each step has, shape (S,). values: Of the coefficients at the beginning, middle and end of each
    step, shape (S, 3, coefficients).
    """
    rows = lists[5]
    slope, point, total, turn = work[0], work[1], work[2], work[3]
    strengths, turned = np.empty(lists[0].size), -1
    for step in range(durations.size):
        half = durations[step] / 2
        if kind[step] != turned:
            turned = kind[step]
            _expand(turn, factors[turned], guard, length, cutoff)
        _strengths(strengths, lists, values[step, 0])
        _apply(vector, slope, guard, length, lists, strengths, mirror)
        _to_middle(vector, point, total, slope, half, turn, guard, length, rows)
        _strengths(strengths, lists, values[step, 1])
        _apply(point, slope, guard, length, lists, strengths, mirror)
        _again(vector, point, total, slope, half, guard, length, rows)
        _apply(point, slope, guard, length, lists, strengths, mirror)
        _to_end(vector, point, total, slope, half, turn, guard, length, rows)
        _strengths(strengths, lists, values[step, 2])
        _apply(point, slope, guard, length, lists, strengths, mirror)
        _close(vector, total, slope, half / 3, guard, length, rows)
    _reflect(vector, length, mirror)


@njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy")
def _expand(turn, factors, guard, length, cutoff):  # type: ignore[no-untyped-def]
    """Write the factor of each row and state beside each of its elements, in the layout of the vector."""
    rows, states = factors.shape
    for row in range(rows):
        for state in range(states):
            for n in range(cutoff):
                turn[guard + row * 2 * length + state * cutoff + n] = factors[row, state].real
                turn[guard + row * 2 * length + length + state * cutoff + n] = factors[row, state].imag


@njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy")
def _to_middle(vector, point, total, slope, half, turn, guard, length, rows):  # type: ignore[no-untyped-def]
    """Turn the vector by half a step; point = vector + half slope, total = vector + half/3 slope, both turned."""
    step, third, minus = spread(half), spread(half / 3), spread(-1.0)
    for row in rows:
        for block in range(0, length, 8):
            i = guard + row * 2 * length + block
            cosine, sine = load(turn, i), load(turn, i + length)
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
def _again(vector, point, total, slope, half, guard, length, rows):  # type: ignore[no-untyped-def]
    """point = vector + half slope; total grows by 2/3 half slope."""
    step, share = spread(half), spread(2 * half / 3)
    for row in rows:
        first = guard + row * 2 * length
        for i in range(first, first + 2 * length, 8):
            change = load(slope, i)
            store(point, i, multiply_add(step, change, load(vector, i)))
            store(total, i, multiply_add(share, change, load(total, i)))


@njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy")
def _to_end(vector, point, total, slope, half, turn, guard, length, rows):  # type: ignore[no-untyped-def]
    """point = vector + 2 half slope and total = total + 2/3 half slope, both turned by half a step."""
    step, share, minus = spread(2 * half), spread(2 * half / 3), spread(-1.0)
    for row in rows:
        for block in range(0, length, 8):
            i = guard + row * 2 * length + block
            cosine, sine = load(turn, i), load(turn, i + length)
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
def _close(vector, total, slope, sixth, guard, length, rows):  # type: ignore[no-untyped-def]
    """vector = total + a sixth of the step times the slope."""
    share = spread(sixth)
    for row in rows:
        first = guard + row * 2 * length
        for i in range(first, first + 2 * length, 8):
            store(vector, i, multiply_add(share, load(slope, i), load(total, i)))


@njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy")
def _turned(cosine, sine, real, imag, minus):  # type: ignore[no-untyped-def]
    """(cosine + i sine) (real + i imag)."""
    return (
        multiply_add(cosine, real, multiply(multiply(minus, sine), imag)),
        multiply_add(cosine, imag, multiply(sine, real)),
    )


@njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy")
def _strengths(strengths, lists, values):  # type: ignore[no-untyped-def]
    """Of all kinds of terms."""
    coefficient, factor = lists[0], lists[1]
    for kind in range(strengths.size):
        strengths[kind] = values[coefficient[kind]] * factor[kind]


@njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy")
def _reflect(vector, length, mirror):  # type: ignore[no-untyped-def]
    """Complete a Hermitian operator."""
    places, mirrored = mirror
    for element in range(places.size):
        vector[places[element]] = vector[mirrored[element]]
        vector[places[element] + length] = -vector[mirrored[element] + length]


@njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy")
def _apply(vector, slope, guard, length, lists, strengths, mirror):  # type: ignore[no-untyped-def]
    """slope = the terms applied to `vector`.

    Of each row's terms those before `plain` have no weights, and those before `middle` a factor -i.
    """
    _, _, kind, source, weight, rows, begin, plain, middle, weights = lists
    _reflect(vector, length, mirror)
    minus = spread(-1.0)
    for row in range(rows.size):
        for block in range(0, length, BLOCK):
            a, b, c, d = zero(), zero(), zero(), zero()
            for term in range(begin[row], plain[row]):
                strength, there = spread(strengths[kind[term]]), source[term] + guard + block
                a = multiply_add(strength, load(vector, there + length), a)
                b = multiply_add(strength, load(vector, there + length + 8), b)
                c = multiply_add(strength, load(vector, there), c)
                d = multiply_add(strength, load(vector, there + 8), d)
            for term in range(plain[row], middle[row]):
                strength, there = spread(strengths[kind[term]]), source[term] + guard + block
                low = multiply(strength, load(weights, weight[term] + block))
                high = multiply(strength, load(weights, weight[term] + block + 8))
                a = multiply_add(low, load(vector, there + length), a)
                b = multiply_add(high, load(vector, there + length + 8), b)
                c = multiply_add(low, load(vector, there), c)
                d = multiply_add(high, load(vector, there + 8), d)
            c, d = multiply(minus, c), multiply(minus, d)
            for term in range(middle[row], begin[row + 1]):
                strength, there = spread(strengths[kind[term]]), source[term] + guard + block
                low = multiply(strength, load(weights, weight[term] + block))
                high = multiply(strength, load(weights, weight[term] + block + 8))
                a = multiply_add(low, load(vector, there), a)
                b = multiply_add(high, load(vector, there + 8), b)
                c = multiply_add(low, load(vector, there + length), c)
                d = multiply_add(high, load(vector, there + length + 8), d)
            here = guard + 2 * length * rows[row] + block
            store(slope, here, a)
            store(slope, here + 8, b)
            store(slope, here + length, c)
            store(slope, here + length + 8, d)
