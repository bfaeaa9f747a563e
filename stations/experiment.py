"""Experiment: the protocols that can be run, as steps on a bench, and what their results consist of."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from ..analysis import Measured
from ..analysis.radiometry import Radiometry
from ..calibration import (
    BellTomography,
    Bench,
    Chsh,
    Outcome,
    ProcessTomography,
    RadiometryRoutine,
    Readout,
    ReadoutCalibration,
    calibrate,
)
from ..sequences import protocols
from ..sequences.link import Link
from ..sequences.program import Program
from ..sequences.sequence import Sequence
from ..sequences.timeline import timeline
from . import pictures
from .parameters import parameter_table, twin_table
from .result import Gate, Result, Table

if TYPE_CHECKING:
    import xarray as xr
    from plotly.graph_objects import Figure

WARMEST = 0.2
"""Occupation of the cooled line above which a run has not cooled it."""
SHOWN: Mapping[str, Callable[[Link], Sequence]] = {
    "handshake": protocols.process_tomography,
    "bell": protocols.bell_tomography,
    "chsh": protocols.chsh,
    "radiometry": lambda link: protocols.radiometry(link, RadiometryRoutine.contacts),
}


class LinkBench(Bench, Protocol):
    """A bench that can also show what it would play."""

    plant: Any
    as_designed: bool

    @property
    def link(self) -> Link:
        """Pulses and rates, as known."""
        ...

    def compile(self, sequence: Sequence) -> Program:
        """What the board would play."""
        ...


class LinkExperiment:
    """One protocol: readout calibration, radiometry, and the protocol's own measurement."""

    def __init__(self, bench: LinkBench, protocol: str, shots: int | None) -> None:
        self.bench, self.protocol, self.shots = bench, protocol, shots
        self.outcomes: dict[str, Outcome[Any]] = {}

    @property
    def steps(self) -> tuple[str, ...]:
        """Names of the blocks, in order."""
        own = {"handshake": ("tomography",), "bell": ("tomography",), "chsh": ("inequality",), "radiometry": ()}
        return ("readout", "radiometry", *own[self.protocol])

    @property
    def datasets(self) -> "dict[str, xr.Dataset]":
        """What was measured so far."""
        return {step: outcome.data for step, outcome in self.outcomes.items()}

    def perform(self, step: str) -> None:
        """Play one block and fit it."""
        routine = self._routine(step)
        if self.shots is not None:
            routine = replace(routine, shots=self.shots)
        self.outcomes[step] = calibrate(routine, self.bench)

    def check(self) -> None:
        """Compile all that the steps will play; SequenceError, TimingError or TargetError where the board cannot."""
        link = self.bench.link
        own = [SHOWN[protocol](link) for protocol in ("radiometry", self.protocol)]
        for sequence in (protocols.readout_calibration(link.node_a, link.node_b), *own):
            self.bench.compile(sequence)

    def timeline(self) -> str:
        """The compiled schedule as text."""
        return timeline(self._program())

    def schedule(self) -> "Figure":
        """The compiled schedule as a picture."""
        return pictures.schedule(self._program(), self.protocol)

    def result(self) -> Result:
        """Estimates, gates, figures and tables of all blocks."""
        measured = {"thermal_occupation": self._radiometry.occupation, **self._own()}
        datasets = list(self.datasets.values())
        return Result(
            protocol=self.protocol,
            image_sha256=datasets[-1].attrs["image_sha256"],
            board_time_s=sum(float(data.attrs["board_time_s"]) for data in datasets),
            measured=measured,
            gates=tuple(self._gates(measured)),
            figures=self._figures(measured),
            tables=self._tables(),
        )

    def _routine(self, step: str) -> Any:
        if step == "readout":
            return ReadoutCalibration()
        if step == "radiometry":
            return RadiometryRoutine(readout=self._readout)
        own = {"handshake": ProcessTomography, "bell": BellTomography, "chsh": Chsh}
        return own[self.protocol](readout=self._readout)

    @property
    def _readout(self) -> Readout:
        fit: Readout = self.outcomes["readout"].fit
        return fit

    @property
    def _radiometry(self) -> Radiometry:
        fit: Radiometry = self.outcomes["radiometry"].fit
        return fit

    @property
    def _last(self) -> Any:
        return self.outcomes[self.steps[-1]].fit

    def _own(self) -> dict[str, Mapping[str, Measured]]:
        names = {
            "handshake": ("process_fidelity", "average_state_fidelity"),
            "bell": ("bell_fidelity", "concurrence"),
            "chsh": ("chsh",),
            "radiometry": (),
        }
        return {name: dict(getattr(self._last, name)) for name in names[self.protocol]}

    def _gates(self, measured: Mapping[str, Any]) -> list[Gate]:
        occupation = measured["thermal_occupation"].value
        gates = [Gate(name="line cooled", value=occupation, limit=f"below {WARMEST}", passed=occupation < WARMEST)]
        limits = {"process_fidelity": 0.5, "bell_fidelity": 0.5, "chsh": 2.0}
        for name, limit in limits.items():
            if name in measured:
                raw = measured[name]["raw"].value
                title = f"{name.replace('_', ' ')}, raw"
                gates.append(Gate(name=title, value=raw, limit=f"above {limit}", passed=raw > limit))
        return gates

    def _figures(self, measured: Mapping[str, Any]) -> "dict[str, Figure]":
        own = pictures.own(self.protocol, self._last, measured)
        shared = {
            "Occupation of the line": pictures.radiometry(self._radiometry),
            "Schedule as compiled": self.schedule(),
        }
        clouds = {
            f"Readout of node {name}": pictures.clouds(self.outcomes["readout"].data, name, self._readout)
            for name in self._readout.discriminators
        }
        return own | shared | clouds

    def _tables(self) -> dict[str, Table]:
        link = self.bench.link
        images = [
            {"block": step, "image sha256": data.attrs["image_sha256"], "shots": data.attrs["shots"]}
            for step, data in self.datasets.items()
        ]
        errors = [
            {"node": name, "P(1|0)": str(error.p10), "P(0|1)": str(error.p01), "of": "readout alone"}
            for name, error in self._readout.errors.items()
        ]
        return {
            "Parameters used": parameter_table(link),
            "Readout errors": errors,
            "Program images": images,
            "Clocks": self._clocks(),
            "Twin": twin_table(self.bench.plant, self.bench.as_designed),
        }

    def _clocks(self) -> Table:
        residuals = self._program().residuals
        return [
            {"channel": name, "longest wait for a clock edge": f"{wait * 1e9:.3f} ns"}
            for name, wait in sorted(residuals.items())
        ]

    def _program(self) -> Program:
        return self.bench.compile(SHOWN[self.protocol](self.bench.link))
