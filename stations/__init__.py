"""Stations: setups declared in files, the data folder, the command line and the report.

Lazy, so that `coldlink --help` answers at once.
"""

from importlib import import_module
from typing import Any, Final

_HOMES: Final = {
    "Catalogue": "catalogue",
    "DataFolder": "data_folder",
    "Experiment": "result",
    "Measurement": "result",
    "Gate": "result",
    "Order": "measurement",
    "Result": "result",
    "Run": "run",
    "RunRecord": "run",
    "Session": "result",
    "SimulatedNetwork": "simulated_network",
    "Station": "catalogue",
    "measure": "measurement",
    "open_station": "open",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name in _HOMES:
        return getattr(import_module(f".{_HOMES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
