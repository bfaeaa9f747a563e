"""Dataset: names of the dimensions that every run's data have beside those of its sweeps and choices."""

from typing import Final

SHOT: Final = "shot"
QUADRATURE: Final = "quadrature"
