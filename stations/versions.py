"""The versions that a result depends on."""

import platform
from importlib.metadata import version
from typing import Final

_DISTRIBUTIONS: Final = ("coldlink", "qick", "numpy", "scipy", "numba", "xarray", "qcodes", "lmfit", "plotly")


def versions() -> dict[str, str]:
    """Of Python, the machine and the packages, by name."""
    machine = {"python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}"}
    return {name: version(name) for name in _DISTRIBUTIONS} | machine
