"""Waveguide: the one-way line from node A to node B, its delay, its loss and the fields that enter it."""

import math
from dataclasses import dataclass

from scipy.constants import c

from ...sequences.errors import ModelError
from ..check import not_negative
from ..scale import DURATION


@dataclass(frozen=True, kw_only=True)
class Waveguide:
    """Circulator and cable, along which photons travel from A to B only.

    Loss is a beam splitter before B: its field is sqrt(1 - loss) e^(i phase) times A's, delay earlier, plus sqrt(loss)
    times a field with `loss_occupation`. Into A enters a field with `input_occupation`, which A passes on. Both fields
    are white over the resonators' linewidths; `coldlink.physics.occupation` gives n at a temperature.

    delay: From A to B (s). loss: Part of the photons lost, in circulator and cable together. phase: rad.
    """

    delay: float = 0.0
    loss: float = 0.0
    phase: float = 0.0
    input_occupation: float = 0.0
    loss_occupation: float = 0.0

    def __post_init__(self) -> None:
        for name in ("delay", "input_occupation", "loss_occupation"):
            if not 0 <= getattr(self, name) < math.inf:
                raise ModelError(f"waveguide {name}", getattr(self, name), "must be finite, 0 or more")
        DURATION.one("waveguide delay (s)", self.delay)
        if not 0 <= self.loss <= 1:
            why = "a part of the photons lies in 0 <= loss <= 1; L decibels lose 1 - 10^(-L/10)"
            raise ModelError("waveguide loss", self.loss, why)
        if not math.isfinite(self.phase):
            raise ModelError("waveguide phase", self.phase, "must be a number of rad")

    @classmethod
    def along(cls, length: float, *, velocity: float, attenuation: float, insertion: float = 0.0) -> "Waveguide":
        """A cold line. length: m. velocity: m/s. attenuation: dB/m. insertion: Of circulator and connectors (dB)."""
        for name, value in (("velocity", velocity), ("length", length)):
            if not value > 0:
                raise ModelError(f"waveguide {name}", value, "must be positive")
        if velocity > c:
            raise ModelError("waveguide velocity (m/s)", velocity, f"light in vacuum has {c:g} m/s; give less")
        for name, value in (("attenuation", attenuation), ("insertion", insertion)):
            not_negative(f"waveguide {name} (dB)", value, "a loss in dB is not negative")
        return cls(delay=length / velocity, loss=1 - 10 ** (-(attenuation * length + insertion) / 10))
