"""The twin of a QICK board: the processor's instruction set, generators, readouts, and the soc that joins them."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .output import FeedbackPlant, ImagingPlant, Plant, Played, Repetition, TracingPlant, Window

if TYPE_CHECKING:
    from .boards import Boards
    from .loopback import Cable, Loopback
    from .processor.processor import Processor
    from .soc import SimulatedSoc

__all__ = [
    "Boards",
    "Cable",
    "FeedbackPlant",
    "ImagingPlant",
    "Loopback",
    "Plant",
    "Played",
    "Processor",
    "Repetition",
    "SimulatedSoc",
    "TracingPlant",
    "Window",
]

_LAZY = {
    "Boards": "boards",
    "Cable": "loopback",
    "Loopback": "loopback",
    "Processor": "processor.processor",
    "SimulatedSoc": "soc",
}


def __getattr__(name: str) -> Any:
    """Import the interpreter and qick only when they are used."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_LAZY[name]}", __name__), name)
