"""Networks on the twin, described as a link.yaml would: the nodes and links of sim_4k, with one mode to a line.

The board is a ZCU216 with a bitstream of its own: as many DC-coupled generators as the flux lines of a network need.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from coldlink.instruments.board import QickBoard
from coldlink.instruments.qick.firmware import Firmware, soccfg
from coldlink.instruments.qick.lower import lower
from coldlink.instruments.qick.wiring import target
from coldlink.instruments.simulated.board import SimulatedSoc
from coldlink.instruments.simulated.cycle import Cycle
from coldlink.instruments.simulated.plant import LinkPlant
from coldlink.instruments.simulated.truth import Truth, flux_lines
from coldlink.physics import Crosstalk
from coldlink.physics.apparatus import NetworkApparatus
from coldlink.sequences import Link, Program
from coldlink.sequences import Sequence as Played
from coldlink.sequences import compile as compile_sequence
from coldlink.stations.declaration import Declaration
from coldlink.stations.yaml_file import read

from .one_mode import STATIONS

FAST = ("00", "01", "02", "03", "30", "31", "32", "33", "23", "22", "21", "20")
Change = Callable[[Truth], Truth]


def firmware(fast: int) -> Firmware:
    """`fast` full-speed generators, then the tones, then interpolated ones, of which the first leaves DC coupled."""
    return Firmware(name="network", fast=fast, fast_dacs=FAST[:fast], interpolated=15 - fast)


def declared(links: Mapping[str, Sequence[str]], driven: Sequence[str] = (), **qubits: Any) -> Declaration:
    """`links`: Link -> nodes at its ends. `driven`: Who is driven first if generators are few. `qubits`: Changes."""
    content = read(STATIONS / "sim_4k" / "link.yaml").content
    node, line = content["nodes"]["a"], content["links"]["line"]
    nodes = list(dict.fromkeys(name for ends in links.values() for name in ends))
    content["nodes"] = {name: copy.deepcopy(node) for name in nodes}
    for section in content["nodes"].values():
        section["qubit"] |= qubits
    content["links"] = {
        name: line | {"offsets": [0], "ends": dict.fromkeys(ends, line["ends"]["a"])} for name, ends in links.items()
    }
    operation, tone = content["operation"], content["operation"]["tones"]["a"]
    operation["idle_frequencies"] = dict.fromkeys(nodes, "5.105 GHz") | {nodes[0]: "5.11 GHz"}
    operation["tones"] = dict.fromkeys(nodes, tone)
    names = Declaration.model_validate(content).names.values()
    fluxes = [f"{name}.flux" for name in nodes]
    couplers, loads = [name for link in names for name in link.couplers], [link.load for link in names]
    flux = [*fluxes, *couplers, *loads]
    fast = min(len(flux), len(FAST))
    outputs = {line: {"generator": index if index < fast else index + 1} for index, line in enumerate(flux)}
    free = range(len(flux) + 1, 16)
    drives = {
        f"{name}.drive": {"generator": n, "zone": 2, "mixer": "5.1 GHz"}
        for name, n in zip(dict.fromkeys([*driven, *nodes]), free, strict=False)
    }
    content["wiring"] |= {
        "outputs": outputs | drives,
        "readouts": {
            f"{name}.readout": {"generator": fast, "tone": n, "readout": 2 + n} for n, name in enumerate(nodes)
        },
        "sources": {f"{line}.bias": f"source_{n}" for n, line in enumerate(flux)},
    }
    return Declaration.model_validate(content)


@dataclass
class Net:
    """A network with its board, biased as designed. change: Of the truth that the plant holds."""

    declared: Declaration
    change: Change = lambda held: held
    links: dict[str, Link] = field(init=False)

    def __post_init__(self) -> None:
        designs = {name: self.declared.design(name) for name in self.declared.links}
        self.links = {name: design.link() for name, design in designs.items()}
        self.truth = self.change(truth_of(self.declared))
        self.plant = LinkPlant(self.truth, np.random.default_rng(0))
        for design in designs.values():
            for setting, volts in design.biases().items():
                self.plant.set_bias(setting.name, volts)
        self.config = soccfg(firmware(next(iter(self.declared.wiring.readouts.values())).generator))
        self.wiring = self.declared.wiring.wiring()
        self.board = QickBoard(SimulatedSoc(self.config, self.plant), self.config, self.wiring)
        self.target = target(self.config, self.wiring, name="network")

    def compile(self, sequence: Played) -> Program:
        return compile_sequence(sequence, self.target, relaxation=self.declared.operation.relaxation)

    def cycle(self, sequence: Played) -> Cycle:
        """How the network goes through the image of `sequence`, executed instruction by instruction."""
        program = lower(self.compile(sequence), self.board.soc, self.wiring, 2)
        soc = SimulatedSoc(self.config)
        program.config_all(soc)
        program.config_bufs(soc, enable_avg=True, enable_buf=False)
        soc.start_tproc()
        (group,) = soc.groups
        return self.plant.cycle(group)


def truth_of(of: Declaration) -> Truth:
    apparatus: NetworkApparatus = of.apparatus()
    names = list(of.names.values())
    channels = {f"{node}.flux": f"flux {n}" for n, node in enumerate(of.nodes)}
    channels |= {f"{node}.drive": f"drive {n}" for n, node in enumerate(of.nodes)}
    couplers = [coupler for link in names for coupler in link.couplers]
    channels |= {coupler: f"coupler {n}" for n, coupler in enumerate(couplers)}
    channels |= {link.load: f"load {n}" for n, link in enumerate(names)}
    wiring = of.wiring
    return Truth(
        **vars(apparatus),
        generators={output.generator: channels[name] for name, output in wiring.outputs.items()}
        | {echo.generator: "tones" for echo in wiring.readouts.values()},
        readouts={echo.readout: list(of.nodes).index(name.partition(".")[0]) for name, echo in wiring.readouts.items()},
        sources={f"{name}.bias": line for name, line in channels.items() if not line.startswith("drive")},
        crosstalk=Crosstalk.none(tuple(flux_lines(apparatus))),
    )


CHAIN = {"ab": ("a", "b"), "bc": ("b", "c")}
STAR = {"ha": ("h", "a"), "hb": ("h", "b"), "hc": ("h", "c")}
