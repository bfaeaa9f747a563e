"""Networks on the twin, described as a link.yaml would: the nodes and links of sim_4k, with one mode to a line.

The board has a bitstream of its own: of its 16 generators, as many DC-coupled ones as a network's flux lines need.
"""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from coldlink.instruments.qick.firmware import Firmware, soccfg
from coldlink.instruments.simulated.plant import LinkPlant
from coldlink.instruments.simulated.truth import Truth, flux_names
from coldlink.physics import Crosstalk
from coldlink.stations.declaration import Declaration
from coldlink.stations.simulated_network import SimulatedNetwork
from coldlink.stations.yaml_file import read

from .one_mode import STATIONS, drifting, undisturbed

FAST = ("00", "01", "02", "03", "30", "31", "32", "33", "23", "22", "21", "20")


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


def network(links: Mapping[str, Sequence[str]], driven: Sequence[str] = (), **qubits: Any) -> SimulatedNetwork:
    """On a board that is made for it, biased as designed; see `declared`."""
    of = declared(links, driven, **qubits)
    (tones,) = {echo.generator for echo in of.wiring.readouts.values()}
    config = soccfg(Firmware(name="made", fast=tones, fast_dacs=FAST[:tones], interpolated=15 - tones))
    found = SimulatedNetwork(of, LinkPlant(truth_of(of), np.random.default_rng(0)), config)
    found.energise()
    return found


def truth_of(of: Declaration) -> Truth:
    """Built as designed but for the filters, with each cable where the wiring has it."""
    apparatus = of.apparatus()
    names = list(of.names.values())
    channels = {f"{node}.flux": f"flux {n}" for n, node in enumerate(of.nodes)}
    channels |= {f"{node}.drive": f"drive {n}" for n, node in enumerate(of.nodes)}
    couplers = [coupler for link in names for coupler in link.couplers]
    channels |= {coupler: f"coupler {n}" for n, coupler in enumerate(couplers)}
    channels |= {link.load: f"load {n}" for n, link in enumerate(names)}
    wiring = of.wiring
    held = Truth(
        **vars(apparatus),
        generators={output.generator: channels[name] for name, output in wiring.outputs.items()}
        | {echo.generator: "tones" for echo in wiring.readouts.values()},
        readouts={echo.readout: list(of.nodes).index(name.partition(".")[0]) for name, echo in wiring.readouts.items()},
        sources={f"{name}.bias": line for name, line in channels.items() if not line.startswith("drive")},
        crosstalk=Crosstalk.none(flux_names(apparatus.network)),
        drifts=drifting(),
    )
    return undisturbed(held)


CHAIN = {"ab": ("a", "b"), "bc": ("b", "c")}
STAR = {"ha": ("h", "a"), "hb": ("h", "b"), "hc": ("h", "c")}
