"""Routine: one measurement with what it says about the link; `calibrate` runs any of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Generic, Protocol, TypeVar

import numpy as np
import xarray as xr

from ..analysis.bootstrap import Measured
from ..sequences.errors import ConnectionFailed, InstrumentError, InterlockOpen
from ..sequences.scan import Point, Scan
from .bench import Bench
from .knowledge import Knowledge

Fit = TypeVar("Fit")


class Routine(Protocol[Fit]):
    """Three pure steps: what to play, what it tells, and what it found."""

    @property
    def shots(self) -> int:
        """Per point."""
        ...

    def scan(self, known: Knowledge) -> Scan:
        """What to play, at which settings."""
        ...

    def fit(self, data: xr.Dataset, known: Knowledge) -> Fit:
        """What `data` tell; FitRejected if they do not."""
        ...

    def found(self, fit: Fit) -> Mapping[str, Measured]:
        """Calibrated values by their names in `names.KINDS`; storing them is the caller's decision."""
        ...


@dataclass(frozen=True)
class Outcome(Generic[Fit]):
    """Data of a routine and what they tell."""

    data: xr.Dataset
    fit: Fit


def calibrate(routine: Routine[Fit], bench: Bench) -> Outcome[Fit]:
    """Play a routine on `bench` and fit it; settings that it changed are brought back as `play` says."""
    known = bench.known
    data = play(routine.scan(known), bench, routine.shots)
    return Outcome(data, routine.fit(data, known))


def play(scan: Scan, bench: Bench, shots: int) -> xr.Dataset:
    """Data of all points of `scan`, its axes before those of the sequences.

    Settings are brought back, unless an interlock or an instrument ends the scan: outputs are safe then, and stay so.
    """
    try:
        parts = [_played(point, bench, shots) for point in scan.points]
    except (InterlockOpen, ConnectionFailed, InstrumentError):
        raise
    except BaseException:
        _bring_back(scan, bench)
        raise
    _bring_back(scan, bench)
    return _joined(scan, parts) if scan.axes else parts[0]


def _played(point: Point, bench: Bench, shots: int) -> xr.Dataset:
    for setting, value in point.settings.items():
        bench.set(setting, value)
    return bench.run(point.sequence, shots)


def _bring_back(scan: Scan, bench: Bench) -> None:
    touched = {setting for point in scan.points for setting in point.settings}
    for setting in sorted(touched, key=lambda setting: setting.name):
        bench.set(setting, bench.known.biases[setting])


def _joined(scan: Scan, parts: list[xr.Dataset]) -> xr.Dataset:
    shape = tuple(len(axis.values) for axis in scan.axes)
    names = tuple(axis.name for axis in scan.axes)
    first = parts[0]
    variables = {
        name: xr.Variable(
            (*names, *first[name].dims),
            np.stack([part[name].values for part in parts]).reshape(shape + first[name].shape),
            first[name].attrs,
        )
        for name in first.data_vars
    }
    coords = {axis.name: ((axis.name,), list(axis.values), {"units": axis.unit}) for axis in scan.axes}
    together = {
        "board_time_s": sum(float(part.attrs["board_time_s"]) for part in parts),
        "image_sha256": _digest([str(part.attrs["image_sha256"]) for part in parts]),
    }
    return xr.Dataset(variables, {**first.coords, **coords}, {**first.attrs, **together})


def _digest(images: list[str]) -> str:
    """The image's hash; of several, the hash of their hashes in the order in which they were played."""
    return images[0] if len(set(images)) == 1 else sha256("".join(images).encode()).hexdigest()
