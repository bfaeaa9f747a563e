"""Calibration: routines that measure, and what they say about the link."""

from .bell import BellTomography, Chsh
from .bench import Bench
from .design import Design
from .operation import Operation, PhotonOperation
from .photon_design import PhotonDesign
from .radiometry import RadiometryRoutine
from .readout import Readout
from .readout_calibration import ReadoutCalibration
from .routine import Outcome, Routine, calibrate
from .tomography import ProcessTomography

__all__ = [
    "BellTomography",
    "Bench",
    "Chsh",
    "Design",
    "Operation",
    "Outcome",
    "PhotonDesign",
    "PhotonOperation",
    "ProcessTomography",
    "RadiometryRoutine",
    "Readout",
    "ReadoutCalibration",
    "Routine",
    "calibrate",
]
