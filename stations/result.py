"""What a measurement hands to the command line and the report, and what it must offer while it runs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, Self

if TYPE_CHECKING:
    import xarray as xr
    from plotly.graph_objects import Figure

Table = Sequence[Mapping[str, object]]
"""Rows of equal keys; the keys are the columns' titles."""
CALIBRATED: Final = "Calibrated values"
"""Title of the table with the newest value of everything."""


@dataclass(frozen=True, kw_only=True)
class Gate:
    """A condition that a trustworthy result fulfils.

    value, limit: In `unit`; `limit` says on which side, for example `above 0.5`.
    """

    name: str
    value: float
    limit: str
    passed: bool
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Result:
    """A finished measurement.

    image_sha256: Of the last program image that the board executed, None if there was nothing to play.
    board_time_s: How long the board played (s).
    measured: Quantity -> Measured, or -> {"raw": Measured, "corrected": Measured}; the JSON document's own fields.
    figures, tables: For the report, in the order in which they are shown; names are their titles.
    """

    protocol: str
    image_sha256: str | None
    board_time_s: float
    measured: Mapping[str, object]
    gates: tuple[Gate, ...]
    figures: Mapping[str, "Figure"]
    tables: Mapping[str, Table]

    @property
    def passed(self) -> bool:
        """Whether every gate is passed."""
        return all(gate.passed for gate in self.gates)


class Measurement(Protocol):
    """A measurement in blocks: each step plays one, and what was measured so far is kept after each."""

    @property
    def steps(self) -> tuple[str, ...]:
        """The blocks' names, in order."""
        ...

    @property
    def datasets(self) -> "Mapping[str, xr.Dataset]":
        """What was measured so far; a dataset that has grown is a new object."""
        ...

    @property
    def conditions(self) -> Mapping[str, object]:
        """Under which the last block was measured, such as temperatures; kept with its data."""
        ...

    def begin(self, run: str, cooldown: int, stop: Callable[[], None]) -> None:
        """Bring the setup to where it plays. run, cooldown: Go with every value that is found.

        stop: To be called before anything plays; raises RunAborted if someone has asked to stop.
        """
        ...

    def perform(self, step: str) -> None:
        """Play one block; returns when its data are in `datasets`."""
        ...

    def result(self) -> Result:
        """Estimate from all blocks."""
        ...


class Experiment(Measurement, Protocol):
    """A measurement that has one schedule, which can be shown before it is played."""

    def timeline(self) -> str:
        """The compiled schedule as text; plays nothing."""
        ...

    def schedule(self) -> "Figure":
        """The compiled schedule as a picture, the hot window shaded; plays nothing."""
        ...

    def image(self) -> str:
        """What the board will be loaded with, as `coldlink trace` reads it; plays nothing."""
        ...


class Session(Protocol):
    """An open station. parameters_from: Where the link's parameters come from, for example `design`."""

    @property
    def name(self) -> str:
        """The station's name."""
        ...

    @property
    def parameters_from(self) -> str:
        """`design` or the calibration that they come from."""
        ...

    def experiment(self, protocol: str, shots: int | None) -> Experiment:
        """Prepare a measurement; nothing is played yet. shots: Per setting, None for the protocol's own number."""
        ...

    def calibration(self, wanted: tuple[str, ...]) -> Measurement:
        """Prepare what is due, and what is `wanted`; nothing is played yet."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...
