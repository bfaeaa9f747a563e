"""Preparation: how well a node starts in g or e."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..sequences.errors import FitRejected


@dataclass(frozen=True)
class Preparation:
    """How well a node's g and e are prepared.

    residual: Thermal population p_th, which both preparations start from. pulse: Error that the pi pulse adds to e.
    residual_error, pulse_error: Standard errors of both.
    """

    residual: float
    pulse: float = 0.0
    residual_error: float = 0.0
    pulse_error: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.residual <= 0.5 and 0 <= self.pulse <= 0.5 and 2 * self.residual + self.pulse < 0.9):
            raise FitRejected(
                f"a residual population of {self.residual:g} and a pulse error of {self.pulse:g} prepare no state",
                "measure the residual population and tune the pi pulse first",
            )

    @property
    def mixing(self) -> NDArray[np.float64]:
        """P(true | prepared) (2, 2): rows are true, columns prepared."""
        wrong_e = self.residual + self.pulse
        return np.array([[1 - self.residual, wrong_e], [self.residual, 1 - wrong_e]])
