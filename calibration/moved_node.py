"""Moved node: a node whose qubit rests elsewhere than at its idle point; its drive and its tone follow."""

from dataclasses import replace

from ..sequences.link import Node
from ..sequences.setting import Setting
from .belief import NODES
from .knowledge import Knowledge
from .nodes import node_of


def moved_node(known: Knowledge, name: str, frequency: float) -> Node:
    """Node `name` with its qubit at `frequency` (Hz); the tone moves by as much as the resonator, as designed."""
    node = node_of(known.link, name)
    index = NODES.index(name)
    resonator, anharmonicity = known.design.resonators[index], node.anharmonicity
    here, there = (float(resonator.resonances(at, anharmonicity, 2).mean()) for at in (node.frequency, frequency))
    return replace(
        node,
        frequency=frequency,
        x180=replace(node.x180, frequency=frequency),
        tone=replace(node.tone, frequency=node.tone.frequency + there - here),
    )


def bias_at(known: Knowledge, name: str, frequency: float) -> float:
    """Static bias (V) at which the qubit of `name` rests at `frequency` (Hz) while its coupler is off.

    The flux map is good over a wide range, the idle frequency at its own bias: the map is moved to pass through it.
    """
    design, index = known.design, NODES.index(name)
    transmon, line = design.device.qubits[index].transmon, design.qubit_flux[index]
    idle = line.offset + line.bias * known.biases[Setting(f"{name}.flux.bias", "V")]
    missed = design.operation.idle_frequencies[index] - float(transmon.frequency(idle))
    return line.volts(float(transmon.flux(frequency - missed)))
