"""Hot window: qubits and the line while a coupler is on."""

from .detuned import Detuned
from .resolution import ERROR
from .window import HotWindow, Outcome

__all__ = ["ERROR", "Detuned", "HotWindow", "Outcome"]
