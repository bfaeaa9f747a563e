"""A bench on paper: it notes what it is told, and answers with a voltage that follows the bias."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import xarray as xr

from coldlink.calibration.knowledge import Knowledge
from coldlink.sequences.sequence import Sequence
from coldlink.sequences.setting import Setting
from coldlink.sequences.target import Target

from ..one_mode import one_mode

BIAS = Setting("a.coupler.bias", "V")


@cache
def known() -> Knowledge:
    return one_mode().bench.known


@dataclass
class PaperBench:
    """told: What was set and played, in order. before: Called before anything plays, and may raise."""

    known: Knowledge = field(default_factory=known)
    told: list[str] = field(default_factory=list)
    settings: dict[str, float] = field(default_factory=dict)
    before: Callable[[int], None] = lambda played: None

    @property
    def target(self) -> Target:
        return one_mode().bench.target

    @property
    def played(self) -> int:
        return self.told.count("play")

    def set(self, setting: Setting, value: float) -> None:
        self.settings[setting.name] = value
        self.told.append(f"{setting.name} {value:g}")

    def run(self, sequence: Sequence, shots: int) -> xr.Dataset:
        self.before(self.played)
        self.told.append("play")
        iq = np.full((shots, 2), self.settings.get(BIAS.name, 0.0), np.float32)
        attributes = {"image_sha256": f"{self.played:064}", "board_time_s": 0.5, "shots": shots}
        return xr.Dataset({"a.iq": (("shot", "quadrature"), iq, {"units": "ADC"})}, attrs=attributes)

    def learn(self, known: Knowledge) -> None:
        self.known = known
        self.told.append("learn")
