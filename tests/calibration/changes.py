"""Changes of a truth, so that a routine has something to find that its design does not tell."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from coldlink.instruments.simulated.truth import Truth
from coldlink.physics import Network, Resonator

from ..one_mode import Change, OneMode


def qubits(**values: float) -> Change:
    """Both qubits with other `values`."""

    def change(held: Truth) -> Truth:
        changed = tuple(replace(qubit, **values) for qubit in held.network.links[0].qubits)
        return replace(held, network=Network.of(replace(held.network.links[0], qubits=changed)))

    return change


def transmons(**values: float) -> Change:
    """Both transmons with other `values`."""

    def change(held: Truth) -> Truth:
        qubits = tuple(replace(q, transmon=replace(q.transmon, **values)) for q in held.network.links[0].qubits)
        return replace(held, network=Network.of(replace(held.network.links[0], qubits=qubits)))

    return change


def drives(gain: float) -> Change:
    """Both drive lines stronger by `gain`."""

    def change(held: Truth) -> Truth:
        return replace(held, drives=tuple(replace(line, rabi_rate=line.rabi_rate * gain) for line in held.drives))

    return change


def resonators(offset: float, phase: float, gain: float) -> Change:
    """Both resonators elsewhere by `offset` (Hz), with another phase (rad) and stronger echoes."""

    def moved(one: Resonator) -> Resonator:
        stronger = replace(one, gain=one.gain * gain, noise=one.noise * gain)
        return replace(stronger, bare_frequency=one.bare_frequency + offset, phase=phase)

    def change(held: Truth) -> Truth:
        return replace(held, resonators=tuple(moved(resonator) for resonator in held.resonators))

    return change


def resting_frequency(setup: OneMode, node: str) -> float:
    """Of a qubit as its static bias has it (Hz); its coupler is off."""
    index = "ab".index(node)
    volts = setup.plant.biases[f"{node}.flux.bias"]
    flux = setup.truth.qubit_flux[index].flux(volts, np.zeros(1))
    return float(setup.device.qubits[index].transmon.frequency(flux)[0])


def learn(setup: OneMode, values: Mapping[str, float]) -> None:
    """Let the bench of `setup` know `values`; its biases stay."""
    setup.bench.known = setup.bench.known.learned(values)
