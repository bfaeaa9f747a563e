"""Transfer phase: the phases that B's frame gains on A's in a transfer and in a half transfer."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from ..analysis.bootstrap import Measured
from ..analysis.counts import outcome_counts
from ..analysis.fringe import Fringe, fit_fringe
from ..analysis.read_fraction import read_fraction
from ..sequences.protocols import bell_phase, transfer_phase
from ..sequences.scan import Scan
from .knowledge import Knowledge

PHASES = tuple(float(turn) for turn in np.arange(8) * np.pi / 4)


@dataclass(frozen=True, kw_only=True)
class PhaseFound:
    """value: Phase to turn B's frame by (rad). fringe: That tells it."""

    value: Measured
    fringe: Fringe

    @property
    def traces(self) -> tuple[object, ...]:
        """For a figure."""
        return self.fringe.traces


@dataclass(frozen=True, kw_only=True)
class TransferPhase:
    """Carry + from A to B, and read B along axes at `phases` (rad) from where X is believed to be."""

    shots: int = 4_000
    phases: tuple[float, ...] = PHASES

    def scan(self, known: Knowledge) -> Scan:
        """One fringe."""
        return Scan.of(transfer_phase(known.any_link, self.phases))

    def fit(self, data: xr.Dataset, known: Knowledge) -> PhaseFound:
        """B is read as 0 most often where its frame is right."""
        counts = outcome_counts(data, {"b": known.sure_readout.discriminators["b"]}).values
        ones, error = read_fraction(counts)
        fringe = fit_fringe(np.array(self.phases), 1 - ones, error, "State carried from A to B", "B read as 0")
        return PhaseFound(value=_turned(known.any_link.line.transfer_phase, fringe), fringe=fringe)

    def found(self, fit: PhaseFound) -> dict[str, Measured]:
        """The phase of a transfer."""
        return {"line.transfer_phase": fit.value}


@dataclass(frozen=True, kw_only=True)
class BellPhase:
    """Share A's excitation, and read both along X, B's axis at `phases` (rad) from where it is believed to be."""

    shots: int = 10_000
    phases: tuple[float, ...] = PHASES

    def scan(self, known: Knowledge) -> Scan:
        """One fringe."""
        return Scan.of(bell_phase(known.any_link, self.phases))

    def fit(self, data: xr.Dataset, known: Knowledge) -> PhaseFound:
        """Both are read alike most often where B's frame is right."""
        counts = outcome_counts(data, {node: known.sure_readout.discriminators[node] for node in "ab"}).values
        alike = counts[..., [0, 3]].sum(axis=-1)
        read, error = read_fraction(np.stack([counts.sum(axis=-1) - alike, alike], axis=-1))
        fringe = fit_fringe(np.array(self.phases), read, error, "Excitation shared by A and B", "both read alike")
        return PhaseFound(value=_turned(known.any_link.line.bell_phase, fringe), fringe=fringe)

    def found(self, fit: PhaseFound) -> dict[str, Measured]:
        """The phase of a half transfer."""
        return {"line.bell_phase": fit.value}


def _turned(believed: float, fringe: Fringe) -> Measured:
    return Measured(float(np.angle(np.exp(1j * (believed + fringe.phase.value)))), fringe.phase.error)
