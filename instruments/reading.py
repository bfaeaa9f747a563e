"""Reading: a temperature and when the sensor last showed signs of life."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """kelvin: Temperature (K). taken: When the sensor gave this value for the first time (s since 1970)."""

    kelvin: float
    taken: float
