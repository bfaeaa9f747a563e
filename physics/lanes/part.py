"""Part: the elements of one excitation difference, taken through exponents, eight lanes at a time."""

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from ..controls import Rates
from ..simd import aligned
from . import kernel
from .elements import Elements, Numbers
from .generator import Product, terms
from .spectrum import Spectrum, decay, spectrum
from .stencil import Stencil, reached, stencil
from .steps import Steps

Real = NDArray[np.float64]
LONGEST = 200.0
"""Largest half axis of the spectrum of one exponent; longer ones are cut (exp(700) is the end of floats)."""


class Part:
    """Elements of one difference; keeps what does not depend on the controls' values."""

    def __init__(self, rates: Rates, space: Product, difference: int) -> None:
        self.elements = Elements(space.totals, difference)
        self._rates, self._space = rates, space
        self._terms = terms(rates, space, self.elements)
        self._decay = decay(rates, space)
        self._stencils: dict[tuple[tuple[tuple[int, ...], ...], bytes], Stencil] = {}
        self._spectra: dict[float, Spectrum] = {}

    @property
    def lanes(self) -> int:
        """Points in one group: a complex number takes two of the kernel's lanes."""
        return kernel.LANES if self.elements.folded else kernel.LANES // 2

    def evolve(self, steps: Steps, start: Numbers, tolerance: float, threads: int = 1) -> tuple[Numbers, int]:
        """Numbers after all exponents, shape (numbers, points), and applications of the generator.

        start: Shape (numbers, points). tolerance: Of each exponential.
        """
        plan = self._stencil(steps.groups, np.asarray(start.any(axis=1)))
        points = start.shape[1]
        groups = np.minimum(np.arange(-(-points // self.lanes) * self.lanes), points - 1).reshape(-1, self.lanes)
        chunks = [chunk for chunk in np.array_split(groups, threads) if len(chunk)]
        numbers = np.zeros_like(start)

        def follow(chunk: NDArray[np.int64]) -> int:
            state = self._packed(start[plan.kept][:, chunk])
            count = self._run(plan, steps, chunk, state, tolerance)
            numbers[plan.kept[:, None], chunk.ravel()] = self._unpacked(state)
            return count

        if len(chunks) == 1:
            count = follow(chunks[0])
            return numbers, count
        with ThreadPoolExecutor(max_workers=len(chunks)) as pool:
            counts = list(pool.map(follow, chunks))
        return numbers, sum(counts)

    def axes(self, steps: Steps) -> tuple[Real, Real]:
        """Half axes, real and imaginary, of the spectrum of each exponent, shape (exponents, points)."""
        qubits = len(self._space.levels)
        top = np.array(self._space.dims) - 1
        shape = steps.coefficients[:, 0].shape
        decayed, turned, coupled = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        for group, values in zip(steps.groups, steps.coefficients.transpose(1, 0, 2), strict=True):
            for term in group:
                decayed += self._decay[term] * np.abs(values)
                if 1 <= term <= qubits:
                    coupled += values**2
                elif qubits < term <= qubits + len(top):
                    turned += top[term - 1 - qubits] * np.abs(values)
        strength, lengths = np.sqrt(coupled), steps.coefficients[:, 0]
        known = self.spectrum(float(np.max(strength[lengths > 0] / lengths[lengths > 0], initial=0.0)))
        slope = (known.coupled - known.still) / known.strength
        turned += np.where(lengths > 0, lengths * known.still + slope * strength, known.bare * strength)
        return decayed / 2, turned

    def spectrum(self, strength: float) -> Spectrum:
        """For couplings up to `strength` (rad/s), or a little stronger."""
        level = 1.05 ** math.ceil(math.log(max(strength, 1.0), 1.05))
        if level not in self._spectra:
            self._spectra[level] = spectrum(self._rates, self._space, self.elements.difference, level)
        return self._spectra[level]

    def _stencil(self, groups: tuple[tuple[int, ...], ...], start: NDArray[np.bool_]) -> Stencil:
        key = groups, start.tobytes()
        if key not in self._stencils:
            matrices = [sum((self._terms[term] for term in group[1:]), start=self._terms[group[0]]) for group in groups]
            self._stencils[key] = stencil(matrices, self.elements, reached(matrices, start))
        return self._stencils[key]

    def _packed(self, values: Numbers) -> Real:
        """Lanes of points, shape (rows, groups, points): shape (groups, rows, 8)."""
        split = values if self.elements.folded else np.concatenate([values.real, values.imag], axis=2)
        state = aligned((split.shape[1], split.shape[0], kernel.LANES))
        state[:] = split.transpose(1, 0, 2)
        return state

    def _unpacked(self, state: Real) -> Numbers:
        values: Numbers = state
        if not self.elements.folded:
            values = state[:, :, : self.lanes] + 1j * state[:, :, self.lanes :]
        return values.transpose(1, 0, 2).reshape(state.shape[1], -1)

    def _run(self, plan: Stencil, steps: Steps, chunk: NDArray[np.int64], state: Real, tolerance: float) -> int:
        """Take `state` through `steps` with the controls of the points in `chunk`, shape (groups, lanes)."""
        some = steps.of(chunk.ravel())
        real, imaginary = (axis.reshape(-1, *chunk.shape).max(axis=2) for axis in self.axes(some))
        pieces = np.ceil(np.maximum(real, imaginary).max(axis=1) / LONGEST).astype(int)
        pieces = np.maximum(1, pieces)
        shape = (len(pieces), len(steps.groups), *chunk.shape)
        lanes = np.tile((some.coefficients / pieces[:, None, None]).reshape(shape), kernel.LANES // self.lanes)
        twice = not self.elements.folded
        height = plan.rows * (2 if twice else 1)
        work = tuple(aligned((rows, kernel.LANES)) for rows in (height, height, len(plan.table_ends) - 1))
        repeated = [np.repeat(values / pieces[:, None], pieces, axis=0) for values in (real, imaginary)]
        coefficients = np.ascontiguousarray(np.repeat(lanes, pieces, axis=0).transpose(2, 0, 1, 3))
        axes = [np.ascontiguousarray(values.T) for values in repeated]
        return int(kernel.evolve(*plan.arrays, coefficients, *axes, tolerance, twice, state, work))
