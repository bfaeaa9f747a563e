"""Frames: the phases that no readout can tell, taken out of what is played, so that alike shots share their maps.

Generators that run on by themselves drive with another phase in every repetition. If a qubit's frame is turned by phi
together with all of its drives, rho -> U rho U+ with U = exp(-i phi b+b), its equations stay as they are; while qubits
meet the line, if the frames of all are turned alike. A qubit whose state tells no phase may be given any frame.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import tau

STEPS = 10**9
"""Of a turn, to which phases are compared."""


@dataclass
class Frames:
    """angles: Of each qubit's frame in one shot (rad)."""

    angles: list[float]

    def choose(self, free: frozenset[int], leading: Mapping[int, float], *, meeting: bool) -> None:
        """Those for what comes next.

        free: Qubits whose state tells no phase. leading: Phase of the first drive that comes, of each qubit that is
        driven (rad). meeting: Qubits may meet.
        """
        if meeting:
            held = [angle for qubit, angle in enumerate(self.angles) if qubit not in free]
            leading = dict.fromkeys(free, next(iter([*held, *leading.values()]), 0.0))
        for qubit in free & leading.keys():
            self.angles[qubit] = leading[qubit]

    def seen(self, qubit: int, phase: float) -> int:
        """A drive's phase in the frame of its qubit, as a number of steps."""
        return round((phase - self.angles[qubit]) / tau * STEPS) % STEPS

    @property
    def between(self) -> tuple[int, ...]:
        """Angles of the other frames in the first one, as numbers of steps."""
        return tuple(self.seen(0, angle) for angle in self.angles[1:])
