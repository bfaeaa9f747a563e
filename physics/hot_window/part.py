"""Part: a segment of a window as every operator meets it, whatever the orders and photons it is followed with."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..controls import Controls, Rates
from ..idle import idle_map
from ..segment import segments
from .course import Course
from .resolution import Resolution


@dataclass(frozen=True)
class Part:
    """course: Of the qubits whose couplers are on. off: Map of each of the others. finished: Qubits whose couplers are
    on for the last time.
    """

    course: Course
    off: Mapping[int, NDArray[np.complex128]]
    finished: frozenset[int]

    def alone(self, qubit: int, shift: NDArray[np.float64] | None) -> NDArray[np.complex128]:
        """Map of a qubit whose coupler is off, when every qubit is detuned by `shift`, shape (Q,) (rad/s)."""
        if shift is None or not shift[qubit]:
            return self.off[qubit]
        single = self.off[qubit]
        phase = np.exp(-1j * shift[qubit] * self.course.controls.duration.sum() * np.arange(len(single)))
        return np.asarray(single * (phase[:, None] * phase.conj())[:, :, None, None])


def parts(
    rates: Rates, controls: Controls, near: int, levels: int, initial: NDArray[np.float64], asked: Resolution
) -> list[Part]:
    """In order of time. initial: Occupation of each mode at the beginning, shape (M,). asked: Its steps count."""
    found: list[Part] = []
    steps, occupations = segments(controls, asked.step, asked.turn), initial
    for index, segment in enumerate(steps):
        course = Course(rates, segment.controls, segment.active, near, occupations)
        off = {
            qubit: idle_map(rates, qubit, levels, segment.duration, float(angle))
            for qubit, angle in enumerate(segment.controls.duration @ segment.controls.qubit)
            if qubit not in segment.active
        }
        later = {qubit for following in steps[index + 1 :] for qubit in following.active}
        found.append(Part(course, off, frozenset(segment.active) - later))
        occupations = course.thermal[-1]
    return found
