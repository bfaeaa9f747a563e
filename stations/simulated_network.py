"""Simulated network: a chain or a star on its twin, for sequences from Python."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..calibration.belief import AnyDesign
from ..instruments.board import QickBoard
from ..instruments.qick.firmware import FIRMWARES, soccfg
from ..instruments.qick.lower import lower
from ..instruments.qick.wiring import target
from ..instruments.simulated.board import SimulatedSoc
from ..instruments.simulated.cycle import Cycle
from ..instruments.simulated.plant import LinkPlant
from ..sequences.compile import compile as compile_sequence
from ..sequences.link import AnyLink
from ..sequences.program import Program
from ..sequences.sequence import Sequence
from ..sequences.target import Target
from .declaration import Declaration, declaration
from .truth_file import truth

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class SimulatedNetwork:
    """A network of any number of links, played as its designer meant it to be.

    declared: Its link.yaml. plant: What stands behind the board. soccfg: Of the board, a QickConfig.
    """

    declared: Declaration
    plant: LinkPlant
    soccfg: Any

    @classmethod
    def of(cls, folder: Path, seed: int = 0) -> "SimulatedNetwork":
        """That of a station with a truth.yaml, built exactly as designed, with all biases where they belong.

        seed: Of its shots. StationError for wrong files.
        """
        declared = declaration(folder)
        plant = LinkPlant(truth(folder, declared.apparatus()), np.random.default_rng(seed))
        network = cls(declared, plant, soccfg(FIRMWARES[declared.wiring.firmware]))
        network.energise()
        return network

    def energise(self) -> None:
        """Bring every bias to where its design wants it: qubits idle, couplers off, loads open."""
        for design in self._designs.values():
            for setting, volts in design.biases().items():
                self.plant.set_bias(setting.name, volts)

    @cached_property
    def links(self) -> dict[str, AnyLink]:
        """Pulses and rates of each link, as designed."""
        return {name: design.link() for name, design in self._designs.items()}

    @cached_property
    def target(self) -> Target:
        """Datasheet of the board with its cables."""
        return target(self.soccfg, self.declared.wiring.wiring(), name=self.declared.wiring.firmware)

    def compile(self, sequence: Sequence) -> Program:
        """What the board will play."""
        return compile_sequence(sequence, self.target, relaxation=self.declared.operation.relaxation)

    def run(self, sequence: Sequence, shots: int) -> "xr.Dataset":
        """Play `sequence`; dataset as `QickBoard.run` describes it."""
        board = QickBoard(SimulatedSoc(self.soccfg, self.plant), self.soccfg, self.declared.wiring.wiring())
        data: xr.Dataset = board.run(self.compile(sequence), shots)
        return data

    def populations(self, sequence: Sequence) -> list[NDArray[np.float64]]:
        """What the shots of each point of `sequence` are drawn from: joint populations, shape (3,) * nodes."""
        return self.cycle(sequence).populations()

    def cycle(self, sequence: Sequence) -> Cycle:
        """How the network goes through the image of `sequence`, executed instruction by instruction."""
        soc = SimulatedSoc(self.soccfg, self.plant)
        program = lower(self.compile(sequence), soc, self.declared.wiring.wiring(), 2)
        program.config_all(soc)
        program.config_bufs(soc, enable_avg=True, enable_buf=False)
        soc.start_tproc()
        (group,) = soc.groups
        return self.plant.cycle(group)

    @cached_property
    def _designs(self) -> dict[str, AnyDesign]:
        return {name: self.declared.design(name) for name in self.declared.links}
