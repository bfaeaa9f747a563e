"""Drift: where a cryostat has wandered to, by the time that its clock shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from .wander import Seed, Telegraph, Wander


@dataclass(frozen=True, kw_only=True)
class Drift:
    """Where it is at one moment. flux: Moves the offset of each flux line, by name (Phi0). relaxation: Of each qubit,
    what is added to 1/T1, as a part of it. readout_phase: Of each readout chain (rad). lo_phase: Of each drive's
    carrier (rad). board_phase: Of all carriers of each board, by number (rad).
    """

    flux: Mapping[str, float]
    relaxation: tuple[float, ...]
    readout_phase: tuple[float, ...]
    lo_phase: tuple[float, ...]
    board_phase: tuple[float, ...]

    @classmethod
    def none(cls, lines: Sequence[str], qubits: int, boards: int) -> "Drift":
        """Of a cryostat that is as it was drawn."""
        still = (0.0,) * qubits
        return cls(
            flux=dict.fromkeys(lines, 0.0),
            relaxation=still,
            readout_phase=still,
            lo_phase=still,
            board_phase=(0.0,) * boards,
        )


@dataclass(frozen=True, kw_only=True)
class Drifts:
    """What drifts and how far: every line, qubit, chain and board by itself.

    line_temperature: (K). flux_offset: (Phi0). relaxation: By two-level systems that come and go (part of 1/T1).
    readout_phase, lo_phase, board_phase: (rad); of boards, those beyond the first one. entropy: Seed of all.
    """

    line_temperature: Wander
    flux_offset: Wander
    relaxation: Telegraph
    readout_phase: Wander
    lo_phase: Wander
    board_phase: Wander
    entropy: Seed

    def warmer(self, time: float) -> float:
        """By how much the line's stage is warmer at `time` (s since 1970) than its cooling alone makes it (K)."""
        return self.line_temperature.at(time, self._seed("line temperature"))

    def at(self, time: float, lines: Sequence[str], qubits: int, boards: int) -> Drift:
        """All the rest at `time` (s since 1970)."""

        def each(process: Wander | Telegraph, name: str, numbers: range) -> tuple[float, ...]:
            return tuple(process.at(time, self._seed(f"{name} {number}")) for number in numbers)

        return Drift(
            flux={line: self.flux_offset.at(time, self._seed(f"offset of {line}")) for line in lines},
            relaxation=each(self.relaxation, "relaxation", range(qubits)),
            readout_phase=each(self.readout_phase, "readout", range(qubits)),
            lo_phase=each(self.lo_phase, "oscillator", range(qubits)),
            board_phase=(0.0, *each(self.board_phase, "board", range(1, boards))),
        )

    def _seed(self, name: str) -> Seed:
        return (*np.frombuffer(sha256(name.encode()).digest(), "<u4").tolist(), *self.entropy)
