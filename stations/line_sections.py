"""Line sections: truth.yaml's ways to the chip, with their filters, delays and crosstalk, and the hot line's loss."""

from collections.abc import Mapping
from typing import Annotated, Final, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ..physics.crosstalk import Crosstalk
from ..physics.flux_filter import FluxFilter, Tail
from ..physics.thermal_loss import ThermalLoss
from ..sequences.errors import ModelError
from .network_sections import LowPass, NotNegative, Positive
from .yaml_file import Duration, Fraction, Frequency, Number, Section, Temperature

MOST_DELAY: Final = 1e-6
"""Of a line inside a cryostat (s): 200 m of cable."""
Part = Annotated[Number, Field(gt=-1, lt=1)]
Delay = Annotated[Duration, Field(ge=0, le=MOST_DELAY)]


class TailSection(Section):
    """A part of a step that comes late (amplitude < 0) or is too much at first (> 0)."""

    amplitude: Part
    time_constant: Annotated[Duration, Positive]


class FluxLineSection(Section):
    """What a generator's waveform passes on its way to a loop, see `FluxFilter`. low_pass: Or none."""

    low_pass: LowPass
    high_pass: Annotated[Frequency, NotNegative]
    delay: Delay
    tails: tuple[TailSection, ...]

    @model_validator(mode="after")
    def _check_physics(self) -> Self:
        try:
            self.filter()
        except ModelError as error:
            raise PydanticCustomError("filter", "{problem}", {"problem": str(error)}) from None
        return self

    def filter(self) -> FluxFilter:
        """As physics knows it."""
        tails = tuple(Tail(tail.amplitude, tail.time_constant) for tail in self.tails)
        return FluxFilter(bandwidth=self.low_pass, tails=tails, high_pass=self.high_pass, delay=self.delay)


class DriveLineSection(Section):
    """A microwave line to a qubit."""

    delay: Delay


class LineLossSection(Section):
    """How much of the line's loss is thermal quasiparticles' at its design's temperature, see `ThermalLoss`."""

    thermal_share: Fraction
    critical_temperature: Annotated[Temperature, Positive]

    def law(self, temperature: float) -> ThermalLoss | None:
        """As physics knows it, of a line designed for `temperature` (K); ModelError where the law does not reach it."""
        if not self.thermal_share:
            return None
        if 2 * temperature > self.critical_temperature:
            why = (
                f"the law holds below half of it, and the line is at {temperature:g} K; give more, or no thermal_share"
            )
            key = "line_loss.critical_temperature"
            raise ModelError("critical temperature (K)", self.critical_temperature, why, key=key)
        return ThermalLoss(self.thermal_share, self.critical_temperature)


def crosstalk(felt: Mapping[str, Mapping[str, float]]) -> Crosstalk:
    """As physics knows it. felt: By each loop, of every other line's flux; ModelError if that is too much."""
    names = tuple(felt)
    matrix = tuple(tuple(1.0 if line == name else felt[name][line] for line in names) for name in names)
    try:
        return Crosstalk(names, matrix)
    except ModelError as error:
        loudest = max(felt, key=lambda name: sum(map(abs, felt[name].values())))
        raise ModelError(error.parameter, error.value, error.why, key=f"crosstalk.{loudest}") from None
