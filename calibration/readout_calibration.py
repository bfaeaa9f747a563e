"""Readout calibration: axis and threshold of each node, and the matrix of readout errors."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import hypot

import numpy as np
import xarray as xr

from ..analysis import Measured, Preparation, ReadoutErrors, discriminate, outcome_counts, readout_errors
from ..sequences.link import Node
from ..sequences.protocols import readout_calibration
from ..sequences.scan import Scan
from .knowledge import Knowledge
from .readout import Readout


@dataclass(frozen=True)
class ReadoutCalibration:
    """Prepare all combinations of g and e of both nodes and read them together."""

    shots: int = 10_000

    def scan(self, known: Knowledge) -> Scan:
        """Four preparations."""
        return Scan.of(readout_calibration(known.any_link.node_a, known.any_link.node_b))

    def fit(self, data: xr.Dataset, known: Knowledge) -> Readout:
        """Discriminators and errors of both nodes."""
        link = known.any_link
        nodes = {node.name: node for node in (link.node_a, link.node_b)}
        preparations = {name: _preparation(node, known.errors) for name, node in nodes.items()}
        discriminators = {
            name: discriminate(data, name, preparations[name], node.tone.window, node.t1)
            for name, node in nodes.items()
        }
        counts = outcome_counts(data, discriminators).values
        readout = Readout(discriminators=discriminators, errors={}, counts=counts, preparations=preparations)
        errors = {name: readout_errors(readout.single(name), preparations[name]) for name in nodes}
        return Readout(discriminators=discriminators, errors=errors, counts=counts, preparations=preparations)

    def found(self, fit: Readout) -> dict[str, Measured]:
        """The errors of the readout alone, as far as threshold and preparations are known."""
        told = {name: _doubted(fit, name) for name in fit.errors}
        p10 = {f"{name}.readout.p10": error.p10 for name, error in told.items()}
        return p10 | {f"{name}.readout.p01": error.p01 for name, error in told.items()}


def _preparation(node: Node, errors: Mapping[str, float]) -> Preparation:
    return Preparation(
        node.residual_population,
        node.preparation_error,
        residual_error=errors.get(f"{node.name}.residual_population", 0.0),
        pulse_error=errors.get(f"{node.name}.preparation_error", 0.0),
    )


def _doubted(readout: Readout, name: str) -> ReadoutErrors:
    """Readout errors with what a wrong threshold or a wrong idea of the preparation would make of them.

    In a fit to outcomes of this readout these cancel: it takes the same threshold and the same preparation.
    """
    errors, preparation, discriminator = readout.errors[name], readout.preparations[name], readout.discriminators[name]
    threshold = hypot(*(discriminator.errors.get(centre, 0.0) for centre in ("centre_g", "centre_e"))) / 2
    at = np.array([discriminator.threshold])
    moved = [threshold * float(discriminator.density(at, excited)[0]) for excited in (0.0, 1.0)]
    prepared = [preparation.residual_error, hypot(preparation.residual_error, preparation.pulse_error)]
    wide = [hypot(move, errors.visibility * doubt) for move, doubt in zip(moved, prepared, strict=True)]
    return ReadoutErrors(
        p10=replace(errors.p10, error=hypot(errors.p10.error, wide[0])),
        p01=replace(errors.p01, error=hypot(errors.p01.error, wide[1])),
    )
