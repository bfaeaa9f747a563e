"""Experiment: the protocols that can be run, as steps on a bench, and what their results consist of."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..analysis import Measured
from ..analysis.radiometry import Radiometry
from ..calibration import Outcome, RadiometryRoutine, Readout, calibrate
from ..calibration.graph import Task
from ..calibration.store import Store
from ..sequences import protocols
from ..sequences.program import Program
from ..sequences.timeline import timeline
from . import pictures
from .campaign import Campaign, Notes
from .chains import chain_of
from .headline import DECIDED
from .result import Gate, Result, Table
from .runnable import RUNNABLE

if TYPE_CHECKING:
    import xarray as xr
    from plotly.graph_objects import Figure

    from .bench import LinkBench

WARMEST = 0.2
"""Occupation of the cooled line above which a run has not cooled it."""
ALWAYS = ("readout", "radiometry")
"""What every run measures, however fresh it is: single shots need their states, and a hot line that is not cold makes
every result worthless.
"""


class LinkExperiment:
    """One protocol: the calibrations that are due before it, and its own measurement.

    notes: Tables of what the setup says about itself.
    """

    def __init__(self, bench: "LinkBench", store: Store, protocol: str, shots: int | None, notes: Notes) -> None:
        self.bench, self.protocol, self.shots = bench, protocol, shots
        self.runnable, chain = RUNNABLE[protocol], chain_of(bench.known.prior)
        always = [task.name for task in chain.tasks if task.name in ALWAYS]
        due = chain.due(store.read(), bench.clock.now(), always)
        self.campaign = Campaign(bench, store, tuple(self._task(task) for task in due), notes)
        self.own: dict[str, Outcome[Any]] = {}

    @property
    def steps(self) -> tuple[str, ...]:
        """Names of the blocks, in order."""
        return (*self.campaign.steps, *self.runnable.own)

    @property
    def datasets(self) -> "dict[str, xr.Dataset]":
        """What was measured so far."""
        return self.campaign.datasets | {name: outcome.data for name, outcome in self.own.items()}

    @property
    def conditions(self) -> dict[str, Mapping[str, float]]:
        """Under which was measured; see `Campaign`."""
        return self.campaign.conditions

    def begin(self, run: str, cooldown: int, stop: Callable[[], None]) -> None:
        """Bring the bench to where it plays. See `Measurement`."""
        self.campaign.begin(run, cooldown, stop)

    def perform(self, step: str) -> None:
        """Play one block and fit it."""
        if step in self.campaign.tasks:
            self.campaign.perform(step)
        else:
            routine = self.runnable.own[step](readout=self._readout)
            self.own[step] = calibrate(self._sized(routine), self.bench)

    def check(self) -> None:
        """Compile all that the protocol will play; SequenceError, TimingError or TargetError where the board cannot."""
        link = self.bench.link
        always = [RUNNABLE[task].shown(link) for task in ALWAYS if task in RUNNABLE and task in self.campaign.tasks]
        own = [*always, self.runnable.shown(link)]
        for sequence in (protocols.readout_calibration(link.node_a, link.node_b), *own):
            self.bench.compile(sequence)

    def timeline(self) -> str:
        """The compiled schedule as text."""
        return timeline(self._program())

    def schedule(self) -> "Figure":
        """The compiled schedule as a picture."""
        return pictures.schedule(self._program(), self.protocol)

    def image(self) -> str:
        """What the board is loaded with for the protocol's own measurement."""
        shots = self.shots or next(iter(self.runnable.own.values()), RadiometryRoutine).shots
        return self.bench.image(self.runnable.shown(self.bench.link), shots)

    def result(self) -> Result:
        """Estimates, gates, figures and tables of all blocks."""
        cold = self._radiometry
        measured: dict[str, Any] = {"thermal_occupation": cold.occupation} if cold else {}
        measured |= self._own_results()
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

    def _task(self, task: Task) -> Task:
        """The task, with the operator's number of shots where these go into the result itself."""
        if self.shots is None or task.name not in ALWAYS:
            return task
        return replace(task, routine=lambda known: self._sized(task.routine(known)), again=())

    def _sized(self, routine: Any) -> Any:
        return routine if self.shots is None else replace(routine, shots=self.shots)

    @property
    def _readout(self) -> Readout:
        return self.bench.known.sure_readout

    @property
    def _radiometry(self) -> Radiometry | None:
        """Of the line, if it is one that must be cooled."""
        done = self.campaign.done.get("radiometry")
        return done.outcome.fit if done else None

    @property
    def _last(self) -> Any:
        return next(iter(self.own.values())).fit if self.own else None

    def _own_results(self) -> dict[str, Mapping[str, Measured]]:
        return {name: dict(getattr(self._last, name)) for name in self.runnable.measured}

    def _gates(self, measured: Mapping[str, Any]) -> list[Gate]:
        cold = [measured["thermal_occupation"]] if "thermal_occupation" in measured else []
        gates = [gate_of("line cooled", occupation, "below", WARMEST) for occupation in cold]
        limits = {"process_fidelity": 0.5, "bell_fidelity": 0.5, "chsh": 2.0}
        for name, limit in limits.items():
            if name in measured:
                gates.append(gate_of(f"{name.replace('_', ' ')}, raw", measured[name]["raw"], "above", limit))
        return gates

    def _figures(self, measured: Mapping[str, Any]) -> "dict[str, Figure]":
        own = pictures.own(self._last, measured)
        cold = self._radiometry
        shared = {"Occupation of the line": pictures.radiometry(cold)} if cold else {}
        shared["Schedule as compiled"] = self.schedule()
        clouds = {
            f"Readout of node {name}": pictures.clouds(self.campaign.done["readout"].outcome.data, name, self._readout)
            for name in self._readout.discriminators
        }
        return own | shared | clouds | self.campaign.figures()

    def _tables(self) -> dict[str, Table]:
        errors = [
            {"node": name, "P(1|0)": str(error.p10), "P(0|1)": str(error.p01), "of": "readout alone"}
            for name, error in self._readout.errors.items()
        ]
        own = [
            {"block": step, "image sha256": outcome.data.attrs["image_sha256"], "shots": outcome.data.attrs["shots"]}
            for step, outcome in self.own.items()
        ]
        tables = self.campaign.tables()
        images = [*tables["Program images"], *own]
        return {**tables, "Readout errors": errors, "Program images": images, "Clocks": self._clocks()}

    def _clocks(self) -> Table:
        residuals = self._program().residuals
        return [
            {"channel": name, "longest wait for a clock edge": f"{wait * 1e9:.3f} ns"}
            for name, wait in sorted(residuals.items())
        ]

    def _program(self) -> Program:
        return self.bench.compile(self.runnable.shown(self.bench.link))


def gate_of(name: str, measured: Measured, side: str, limit: float) -> Gate:
    """Passed if the value is on its side by enough errors to say so; a result within its errors proves nothing."""
    beyond = (measured.value - limit) * (1 if side == "above" else -1)
    asked = f"{side} {limit} by {DECIDED} errors"
    return Gate(name=name, value=measured.value, limit=asked, passed=beyond >= DECIDED * measured.error)
