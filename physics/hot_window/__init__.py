"""Hot window: qubits and the line while a coupler is on."""

from .window import HotWindow, Outcome

__all__ = ["HotWindow", "Outcome"]
