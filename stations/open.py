"""Open a station: the one place where link, board and, for a twin, the plant are put together."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from ..calibration.knowledge import Knowledge
from ..instruments.board import Board, QickBoard
from ..instruments.qick.firmware import soccfg
from ..instruments.qick.wiring import target
from ..physics.apparatus import Apparatus
from ..sequences.compile import compile as compile_sequence
from ..sequences.errors import ConnectionFailed, SequenceError
from ..sequences.link import Link
from ..sequences.program import Program
from ..sequences.sequence import Sequence
from ..sequences.setting import Setting
from ..sequences.target import Target
from .declaration import declaration, design_of, truth
from .experiment import LinkExperiment

if TYPE_CHECKING:
    import xarray as xr

    from ..instruments.simulated.plant import LinkPlant

UNSEEDED = 0xC01D
"""Entropy of the twin's noise when no seed is given."""


@dataclass
class LinkBench:
    """A link on a twin.

    plant: Its physics, asked for its settings and its error estimate only. as_designed: Whether the twin's device is
    the one that the link was designed for.
    """

    known: Knowledge
    target: Target
    board: Board
    plant: "LinkPlant"
    as_designed: bool

    @property
    def link(self) -> Link:
        """Pulses and rates, as known."""
        return self.known.link

    def learn(self, known: Knowledge) -> None:
        """Take `known` for true from now on, and bring the biases to where it wants them."""
        before, self.known = self.known.biases, known
        for setting, volts in known.biases.items():
            if volts != before[setting]:
                self.set(setting, volts)

    def set(self, setting: Setting, value: float) -> None:
        """Set a static bias (V)."""
        self.plant.set_bias(setting.name, value)

    def compile(self, sequence: Sequence) -> Program:
        """What the board will play."""
        return compile_sequence(sequence, self.target, relaxation=self.link.relaxation)

    def run(self, sequence: Sequence, shots: int) -> "xr.Dataset":
        """Play `sequence`."""
        return self.board.run(self.compile(sequence), shots)


@dataclass
class LinkSession:
    """An open station."""

    name: str
    bench: LinkBench

    @property
    def parameters_from(self) -> str:
        """Where the link's parameters come from."""
        return self.bench.link.source

    def experiment(self, protocol: str, shots: int | None) -> LinkExperiment:
        """Prepare a protocol; nothing is played yet, but what the board could not play is refused here."""
        if shots is not None and shots < 100:
            raise SequenceError(f"{shots} shots cannot calibrate a readout; take at least 100")
        experiment = LinkExperiment(self.bench, protocol, shots)
        experiment.check()
        return experiment

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """A twin in this process holds nothing that outlives it."""


def open_station(folder: Path, *, seed: int | None) -> LinkSession:
    """Open the station in `folder`. seed: Of a twin's noise.

    StationError for wrong files, ConnectionFailed for a bench, whose instruments this version cannot reach yet.
    """
    declared = declaration(folder)
    if not (folder / "truth.yaml").is_file():
        raise ConnectionFailed({"board": "benches are not reached yet; a station with a truth.yaml is simulated"})
    design = design_of(folder, declared)
    held = truth(folder, design)
    config, wiring = soccfg(), declared.wiring.wiring()
    sheet = target(config, wiring, name=declared.wiring.firmware)
    from ..instruments.simulated.board import SimulatedSoc
    from ..instruments.simulated.plant import LinkPlant

    plant = LinkPlant(held, np.random.default_rng(UNSEEDED if seed is None else [UNSEEDED, seed]))
    board = QickBoard(SimulatedSoc(config, plant), wiring)
    as_designed = all(getattr(held, field.name) == getattr(design, field.name) for field in fields(Apparatus))
    bench = LinkBench(
        known=Knowledge(prior=design, clock=sheet.clock),
        target=sheet,
        board=board,
        plant=plant,
        as_designed=as_designed,
    )
    for setting, volts in bench.known.biases.items():
        bench.set(setting, volts)
    return LinkSession(folder.resolve().name, bench)
