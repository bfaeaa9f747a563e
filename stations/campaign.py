"""Campaign: the calibrations that are due, done one by one on a bench; by itself the run of `coldlink calibrate`."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ..calibration.cooldown import Cooldown, Done
from ..calibration.graph import Task
from ..calibration.store import Store
from . import pictures
from .parameters import calibrated_table, parameter_table, temperature_table
from .result import CALIBRATED, Result, Table

if TYPE_CHECKING:
    import xarray as xr
    from plotly.graph_objects import Figure

    from .bench import LinkBench

Notes = Callable[[], Mapping[str, Table]]


class Campaign:
    """tasks: In their order. notes: Tables of what the setup says about itself."""

    def __init__(self, bench: "LinkBench", store: Store, tasks: tuple[Task, ...], notes: Notes) -> None:
        self.bench, self.store, self.notes = bench, store, notes
        self.tasks = {task.name: task for task in tasks}
        self.done: dict[str, Done] = {}
        self._rejected: dict[str, xr.Dataset] = {}

    @property
    def steps(self) -> tuple[str, ...]:
        """Names of the tasks, in order."""
        return tuple(self.tasks)

    @property
    def datasets(self) -> "dict[str, xr.Dataset]":
        """What was measured so far."""
        return {**self._rejected, **{name: done.outcome.data for name, done in self.done.items()}}

    @property
    def conditions(self) -> dict[str, Mapping[str, float]]:
        """Temperatures (K) as the interlocks saw them last, and biases (V) as they were read back."""
        return {"temperatures": dict(self.bench.temperatures), "biases": dict(self.bench.settings)}

    def begin(self, run: str, cooldown: int, stop: Callable[[], None]) -> None:
        """Bring the bench to where it plays. See `Measurement`."""
        clock = self.bench.clock.now
        self._cooldown = Cooldown(
            bench=self.bench, store=self.store, clock=clock, number=cooldown, run=run, rejected=self._rejected
        )
        self.bench.stop = stop
        self.bench.energise()

    def perform(self, step: str) -> None:
        """Do one task."""
        self.done[step] = self._cooldown.perform(self.tasks[step])

    def figures(self) -> "dict[str, Figure]":
        """What each task measured, with its fit."""
        return pictures.calibrations(self.done)

    def tables(self) -> dict[str, Table]:
        """Values, temperatures, and what the setup says about itself."""
        images = [
            {"block": step, "image sha256": data.attrs["image_sha256"], "shots": data.attrs["shots"]}
            for step, data in self.datasets.items()
        ]
        return {
            CALIBRATED: calibrated_table(self.store.read(), self.bench.clock.now()),
            "Parameters used": parameter_table(self.bench.link),
            "Temperatures": temperature_table(self.bench.temperatures, self.bench.interlock.windows),
            "Tried again": [
                {"calibration": name, "why": why} for name, done in self.done.items() for why in done.failures
            ],
            "Program images": images,
            **self.notes(),
        }

    def result(self) -> Result:
        """What was found, by its names."""
        found = {name: measured for done in self.done.values() for name, measured in done.found.items()}
        datasets = list(self.datasets.values())
        return Result(
            protocol="calibration",
            image_sha256=datasets[-1].attrs["image_sha256"] if datasets else None,
            board_time_s=sum(float(data.attrs["board_time_s"]) for data in datasets),
            measured={"calibrated": found},
            gates=(),
            figures=self.figures(),
            tables=self.tables(),
        )
