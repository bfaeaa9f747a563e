"""A station without hardware or physics: the command line's counterpart in its tests.

As a script it runs the command line with this station behind it, for the tests that stop a process from outside.
"""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from coldlink.stations.result import CALIBRATED, Gate, Result


@dataclass(frozen=True)
class Measured:
    value: float
    error: float


def result(protocol: str, *, passed: bool = True) -> Result:
    fidelity = {"raw": Measured(0.585, 0.004), "corrected": Measured(0.679, 0.005)}
    own = {
        "handshake": {
            "process_fidelity": fidelity,
            "average_state_fidelity": {"raw": Measured(0.7233, 0.0027), "corrected": Measured(0.786, 0.0033)},
        },
        "bell": {
            "bell_fidelity": fidelity,
            "concurrence": {"raw": Measured(0.12, 0.02), "corrected": Measured(0.43, 0.02)},
        },
        "chsh": {"chsh": {"raw": Measured(2.31, 0.02), "corrected": Measured(2.55, 0.02)}},
        "radiometry": {},
        "calibration": {"calibrated": {"a.t1": Measured(15e-6, 4e-7)}},
    }
    return Result(
        protocol=protocol,
        image_sha256="0f" * 32,
        board_time_s=12.5,
        measured={"thermal_occupation": Measured(0.061, 0.004), **own[protocol]},
        gates=(
            Gate(name="process fidelity (raw)", value=0.585, limit="above 0.5", passed=passed),
            Gate(name="stage of the line", value=4.01, limit="below 4.5", passed=True, unit="K"),
        ),
        figures={"Process matrix </script>": go.Figure(go.Heatmap(z=np.eye(4))), "Schedule": schedule()},
        tables={
            CALIBRATED: [{"parameter": "a.t1", "value": "15.0(4) µs"}, {"parameter": "b.t1", "value": "14.0(4) µs"}],
            "Parameters": [{"parameter": "a.f01", "value": "5.04 GHz", "source": "design <b>"}],
            "Faults": [],
        },
    )


def schedule() -> go.Figure:
    figure = go.Figure(go.Scatter(x=np.arange(200.0), y=np.sin(np.arange(200.0) / 20)))
    figure.add_vrect(x0=40, x1=140, annotation_text="hot window", fillcolor="orange", opacity=0.2)
    return figure


@dataclass
class Experiment:
    protocol: str
    shots: int | None
    passed: bool = True
    during: Callable[[str], None] = lambda step: None
    steps: tuple[str, ...] = ("cool", "calibrate readout", "tomography")
    datasets: dict[str, xr.Dataset] = field(default_factory=dict)
    conditions: dict[str, dict[str, float]] = field(default_factory=lambda: {"temperatures": {"line": 4.01}})

    def begin(self, run: str, cooldown: int, stop: Callable[[], None]) -> None:
        """There is nothing to bring anywhere."""

    def perform(self, step: str) -> None:
        iq = xr.DataArray(
            np.ones((self.shots or 8, 2), np.float32), dims=("shot", "quadrature"), attrs={"units": "ADC"}
        )
        self.during(step)
        self.datasets[step.replace(" ", "-")] = xr.Dataset({"a.iq": iq})

    def result(self) -> Result:
        return result(self.protocol, passed=self.passed)

    def timeline(self) -> str:
        return "block -: 860 ticks\n     0      0.000 ns  a.drive      play\n"

    def schedule(self) -> go.Figure:
        return schedule()

    def image(self) -> str:
        return '{"pmem": [[0, 0, 0]]}'


@dataclass
class Session:
    name: str
    passed: bool = True
    during: Callable[[str], None] = lambda step: None
    parameters_from: str = "design"
    is_open: bool = False
    wanted: tuple[str, ...] = ()

    def calibration(self, wanted: tuple[str, ...]) -> Experiment:
        self.wanted = wanted
        return Experiment("calibration", None, self.passed, self.during, steps=("a.relaxation",))

    def experiment(self, protocol: str, shots: int | None) -> Experiment:
        return Experiment(protocol, shots, self.passed, self.during)

    def __enter__(self) -> "Session":
        self.is_open = True
        return self

    def __exit__(self, *exception: object) -> None:
        self.is_open = False


def wait_in(slow_step: str, started: Path) -> Callable[[str], None]:
    """A block that lasts until the test has seen that it began and did what it came to do."""

    def during(step: str) -> None:
        if step == slow_step:
            started.touch()
            while started.exists():
                time.sleep(0.01)

    return during


if __name__ == "__main__":
    module = ModuleType("coldlink.stations.open")
    during = wait_in("calibrate readout", Path(os.environ["BLOCK_BEGAN"]))
    module.open_station = lambda folder, *, seed, memory: Session(folder.name, during=during)
    sys.modules[module.__name__] = module

    from coldlink.stations.cli import main

    main()
