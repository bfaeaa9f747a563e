"""Direct solution of a chain of three nodes, one transfer after the other, from the waveforms of a compiled Program.

The joint master equation of two qubits and their mode is solved for every pair of states of the third one, which is
carried by itself through QuTiP. Nothing in it solves what coldlink.physics solves with; the program is neither lowered
nor executed. Frame: that of the mode, which all lines have in common.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from coldlink.physics import Controls
from coldlink.sequences import Block, PlayEvent, Program, ToneEvent, resolved

from .direct_link import LEVELS, DirectLink, driven
from .networks import Net

TWO_PI = 2 * np.pi
SAMPLING = 16 * 599.04e6
SMALL = 1e-7
"""Norm of an operator that is left out."""


@dataclass(frozen=True)
class DirectChain:
    """Of `program` on `net`: link ab, then link bc."""

    net: Net
    program: Program
    cutoff: int = 10

    def populations(self, point: int) -> np.ndarray:
        """Of a, b and c at the readout of a block, shape (3, 3, 3)."""
        block = self.program.blocks[point]
        begin, tone = self._time(block.reference_ticks), self._time(_first(block, ToneEvent).start_ticks)
        middle = self._closing(block, "bc.load")
        end = tone - resolved(self.net.link("ab").node_a.x180.duration)
        readout = tone + self.program.residuals["a.readout"]
        prepared = np.einsum("ikjl,jl->ik", self._alone(block, 0, 0.0, begin, begin), self._thermal(0))
        both = self._window(block, 0, begin, middle, prepared)
        state = np.zeros((LEVELS,) * 6, complex)
        for i, j in product(range(LEVELS), repeat=2):
            if np.linalg.norm(both[i, :, j, :]) > SMALL:
                state[i, :, :, j, :, :] = self._window(block, 1, middle, end, both[i, :, j, :])
        for node, since in ((0, middle), (1, end), (2, end)):
            after = self._alone(block, node, since, readout, begin)
            state = np.moveaxis(np.tensordot(after, state, axes=((2, 3), (node, 3 + node))), (0, 1), (node, 3 + node))
        return np.einsum("abcabc->abc", state).real

    def _closing(self, block: Block, channel: str) -> float:
        """When a load begins to close (s)."""
        (event,) = _plays(block, channel)
        first = np.flatnonzero(self.program.waveforms[event.waveform].samples.real)[0]
        return self._time(event.start_ticks) + float(first / self.program.target.port(channel).sample_rate)

    def _window(self, block: Block, link: int, begin: float, end: float, first: np.ndarray) -> np.ndarray:
        device = self.net.truth.network.links[link]
        direct = DirectLink(device, self.cutoff)
        kappa = TWO_PI * device.mode_frequency / device.line.quality
        load = float(self._controls(block, link, begin - 2e-9, begin - 1e-9).load[0, 0])
        occupation = (kappa * direct.bath + load * device.load_occupation) / (kappa + load)
        second = self._thermal(self.net.truth.network.ends[link][1])
        return direct.window(self._controls(block, link, begin, end), first, second, float(occupation))

    def _controls(self, block: Block, link: int, begin: float, end: float) -> Controls:
        """Of one link; the couplers of the other one are at zero coupling and displace nothing."""
        held, names = self.net.truth.link(link), list(self.net.declared.names.values())[link]
        edges = np.append(np.arange(begin, end - 1e-15, 1 / SAMPLING), end)
        time = (edges[1:] + edges[:-1]) / 2

        def flux(line, channel: str) -> np.ndarray:
            return line.flux(self.net.plant.biases[f"{channel}.bias"], self._played(block, channel, time))

        qubits = [flux(line, f"{name}.flux") for line, name in zip(held.qubit_flux, names.nodes, strict=True)]
        couplers = [flux(line, name) for line, name in zip(held.coupler_flux, names.couplers, strict=True)]
        load = flux(held.load_flux, names.load)
        return held.device.controls(np.diff(edges), np.stack(qubits, 1), np.stack(couplers, 1), load)

    def _played(self, block: Block, channel: str, time: np.ndarray) -> np.ndarray:
        total, rate = np.zeros_like(time), self.program.target.port(channel).sample_rate
        for event in _plays(block, channel):
            samples = self.program.waveforms[event.waveform].samples.real
            index = np.floor((time - self._time(event.start_ticks)) * rate + 1e-6).astype(int)
            inside = (index >= 0) & (index < samples.size)
            total += np.where(inside, event.gain * samples[np.clip(index, 0, samples.size - 1)], 0.0)
        return total

    def _alone(self, block: Block, node: int, begin: float, end: float, reference: float) -> np.ndarray:
        """What one qubit does by itself, its microwaves included: shape (out, out, in, in)."""
        link, place = self.net.truth.network.places[node][0]
        device = self.net.truth.network.links[link]
        name = list(self.net.declared.nodes)[node]
        idle = self.net.designs[list(self.net.designs)[link]].operation.idle_frequencies[place]
        detuning, length = TWO_PI * (idle - device.mode_frequency), resolved(self.net.link("ab").node_a.x180.duration)
        pieces, now = [], begin
        for event in _plays(block, f"{name}.drive"):
            start = self._time(event.start_ticks)
            if begin - 1e-12 <= start < end - 1e-12:
                pieces += [(None, start - now), (self._drive(node, event, device, start - reference), length)]
                now = start + length
        total = np.einsum("ij,kl->ikjl", np.eye(LEVELS), np.eye(LEVELS)).astype(complex)
        for drive, duration in [*pieces, (None, end - now)]:
            if duration > 1e-12:
                step = np.empty((LEVELS,) * 4, complex)
                for i, j in product(range(LEVELS), repeat=2):
                    one = np.zeros((LEVELS, LEVELS), complex)
                    one[i, j] = 1.0
                    step[:, :, i, j] = driven(device, place, one, detuning, drive, duration)
                total = np.tensordot(step, total, axes=2)
        return total

    def _drive(self, node: int, event: PlayEvent, device, late: float):
        samples = self.program.waveforms[event.waveform].samples
        rate = self.program.target.port(event.channel).sample_rate
        half_rabi = np.pi * self.net.truth.drives[node].rabi_rate * event.gain
        offset = event.frequency - device.mode_frequency

        def wave(time: float) -> complex:
            sample = samples[min(int(time * rate), samples.size - 1)]
            return complex(half_rabi * np.conj(sample * np.exp(1j * (TWO_PI * offset * (time + late) + event.phase))))

        return wave

    def _thermal(self, node: int) -> np.ndarray:
        p = self.net.truth.network.qubits[node].residual_population
        weights = (p / (1 - p)) ** np.arange(LEVELS)
        return np.diag(weights / weights.sum())

    def _time(self, ticks: int) -> float:
        return ticks * self.program.target.clock.period


def _first(block: Block, kind: type):
    return next(event for event in block.events if isinstance(event, kind))


def _plays(block: Block, channel: str) -> list[PlayEvent]:
    return [event for event in block.events if isinstance(event, PlayEvent) and event.channel == channel]
