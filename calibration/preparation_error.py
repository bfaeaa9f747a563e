"""Preparation error: what a pi pulse leaves behind."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr

from ..analysis.bootstrap import Measured
from ..analysis.contrast import contrast
from ..analysis.preparation_error import PreparationFit, fit_preparation_error
from ..sequences.protocols import pulse_train
from ..sequences.scan import Scan
from .knowledge import Knowledge
from .one_node import OneNode

COUNTS: Final = (0, 1, 2, 3, 8, 9, 14, 15, 20, 21, 26, 27, 32, 33, 38, 39)


@dataclass(frozen=True, kw_only=True)
class PreparationError:
    """Trains of pi pulses on `node`, as long as `counts` say."""

    node: str
    shots: int = 2_000
    counts: tuple[int, ...] = COUNTS

    def scan(self, known: Knowledge) -> Scan:
        """One image."""
        return Scan.of(pulse_train(OneNode(known, self.node).pulses, self.counts))

    def fit(self, data: xr.Dataset, known: Knowledge) -> PreparationFit:
        """A decay that alternates."""
        return fit_preparation_error(np.array(self.counts, dtype=float), *contrast(data, self.node))

    def found(self, fit: PreparationFit) -> dict[str, Measured]:
        """The error of one pulse."""
        return {f"{self.node}.preparation_error": fit.preparation_error}
