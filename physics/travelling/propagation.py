"""Propagation: rho under generators whose coefficients change, sector by sector, with Runge-Kutta steps of order 8."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.sparse import csr_array, vstack

from ...sequences.errors import ModelError
from .cascade import Cascade, Matrix

Real = NDArray[np.float64]


@dataclass(frozen=True)
class Piece:
    """From `first` to `last` (s) the controls are smooth: g_A, delta_A, g_B and delta_B (rad/s) at a time (s)."""

    first: float
    last: float
    controls: Callable[[float], Real]


@dataclass(frozen=True)
class Propagation:
    """A cascade under its controls, piece after piece.

    tolerance: Error of a step in any element, over what an element may be (1); Dormand and Prince's 8(5,3) chooses the
    step by it (Hairer, Norsett, Wanner, Solving Ordinary Differential Equations I, 1993).
    """

    cascade: Cascade
    pieces: tuple[Piece, ...]
    tolerance: float

    def after(self, rho: Matrix) -> Matrix:
        """rho (K, d, d) at the end, for rho (K, d, d) at the beginning."""
        return self.along(rho, np.array([self.pieces[-1].last]))[0]

    def along(self, rho: Matrix, times: Real) -> Matrix:
        """rho at each of `times` (s), ascending and after the beginning: (T, K, d, d)."""
        start = rho.reshape(len(rho), -1).T
        found = np.zeros((len(times), *start.shape), dtype=np.complex128)
        sectors = self.cascade.sectors
        for sector in np.unique(sectors[np.any(start != 0, axis=1)]):
            inside = np.flatnonzero(sectors == sector)
            columns = np.flatnonzero(np.any(start[inside] != 0, axis=0))
            found[:, inside[:, None], columns] = self._sector(inside, start[np.ix_(inside, columns)], times)
        return found.swapaxes(1, 2).reshape(len(times), *rho.shape)

    def _sector(self, inside: NDArray[np.int64], start: Matrix, times: Real) -> Matrix:
        parts = [part[inside][:, inside] for part in self.cascade.generators]
        stacked = csr_array(vstack(parts, format="csr"))

        found, state = [], start.reshape(-1).astype(np.complex128)
        for piece in self.pieces:
            asked = times[(times > piece.first) & (times <= piece.last)]

            def slope(time: float, flat: Matrix, piece: Piece = piece) -> Matrix:
                moved = (stacked @ flat.reshape(start.shape)).reshape(len(parts), -1)
                return np.asarray(moved[0] + piece.controls(time) @ moved[1:])

            stops, span = np.unique(np.append(asked, piece.last)), (piece.first, piece.last)
            solved = solve_ivp(slope, span, state, "DOP853", stops, rtol=self.tolerance, atol=self.tolerance)
            if not solved.success:
                raise ModelError("tolerance", self.tolerance, f"the integration stopped: {solved.message}; raise it")
            state = solved.y[:, -1]
            found.append(solved.y.T[: len(asked)])
        return np.concatenate(found).reshape(len(times), *start.shape)
