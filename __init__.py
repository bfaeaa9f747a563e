"""coldlink runs a microwave quantum network whose line is hot."""

from importlib import import_module
from types import ModuleType

__all__ = ["analysis", "calibration", "instruments", "physics", "sequences", "stations"]


def __getattr__(name: str) -> ModuleType:
    """Import a layer when it is first used, so that `coldlink --help` stays quick."""
    if name in __all__:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
