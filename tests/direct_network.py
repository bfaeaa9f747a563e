"""Direct solution of a chain or a star, one transfer after the other, from the waveforms of a compiled Program.

The joint master equation of two qubits and their mode is solved for all states of the others at once, which are carried
by themselves through QuTiP. Nothing in it solves what coldlink.physics solves with; the program is neither lowered
nor executed. Frame: that of the mode, which all lines have in common.
"""

from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from coldlink.physics import Controls
from coldlink.sequences import Block, PlayEvent, Program, ToneEvent, resolved
from coldlink.stations.simulated_network import SimulatedNetwork

from .direct_link import LEVELS, DirectLink, driven
from .program_waves import drive, first, plays, thermal

TWO_PI = 2 * np.pi
SAMPLING = 4 * 599.04e6
"""Of the waveforms (Hz): coarser than they are played, and ten times finer than their edges."""


@dataclass(frozen=True)
class DirectNetwork:
    """Of `program` on `net`."""

    net: SimulatedNetwork
    program: Program
    cutoff: int = 7

    def chain(self, point: int) -> np.ndarray:
        """Populations of a, b and c at the readout of a block, shape (3, 3, 3): a transfer through ab, then one through
        bc.
        """
        block = self.program.blocks[point]
        begin, middle, end, readout = self._times(block, "bc.load")
        both = self._window(block, 0, begin, middle, self._prepared(block, begin))
        # b in link bc, for each pair of states of a, its spectator.
        pairs = both.transpose(1, 3, 0, 2).reshape(LEVELS, LEVELS, -1)
        state = self._window(block, 1, middle, end, pairs).reshape((LEVELS,) * 6).transpose(4, 0, 1, 5, 2, 3)
        for node, since in ((0, middle), (1, end), (2, end)):
            after = self._alone(block, node, since, readout, begin)
            state = np.moveaxis(np.tensordot(after, state, axes=((2, 3), (node, 3 + node))), (0, 1), (node, 3 + node))
        return np.einsum("abcabc->abc", state).real

    def star(self, point: int) -> np.ndarray:
        """Populations of the hub and its leaves, shape (3,) * (1 + leaves), where each met the hub once, in order."""
        block, names = self.program.blocks[point], list(self.net.declared.names.values())
        begin, *starts, end, readout = self._times(block, *(link.load for link in names[1:]))
        hub = self._prepared(block, begin)[:, :, None]
        for link, (since, until) in enumerate(pairwise([begin, *starts, end])):
            # What the leaves were left in is a label from then on: they are read along Z.
            state = np.einsum("xlylk->xykl", self._window(block, link, since, until, hub))
            hub = state.reshape(LEVELS, LEVELS, -1)
        found = np.einsum("xxk->xk", hub).real.reshape((LEVELS,) * (1 + len(names)))
        for node, since in enumerate([end, *starts, end]):
            jumps = np.einsum("iijj->ij", self._alone(block, node, since, readout, begin)).real
            found = np.moveaxis(np.tensordot(jumps, found, axes=(1, node)), 0, node)
        return found

    def _times(self, block: Block, *later: str) -> list[float]:
        """Begin of the first window and of those whose loads close `later`, end of the last one, and readout (s).

        Microwaves may come before the first window, and after the last one but one.
        """
        tone = self._time(first(block, ToneEvent).start_ticks)
        drives = [event for event in block.events if event.channel.endswith(".drive")]
        turned = any(event.start_ticks > block.reference_ticks for event in drives)
        end = tone - turned * resolved(next(iter(self.net.links.values())).node_a.x180.duration)
        readout = tone + max(self.program.residuals[f"{node}.readout"] for node in self.net.declared.nodes)
        return [self._time(block.reference_ticks), *(self._closing(block, load) for load in later), end, readout]

    def _prepared(self, block: Block, begin: float) -> np.ndarray:
        return np.einsum("ikjl,jl->ik", self._alone(block, 0, 0.0, begin, begin), self._thermal(0))

    def _closing(self, block: Block, channel: str) -> float:
        """When a load begins to close (s)."""
        (event,) = plays(block, channel)
        first = np.flatnonzero(self.program.waveforms[event.waveform].samples.real)[0]
        return self._time(event.start_ticks) + float(first / self.program.target.port(channel).sample_rate)

    def _window(self, block: Block, link: int, begin: float, end: float, first: np.ndarray) -> np.ndarray:
        device = self.net.plant.truth.network.links[link]
        direct = DirectLink(device, self.cutoff)
        kappa = TWO_PI * device.mode_frequency / device.line.quality
        load = float(self._controls(block, link, begin - 2e-9, begin - 1e-9).load[0, 0])
        occupation = (kappa * direct.bath + load * device.load_occupation) / (kappa + load)
        second = self._thermal(self.net.plant.truth.network.ends[link][1])
        return direct.window(self._controls(block, link, begin, end), first, second, float(occupation))

    def _controls(self, block: Block, link: int, begin: float, end: float) -> Controls:
        """Of one link; the couplers of the other one are at zero coupling and displace nothing."""
        held, names = self.net.plant.truth.link(link), list(self.net.declared.names.values())[link]
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
        for event in plays(block, channel):
            samples = self.program.waveforms[event.waveform].samples.real
            index = np.floor((time - self._time(event.start_ticks)) * rate + 1e-6).astype(int)
            inside = (index >= 0) & (index < samples.size)
            total += np.where(inside, event.gain * samples[np.clip(index, 0, samples.size - 1)], 0.0)
        return total

    def _alone(self, block: Block, node: int, begin: float, end: float, reference: float) -> np.ndarray:
        """What one qubit does by itself, its microwaves included: shape (out, out, in, in)."""
        link, place = self.net.plant.truth.network.places[node][0]
        device, name = self.net.plant.truth.network.links[link], list(self.net.declared.nodes)[node]
        own = list(self.net.links.values())[link]
        idle, length = (own.node_a, own.node_b)[place].frequency, resolved(own.node_a.x180.duration)
        detuning = TWO_PI * (idle - device.mode_frequency)
        pieces, now = [], begin
        for event in plays(block, f"{name}.drive"):
            start = self._time(event.start_ticks)
            if begin - 1e-12 <= start < end - 1e-12:
                pieces += [(None, start - now), (self._drive(node, event, device, start - reference), length)]
                now = start + length
        total = np.einsum("ij,kl->ikjl", np.eye(LEVELS), np.eye(LEVELS)).astype(complex)
        for pulse, duration in [*pieces, (None, end - now)]:
            if duration > 1e-12:
                step = np.empty((LEVELS,) * 4, complex)
                for i, j in product(range(LEVELS), repeat=2):
                    one = np.zeros((LEVELS, LEVELS), complex)
                    one[i, j] = 1.0
                    step[:, :, i, j] = driven(device, place, one, detuning, pulse, duration)
                total = np.tensordot(step, total, axes=2)
        return total

    def _drive(self, node: int, event: PlayEvent, device, late: float):
        rabi_rate = self.net.plant.truth.drives[node].rabi_rate
        return drive(self.program, event, rabi_rate, device.mode_frequency, late)

    def _thermal(self, node: int) -> np.ndarray:
        return thermal(self.net.plant.truth.network.qubits[node].residual_population)

    def _time(self, ticks: int) -> float:
        return ticks * self.program.target.clock.period
