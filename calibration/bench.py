"""Bench: what a routine needs of a setup, simulated or real."""

from typing import Protocol

import xarray as xr

from ..sequences.sequence import Sequence
from ..sequences.setting import Setting
from ..sequences.target import Target
from .knowledge import Knowledge


class Bench(Protocol):
    """A setup that plays sequences and holds settings."""

    @property
    def known(self) -> Knowledge:
        """What is known about the device."""
        ...

    @property
    def target(self) -> Target:
        """Datasheet of what plays the sequences."""
        ...

    def set(self, setting: Setting, value: float) -> None:
        """Bring a static setting to `value` (its unit)."""
        ...

    def run(self, sequence: Sequence, shots: int) -> xr.Dataset:
        """Play `sequence`; dataset as `Board.run` describes it."""
        ...
