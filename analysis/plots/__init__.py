"""Plots: from data and estimates to figures."""

from .budget import budget
from .density_matrix import density_matrix
from .echoes import Panel, echoes
from .events import Mark, Track, events
from .matrix import matrices
from .panes import Pane, panes
from .process_matrix import process_matrix
from .readout_cloud import readout_cloud
from .schedule import Lane, schedule
from .template import TEMPLATE
from .threshold import threshold
from .trace import Curve, trace

__all__ = [
    "TEMPLATE",
    "Curve",
    "Lane",
    "Mark",
    "Pane",
    "Panel",
    "Track",
    "budget",
    "density_matrix",
    "echoes",
    "events",
    "matrices",
    "panes",
    "process_matrix",
    "readout_cloud",
    "schedule",
    "threshold",
    "trace",
]
