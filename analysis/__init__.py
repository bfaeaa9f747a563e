"""Analysis: from datasets and counts to numbers with error bars."""

from ..physics.pauli import paulis
from ..physics.process_map import unitary_transfer
from .basis import effects, input_state
from .bell import PSI_PLUS, bell_fidelity, chsh, concurrence, correlation_matrix, horodecki_bound
from .bootstrap import Measured, bootstrap, resample
from .confusion import ReadoutErrors, confusion, readout_errors
from .counts import outcome_counts
from .discrimination import Discriminator, discriminate
from .preparation import Preparation
from .process import Process, process_tomography
from .tomography import DensityMatrix, state_tomography

__all__ = [
    "PSI_PLUS",
    "DensityMatrix",
    "Discriminator",
    "Measured",
    "Preparation",
    "Process",
    "ReadoutErrors",
    "bell_fidelity",
    "bootstrap",
    "chsh",
    "concurrence",
    "confusion",
    "correlation_matrix",
    "discriminate",
    "effects",
    "horodecki_bound",
    "input_state",
    "outcome_counts",
    "paulis",
    "process_tomography",
    "readout_errors",
    "resample",
    "state_tomography",
    "unitary_transfer",
]
