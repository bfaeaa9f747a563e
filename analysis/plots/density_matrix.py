"""Density matrix: real and imaginary part with numbers, the ideal beside them."""

from itertools import product

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from .matrix import matrices

Operators = NDArray[np.complex128]


def density_matrix(matrix: Operators, title: str, ideal: Operators | None = None) -> go.Figure:
    """Figure of `matrix` (d, d); `ideal` (d, d) adds its real part as a third panel."""
    labels = ["".join(digits) for digits in product("01", repeat=len(matrix).bit_length() - 1)]
    panels = {"measured, real part": matrix.real, "measured, imaginary part": matrix.imag}
    if ideal is not None:
        panels["ideal, real part"] = ideal.real
    kets, bras = [f"|{label}⟩" for label in labels], [f"⟨{label}|" for label in labels]
    return matrices(panels, kets, bras, title, limit=0.5 if len(matrix) > 2 else 1.0)
