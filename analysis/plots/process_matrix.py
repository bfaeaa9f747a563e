"""Process matrix: the Pauli-transfer matrix with numbers, the ideal beside it."""

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from .matrix import matrices


def process_matrix(measured: NDArray[np.float64], ideal: NDArray[np.float64], title: str) -> go.Figure:
    """Figure of two Pauli-transfer matrices (4, 4), order I, X, Y, Z: rows are outputs, columns inputs."""
    return matrices({"measured": measured, "ideal": ideal}, list("IXYZ"), list("IXYZ"), title, limit=1.0)
