"""Readout calibration: axis and threshold of each node, and the matrix of readout errors."""

from dataclasses import dataclass

import xarray as xr

from ..analysis import Measured, Preparation, discriminate, outcome_counts, readout_errors
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
        return Scan.of(readout_calibration(known.link.node_a, known.link.node_b))

    def fit(self, data: xr.Dataset, known: Knowledge) -> Readout:
        """Discriminators and errors of both nodes."""
        link = known.link
        nodes = {node.name: node for node in (link.node_a, link.node_b)}
        preparations = {name: _preparation(node) for name, node in nodes.items()}
        discriminators = {
            name: discriminate(data, name, preparations[name], node.tone.window, node.t1)
            for name, node in nodes.items()
        }
        counts = outcome_counts(data, discriminators).values
        readout = Readout(discriminators=discriminators, errors={}, counts=counts, preparations=preparations)
        errors = {name: readout_errors(readout.single(name), preparations[name]) for name in nodes}
        return Readout(discriminators=discriminators, errors=errors, counts=counts, preparations=preparations)

    def found(self, fit: Readout) -> dict[str, Measured]:
        """The errors of the readout alone."""
        p10 = {f"{name}.readout.p10": error.p10 for name, error in fit.errors.items()}
        return p10 | {f"{name}.readout.p01": error.p01 for name, error in fit.errors.items()}


def _preparation(node: Node) -> Preparation:
    return Preparation(node.residual_population, node.preparation_error)
