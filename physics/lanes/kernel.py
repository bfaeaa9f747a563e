"""Kernel: exponentials of sparse real generators applied to eight lanes at once; every jitted function of the lanes.

The type V8 is LLVM's `<8 x double>`: one register with AVX-512, two with AVX2, four with NEON. Loops that numba
vectorises by itself reach a quarter of its speed here, because their trip counts are short and vary. Unsigned indices
save the check for negative ones. A vector lies on a cache line (`aligned`): across two lines a load costs twice.
"""

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic, models, register_model
from numpy.typing import NDArray

LANES = 8
LINE = 64
_VECTOR = ir.VectorType(ir.DoubleType(), LANES)


def aligned(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Zeros that begin on a cache line."""
    size = math.prod(shape)
    memory = np.zeros(size + LINE // 8)
    first = -memory.ctypes.data % LINE // 8
    return memory[first : first + size].reshape(shape)


class _V8(types.Type):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(name="V8")


@register_model(_V8)
class _V8Model(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager, kind):  # type: ignore[no-untyped-def]
        super().__init__(manager, kind, _VECTOR)


_v8 = _V8()


def _place(context: Any, builder: Any, kind: Any, array: Any, row: Any) -> Any:
    start = context.make_array(kind)(context, builder, array).data
    moved = builder.gep(start, [builder.mul(row, ir.Constant(row.type, LANES))])
    return builder.bitcast(moved, _VECTOR.as_pointer())


def _everywhere(builder: Any, number: Any) -> Any:
    undefined = ir.Constant(_VECTOR, ir.Undefined)
    first = builder.insert_element(undefined, number, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES))


def _fused(builder: Any, first: Any, second: Any, total: Any) -> Any:
    return builder.fadd(builder.fmul(first, second, flags=("contract",)), total, flags=("contract",))


@intrinsic
def _load(_, array, row):  # type: ignore[no-untyped-def]
    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        value = builder.load(_place(context, builder, signature.args[0], *arguments))
        value.align = 8
        return value

    return _v8(array, types.intp), generate


@intrinsic
def _store(_, array, row, vector):  # type: ignore[no-untyped-def]
    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        place = _place(context, builder, signature.args[0], arguments[0], arguments[1])
        builder.store(arguments[2], place).align = 8
        return context.get_dummy_value()

    return types.void(array, types.intp, _v8), generate


@intrinsic
def _zero(_):  # type: ignore[no-untyped-def]
    return _v8(), lambda context, builder, signature, arguments: ir.Constant(_VECTOR, [0.0] * LANES)


@intrinsic
def _scaled(_, number, vector):  # type: ignore[no-untyped-def]
    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.fmul(_everywhere(builder, arguments[0]), arguments[1], flags=("contract",))

    return _v8(types.float64, _v8), generate


@intrinsic
def _plus_scaled(_, total, number, vector):  # type: ignore[no-untyped-def]
    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return _fused(builder, _everywhere(builder, arguments[1]), arguments[2], arguments[0])

    return _v8(_v8, types.float64, _v8), generate


@intrinsic
def _plus_product(_, total, first, second):  # type: ignore[no-untyped-def]
    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return _fused(builder, arguments[1], arguments[2], arguments[0])

    return _v8(_v8, _v8, _v8), generate


@intrinsic
def _times_i(_, vector):  # type: ignore[no-untyped-def]
    """Four complex lanes, real parts first: (x, y) becomes (-y, x)."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        half = LANES // 2
        signs = ir.Constant(_VECTOR, [-1.0] * half + [1.0] * half)
        swap = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [*range(half, LANES), *range(half)])
        swapped = builder.shuffle_vector(arguments[0], ir.Constant(_VECTOR, ir.Undefined), swap)
        return builder.fmul(swapped, signs)

    return _v8(_v8), generate


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
        total = _plus_scaled(_scaled(of_y, _load(y, row)), of_x, _load(x, row))
        total = _plus_scaled(total, of_z, _load(z, row))
        for q in range(_U(ends[place]), _U(ends[place + one])):
            total = _plus_product(total, _load(table, np.intp(weights[q])), _load(x, np.intp(columns[q])))
        _store(out, row, total)
        if twice:
            _store(out, count + row, _times_i(total))


@_compiled
def _fill_table(ends, kinds, values, coefficients, factor, table):  # type: ignore[no-untyped-def]
    """Weight of each kind of element of L: factor sum_k coefficient_k value_k, lane by lane."""
    one = _U(1)
    for entry in range(_U(ends.shape[0] - 1)):
        total = _zero()
        for q in range(_U(ends[entry]), _U(ends[entry + one])):
            total = _plus_scaled(total, factor * values[q], _load(coefficients, np.intp(kinds[q])))
        _store(table, np.intp(entry), total)


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
                start = _scaled(series[degree], _load(y, row))
                _store(first, row, start)
                _store(second, row, _zero())
                if twice:
                    _store(first, rows + row, _times_i(start))
            x, z = first, second
            of_x = shift / gamma
            for k in range(degree - 1, 0, -1):
                _apply(ends, columns, weights, table, x, z, y, series[k], of_x, -beta, z, twice)
                x, z = z, x
            _apply(ends, columns, weights, table, x, z, y, series[0], of_x, -2 * beta, y, False)
    return applications
