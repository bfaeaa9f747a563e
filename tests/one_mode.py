"""A shipped station with one mode of its line and ideal lines, so that its hot windows are cheap: link, board, plant.

The pulses stay those of the design when a test changes the truth.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import xarray as xr

from coldlink.calibration.design import Design
from coldlink.calibration.knowledge import Knowledge
from coldlink.instruments.board import QickBoard
from coldlink.instruments.qick.firmware import soccfg
from coldlink.instruments.qick.lower import lower
from coldlink.instruments.qick.wiring import target
from coldlink.instruments.simulated.board import Repetition, SimulatedSoc
from coldlink.instruments.simulated.cycle import Cycle
from coldlink.instruments.simulated.drift import Drifts
from coldlink.instruments.simulated.plant import LinkPlant
from coldlink.instruments.simulated.truth import Truth, flux_names
from coldlink.instruments.simulated.wander import Telegraph, Wander
from coldlink.physics import Crosstalk, Device, FluxFilter
from coldlink.physics.apparatus import NetworkApparatus
from coldlink.physics.lines import FluxLine
from coldlink.sequences import Link, Program, Sequence, Setting, Target
from coldlink.sequences import compile as compile_sequence
from coldlink.stations.declaration import declaration
from coldlink.stations.truth_file import truth

STATIONS = Path(__file__).parents[1] / "stations"
Change = Callable[[Truth], Truth]


@dataclass
class DirectBench:
    """A bench without instruments: settings go straight to the plant."""

    known: Knowledge
    target: Target
    board: QickBoard
    plant: LinkPlant

    @property
    def link(self) -> Link:
        return self.known.link

    def learn(self, known: Knowledge) -> None:
        self.known = known
        for setting, volts in known.biases.items():
            self.set(setting, volts)

    def set(self, setting: Setting, value: float) -> None:
        self.plant.set_bias(setting.name, value)

    def compile(self, sequence: Sequence) -> Program:
        return compile_sequence(sequence, self.target, relaxation=self.link.relaxation)

    def run(self, sequence: Sequence, shots: int) -> xr.Dataset:
        return self.board.run(self.compile(sequence), shots)


@dataclass(frozen=True, kw_only=True)
class OneMode:
    """design: Of the pulses and biases. truth: What the plant holds, changed or not. bench: Plays sequences on it."""

    design: Design
    truth: Truth
    bench: DirectBench

    @property
    def plant(self) -> LinkPlant:
        return self.bench.plant

    @property
    def device(self) -> Device:
        """Of the link, as the plant holds it."""
        return self.truth.network.links[0]

    def lowered(self, sequence: Sequence, shots: int = 2):
        return lower(self.bench.compile(sequence), self.bench.board.soc, self.bench.board.wiring, shots)

    def repetition(self, program) -> Repetition:
        """What the board plays when it executes the image of a lowered `program`."""
        soc = SimulatedSoc(soccfg())
        program.config_all(soc)
        program.config_bufs(soc, enable_avg=True, enable_buf=False)
        soc.start_tproc()
        (group,) = soc.groups
        return group

    def populations(self, program) -> list[np.ndarray]:
        """Of both qubits at each point of a lowered `program`, as the twin has them."""
        return self.cycle(program).populations()

    def cycle(self, program) -> Cycle:
        """How qubits and line go through a lowered `program`."""
        return self.plant.cycle(self.repetition(program))


def undisturbed(held: Truth) -> Truth:
    """The same device on lines that pass everything as it is played, with a loss that is the same at every temperature,
    and with nothing that drifts.
    """
    return replace(
        held,
        network=replace(held.network, links=tuple(map(_as_lossy_at_any_temperature, held.network.links))),
        qubit_flux=tuple(map(_ideal, held.qubit_flux)),
        coupler_flux=tuple(map(_ideal, held.coupler_flux)),
        load_flux=tuple(map(_ideal, held.load_flux)),
        drives=tuple(replace(line, delay=0.0) for line in held.drives),
        crosstalk=Crosstalk.none(flux_names(held.network)),
        drifts=drifting(),
    )


def unfiltered(design: Design) -> Design:
    """Of the lines of an `undisturbed` device."""
    return replace(
        design,
        qubit_flux=tuple(map(_ideal, design.qubit_flux)),
        coupler_flux=tuple(map(_ideal, design.coupler_flux)),
        load_flux=_ideal(design.load_flux),
    )


def _ideal(line: FluxLine) -> FluxLine:
    return replace(line, filter=FluxFilter())


def _as_lossy_at_any_temperature(link: Device) -> Device:
    return replace(link, line=replace(link.line, thermal=None))


def drifting(entropy: tuple[int, ...] = (0,), **processes: Wander | Telegraph) -> Drifts:
    """What drifts as the `processes` say; the others do not."""
    still = Wander(amplitude=0.0, correlation=1e4)
    names = [field.name for field in fields(Drifts) if field.name not in ("entropy", "relaxation")]
    none = dict.fromkeys(names, still) | {"relaxation": Telegraph(amplitude=0.0, correlation=1e4)}
    return Drifts(**{**none, **processes}, entropy=entropy)


def one_mode(name: str = "sim_4k", change: Change = lambda held: held, seed: int = 0) -> OneMode:
    declared = declaration(STATIONS / name)
    full = unfiltered(declared.design())
    design = replace(full, device=replace(full.device, line=replace(full.device.line, offsets=(0,))))
    held = change(undisturbed(truth(STATIONS / name, NetworkApparatus.of(design))))
    plant = LinkPlant(held, np.random.default_rng(seed))
    for setting, volts in design.biases().items():
        plant.set_bias(setting.name, volts)
    config, wiring = soccfg(), declared.wiring.wiring()
    board = QickBoard(SimulatedSoc(config, plant), config, wiring)
    sheet = target(config, wiring, name="zcu216")
    return OneMode(
        design=design,
        truth=held,
        bench=DirectBench(Knowledge(prior=design, target=sheet), sheet, board, plant),
    )
