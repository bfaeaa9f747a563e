"""Chip flux: what the flux generators' waveforms are when they arrive, on as few steps as that needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ...physics.controls import Controls
from ...physics.lines import FluxLine
from .truth import Truth

Trace = NDArray[np.float64]

GRAIN = 10e3
"""Frequency, coupling or rate (Hz) within which neighbouring samples are one step of their mean. The integral of the
flux is kept."""
LEAST = 1e3
"""That below which a tail is over (Hz): the rest of one of 100 ns turns a qubit by 6e-4 rad."""
PROBE = 1e-3
"""Flux (Phi0) over which the device tells how steep it is: near an extremum its curvature counts."""
TAIL_STEPS = 24
"""Of growing length after the last sample; each has the mean of the flux, so that a phase at its end is exact."""


@dataclass(frozen=True)
class ChipFlux:
    """duration: Of each step, shape (S,) (s). flux: Away from rest in each line's loop, shape (S, L) (Phi0)."""

    duration: Trace
    flux: Trace


@dataclass(frozen=True)
class FluxPath:
    """The way from the generators to the loops of `truth`; its delays are with whoever knows the time."""

    truth: Truth

    @cached_property
    def lines(self) -> Mapping[str, FluxLine]:
        """By name, in the order of the crosstalk's rows."""
        return self.truth.flux_lines

    @cached_property
    def ideal(self) -> bool:
        """Whether everything arrives as it is played."""
        return self.truth.crosstalk.ideal and all(line.filter.ideal for line in self.lines.values())

    @cached_property
    def reach(self) -> float:
        """How long before its first and after its last sample a line may answer, without its tails (s)."""
        return max(line.filter.reach for line in self.lines.values())

    def controls(self, duration: Trace, flux: Trace) -> tuple[Controls, ...]:
        """What reduced fluxes in the loops, shape (S, L), make of each link."""
        network = self.truth.network
        count = len(network.qubits)
        couplers, loads = np.split(flux[:, count:], [network.couplers[-1].stop], axis=1)
        return network.controls(duration, flux[:, :count], couplers, loads)

    def lasting(self, rest: Trace) -> float:
        """How long the tails of a pulse of full scale last (s), about the reduced fluxes `rest`, shape (L,)."""
        felt = np.max(np.abs(self.truth.crosstalk.felt(np.eye(len(self.lines)))) * self.steepness(rest[None]), axis=1)
        lines = zip(self.lines.values(), felt.tolist(), strict=True)
        return max(line.filter.lasting(line.pulse, LEAST / steep) for line, steep in lines)

    def steepness(self, flux: Trace) -> Trace:
        """By how much at most any frequency, coupling or rate goes with the flux in each loop, shape (L,) (Hz/Phi0).

        flux: Reduced fluxes of the loops about which that is asked, shape (K, L).
        """
        probes = PROBE * np.vstack([np.zeros(flux.shape[1]), np.eye(flux.shape[1]), -np.eye(flux.shape[1])])
        points = (flux[:, None, :] + probes).reshape(-1, flux.shape[1])
        moved = np.zeros((len(flux), len(probes)))
        for one in self.controls(np.ones(len(points)), points):
            values = np.hstack([one.qubit, one.coupling, one.mode, one.load]).reshape(len(flux), len(probes), -1)
            moved = np.maximum(moved, np.abs(values - values[:, :1]).max(axis=-1))
        ways = moved.max(axis=0)[1:].reshape(2, -1).max(axis=0)
        return np.asarray(np.maximum(ways / (2 * np.pi * PROBE), LEAST))

    @cached_property
    def settling(self) -> float:
        """How much later than it is played the last of a pulse may come, without its tails (s)."""
        drives = max(drive.delay for drive in self.truth.drives)
        return max(drives, *(line.filter.delay + line.filter.reach for line in self.lines.values()))

    def rest(self, volts: Mapping[str, float], drift: Mapping[str, float]) -> Trace:
        """Reduced fluxes at the static `volts`, each offset moved by its `drift` (Phi0), shape (L,)."""
        own = [line.bias * volts.get(name, 0.0) for name, line in self.lines.items()]
        offsets = [line.offset + drift.get(name, 0.0) for name, line in self.lines.items()]
        return np.asarray(self.truth.crosstalk.felt(own) + offsets)

    def arriving(self, duration: Trace, fractions: Mapping[str, Trace], rest: Trace) -> ChipFlux:
        """Of fractions of full scale on each line, on steps of one `duration` (S,) that begin and end in silence.

        rest: Reduced fluxes of the loops without them, shape (L,).
        """
        own = np.zeros((duration.size, len(self.lines)))
        if self.ideal:
            for column, (name, line) in enumerate(self.lines.items()):
                own[:, column] = line.pulse * fractions.get(name, 0.0)
            return ChipFlux(duration, own)
        late = _late_edges(float(duration[0]), self.lasting(rest))
        after = np.zeros((max(0, late.size - 1), len(self.lines)))
        for column, (name, line) in enumerate(self.lines.items()):
            if name in fractions:
                answer, tails = line.filter.follow(fractions[name], float(duration[0]))
                own[:, column] = line.pulse * answer
                for value, tau in tails:
                    after[:, column] -= line.pulse * value * tau * np.diff(np.exp(-late / tau)) / np.diff(late)
        felt, last = self.truth.crosstalk.felt(own), self.truth.crosstalk.felt(after)
        reached = rest + np.array([np.zeros(len(rest)), felt.max(axis=0), felt.min(axis=0)])
        duration, felt = _grains(duration, felt, GRAIN / self.steepness(reached))
        return ChipFlux(np.concatenate([duration, np.diff(late)]), np.concatenate([felt, last]))


def _late_edges(spacing: float, lasting: float) -> Trace:
    """Of the steps after the last sample (s); none without tails."""
    if not lasting:
        return np.zeros(1)
    return np.append(0.0, np.geomspace(min(8 * spacing, lasting / 2), lasting, TAIL_STEPS))


def _grains(duration: Trace, flux: Trace, within: Trace) -> tuple[Trace, Trace]:
    """Steps on which every flux stays `within` one grain, shape (L,) (Phi0), with the means."""
    grain = np.round(flux / within)
    first = np.flatnonzero(np.append(True, np.any(grain[1:] != grain[:-1], axis=1)))
    lengths = np.add.reduceat(duration, first)
    return lengths, np.add.reduceat(flux * duration[:, None], first, axis=0) / lengths[:, None]
