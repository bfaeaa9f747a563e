"""Bell state and Bell inequality: what a half transfer of an excitation shares between the nodes."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ..analysis import DensityMatrix, Measured, bell_fidelity, bootstrap, concurrence, outcome_counts, state_tomography
from ..analysis import chsh as chsh_sum
from ..sequences import protocols
from ..sequences.protocols import CHSH_SIGNS, READ_BASES
from ..sequences.scan import Scan
from .knowledge import Knowledge
from .readout import Readout

RESAMPLES = 200
SETTINGS = list(product(READ_BASES, repeat=2))


@dataclass(frozen=True, kw_only=True)
class BellFit:
    """Fidelity with Psi+ and concurrence, and the states, raw and corrected."""

    bell_fidelity: Mapping[str, Measured]
    concurrence: Mapping[str, Measured]
    state: Mapping[str, DensityMatrix]


@dataclass(frozen=True, kw_only=True)
class BellTomography:
    """X and Y in both signs, Z in one, on both nodes: 25 settings. resampling: Seed of the bootstrap."""

    readout: Readout
    resampling: int = 0
    shots: int = 12_000

    def scan(self, known: Knowledge) -> Scan:
        """Excite, share, read."""
        return Scan.of(protocols.bell_tomography(known.any_link))

    def fit(self, data: xr.Dataset, known: Knowledge) -> BellFit:
        """Maximum likelihood with bootstrap errors."""
        nodes = (known.any_link.node_a.name, known.any_link.node_b.name)
        counts = outcome_counts(data, self.readout.discriminators).values.reshape(len(SETTINGS), 4)
        calibration = self.readout.counts

        def states(tomography: NDArray[np.generic], readout: NDArray[np.generic]) -> dict[str, DensityMatrix]:
            return {
                "raw": state_tomography(tomography, SETTINGS),
                "corrected": state_tomography(tomography, SETTINGS, self.readout.confusion(readout, *nodes)),
            }

        def statistics(*resampled: NDArray[np.generic]) -> dict[str, NDArray[np.float64]]:
            found = states(*resampled)
            fidelities = {f"fidelity {kind}": bell_fidelity(state) for kind, state in found.items()}
            return fidelities | {f"concurrence {kind}": concurrence(state) for kind, state in found.items()}

        generator = np.random.default_rng(self.resampling)
        measured = bootstrap(statistics, counts, calibration, generator=generator, resamples=RESAMPLES)
        return BellFit(
            bell_fidelity={kind: measured[f"fidelity {kind}"] for kind in ("raw", "corrected")},
            concurrence={kind: measured[f"concurrence {kind}"] for kind in ("raw", "corrected")},
            state=states(counts, calibration),
        )

    def found(self, fit: BellFit) -> dict[str, Measured]:
        """Nothing: a result, not a parameter."""
        return {}


@dataclass(frozen=True, kw_only=True)
class ChshFit:
    """S of the Bell inequality, local bound 2, raw and corrected."""

    chsh: Mapping[str, Measured]


@dataclass(frozen=True, kw_only=True)
class Chsh:
    """The inequality's own four settings. resampling: Seed of the bootstrap."""

    readout: Readout
    resampling: int = 0
    shots: int = 10_000

    def scan(self, known: Knowledge) -> Scan:
        """Excite, share, read along four pairs of axes."""
        return Scan.of(protocols.chsh(known.any_link))

    def fit(self, data: xr.Dataset, known: Knowledge) -> ChshFit:
        """S and its bootstrap error."""
        nodes = (known.any_link.node_a.name, known.any_link.node_b.name)
        counts = outcome_counts(data, self.readout.discriminators).values

        def statistics(settings: NDArray[np.generic], readout: NDArray[np.generic]) -> dict[str, NDArray[np.float64]]:
            confusion = self.readout.confusion(readout, *nodes)
            return {"raw": chsh_sum(settings, CHSH_SIGNS), "corrected": chsh_sum(settings, CHSH_SIGNS, confusion)}

        generator = np.random.default_rng(self.resampling)
        return ChshFit(
            chsh=bootstrap(statistics, counts, self.readout.counts, generator=generator, resamples=RESAMPLES)
        )

    def found(self, fit: ChshFit) -> dict[str, Measured]:
        """Nothing: a result, not a parameter."""
        return {}
