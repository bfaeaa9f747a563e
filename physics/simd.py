"""Eight doubles at once, for numba: a vector type, its loads and stores, and a fused multiply-add.

The type is LLVM's `<8 x double>`: one register with AVX-512, two with AVX2, four with NEON. Loops that numba vectorises
by itself reach a quarter of its speed on short rows, whose lengths are not known when they are compiled. Across two
cache lines a load costs twice: `aligned` gives arrays that begin on one. A cached function does not notice a change in
this file; delete numba's cache after one.
"""

import math
from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, models, register_model
from numpy.typing import NDArray

WIDTH: Final = 8
LINE: Final = 64
"""Bytes of a cache line."""
_VECTOR: Final = ir.VectorType(ir.DoubleType(), WIDTH)
_INDEX: Final = ir.IntType(32)


def aligned(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Zeros that begin on a cache line."""
    size = math.prod(shape)
    memory = np.zeros(size + LINE // 8)
    first = -memory.ctypes.data % LINE // 8
    return memory[first : first + size].reshape(shape)


class Eight(types.Type):  # type: ignore[misc]
    """numba's type of a vector of `WIDTH` doubles."""

    def __init__(self) -> None:
        super().__init__(name="Eight")


@register_model(Eight)
class _EightModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _VECTOR)


eight: Final = Eight()


@intrinsic
def zero(context):  # type: ignore[no-untyped-def]
    """Eight zeros."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return ir.Constant(_VECTOR, [0.0] * WIDTH)

    return eight(), generate


@intrinsic
def spread(context, scalar):  # type: ignore[no-untyped-def]
    """Eight times the same double."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        one = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), arguments[0], ir.Constant(_INDEX, 0))
        same = ir.Constant(ir.VectorType(_INDEX, WIDTH), [0] * WIDTH)
        return builder.shuffle_vector(one, ir.Constant(_VECTOR, ir.Undefined), same)

    return eight(types.float64), generate


@intrinsic
def load(context, array, index):  # type: ignore[no-untyped-def]
    """Eight neighbours from the element `index` on of a contiguous array of doubles."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        vector = builder.load(_pointer(context, builder, signature.args[0], arguments))
        vector.align = np.dtype(np.float64).itemsize
        return vector

    return eight(array, types.intp), generate


@intrinsic
def store(context, array, index, vector):  # type: ignore[no-untyped-def]
    """Write eight neighbours, from the element `index` on."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        done = builder.store(arguments[2], _pointer(context, builder, signature.args[0], arguments))
        done.align = np.dtype(np.float64).itemsize
        return context.get_dummy_value()

    return types.void(array, types.intp, eight), generate


@intrinsic
def multiply(context, first, second):  # type: ignore[no-untyped-def]
    """first * second."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.fmul(*arguments, flags=("contract",))

    return eight(eight, eight), generate


@intrinsic
def multiply_add(context, first, second, third):  # type: ignore[no-untyped-def]
    """first * second + third."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        product = builder.fmul(arguments[0], arguments[1], flags=("contract",))
        return builder.fadd(product, arguments[2], flags=("contract",))

    return eight(eight, eight, eight), generate


@intrinsic
def times_i(context, vector):  # type: ignore[no-untyped-def]
    """Four complex numbers, real parts first: (x, y) becomes (-y, x)."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        half = WIDTH // 2
        signs = ir.Constant(_VECTOR, [-1.0] * half + [1.0] * half)
        swap = ir.Constant(ir.VectorType(_INDEX, WIDTH), [*range(half, WIDTH), *range(half)])
        swapped = builder.shuffle_vector(arguments[0], ir.Constant(_VECTOR, ir.Undefined), swap)
        return builder.fmul(swapped, signs)

    return eight(eight), generate


def _pointer(context: Any, builder: Any, kind: Any, arguments: Any) -> Any:
    """Of the vector that begins at an index of an array."""
    first = context.make_array(kind)(context, builder, arguments[0]).data
    return builder.bitcast(builder.gep(first, [arguments[1]]), _VECTOR.as_pointer())
