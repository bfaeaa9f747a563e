"""Process tomography of the handshake: the map from A's state to B's, raw and freed from readout errors."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ..analysis import Measured, Process, bootstrap, outcome_counts
from ..analysis import process_tomography as estimate
from ..sequences.protocols import INPUTS, READ_BASES, process_tomography
from ..sequences.scan import Scan
from .knowledge import Knowledge
from .readout import Readout

RESAMPLES = 200


@dataclass(frozen=True, kw_only=True)
class ProcessFit:
    """Process and average state fidelity, and the processes themselves, raw and corrected."""

    process_fidelity: Mapping[str, Measured]
    average_state_fidelity: Mapping[str, Measured]
    process: Mapping[str, Process]


@dataclass(frozen=True, kw_only=True)
class ProcessTomography:
    """Six inputs, five bases. resampling: Seed of the bootstrap."""

    readout: Readout
    resampling: int = 0
    shots: int = 3_000

    def scan(self, known: Knowledge) -> Scan:
        """Prepare, transfer, read."""
        return Scan.of(process_tomography(known.any_link))

    def fit(self, data: xr.Dataset, known: Knowledge) -> ProcessFit:
        """Maximum likelihood with bootstrap errors; preparation errors count against the transfer."""
        node = known.any_link.node_b.name
        counts = outcome_counts(data, {node: self.readout.discriminators[node]}).values
        calibration = self.readout.single(node)

        def statistics(tomography: NDArray[np.generic], readout: NDArray[np.generic]) -> dict[str, NDArray[np.float64]]:
            raw = estimate(tomography, INPUTS, READ_BASES)
            corrected = estimate(tomography, INPUTS, READ_BASES, self.readout.confusion(readout, node))
            return {"raw": raw.process_fidelity(), "corrected": corrected.process_fidelity()}

        found = bootstrap(
            statistics, counts, calibration, generator=np.random.default_rng(self.resampling), resamples=RESAMPLES
        )
        confusion = self.readout.confusion(calibration, node)
        return ProcessFit(
            process_fidelity=found,
            average_state_fidelity={k: Measured((2 * m.value + 1) / 3, 2 * m.error / 3) for k, m in found.items()},
            process={
                "raw": estimate(counts, INPUTS, READ_BASES),
                "corrected": estimate(counts, INPUTS, READ_BASES, confusion),
            },
        )

    def found(self, fit: ProcessFit) -> dict[str, Measured]:
        """Nothing: a result, not a parameter."""
        return {}
