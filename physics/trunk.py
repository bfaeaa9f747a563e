"""Trunk: what windows that begin alike have in common is propagated once; a sweep of a pulse's length lives on it."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .segment import Segment

Vector = NDArray[np.complex128]

MEMORY = 96e6
"""Bytes of states that are kept."""
SPACING = 4
"""Steps between two states that are kept."""


@dataclass
class Trunk:
    """States on the way through earlier segments, by the hash of all that led there."""

    _kept: "OrderedDict[bytes, tuple[Vector, float]]" = field(default_factory=OrderedDict)

    def follow(self, lanes: Vector, segment: Segment, difference: int) -> "Walk":
        """Begin a walk of `lanes` through `segment`."""
        steps = segment.controls
        begin = hashlib.sha256(repr((segment.active, difference, lanes.shape)).encode() + lanes.tobytes()).digest()
        rows = np.hstack([steps.duration[:, None], steps.qubit, steps.coupling, steps.mode, steps.load])
        names, name = [], begin
        for row in rows:
            name = hashlib.sha256(name + row.tobytes()).digest()
            names.append(name)
        still = np.append(False, np.all(rows[1:] == rows[:-1], axis=1))
        return Walk(self, names, still)

    def find(self, name: bytes) -> tuple[Vector, float] | None:
        """The state after the steps that `name` stands for."""
        if name in self._kept:
            self._kept.move_to_end(name)
        return self._kept.get(name)

    def put(self, name: bytes, lanes: Vector, pending: float) -> None:
        """Keep a state; the oldest ones go when memory runs out."""
        self._kept[name] = (lanes.copy(), pending)
        while sum(state.nbytes for state, _ in self._kept.values()) > MEMORY:
            self._kept.popitem(last=False)


@dataclass(frozen=True)
class Walk:
    """One way through a segment. names: Of the state after each step. still: Steps that repeat the one before."""

    trunk: Trunk
    names: list[bytes]
    still: NDArray[np.bool_]

    def resume(self, lanes: Vector) -> tuple[int, float]:
        """Put `lanes` where an earlier walk came by: steps done, and the dissipation that is still due (s)."""
        for index in reversed(range(len(self.names))):
            found = self.trunk.find(self.names[index])
            if found is not None:
                lanes[:] = found[0]
                return index + 1, found[1]
        return 0, 0.0

    def keep(self, index: int, lanes: Vector, pending: float) -> None:
        """Keep the state after step `index` if other windows may come by: on a plateau."""
        if self.still[index] and index % SPACING == 0:
            self.trunk.put(self.names[index], lanes, pending)
