"""Setting: something that stays put while pulses play, such as a static bias."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Setting:
    """A static quantity that an instrument holds: a DC bias, a stage temperature.

    name: Of the instrument's output, such as `a.coupler.bias`. unit: SI.
    """

    name: str
    unit: str
