"""Pulses of a transfer: as couplings and rates that somebody plans, or as fluxes that somebody plays."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ...sequences.errors import ModelError
from ..check import not_negative
from ..controls import Controls
from ..device import TWO_PI, Device
from ..scale import DURATION, Scale
from .swap import Swap

Trace = NDArray[np.float64]
RATE = Scale(0.0, 1e10, "Hz")
COOLING = 1e3
"""The least kappa_L/2pi that matters beside any line's own loss (Hz)."""
STILL = 1000
"""Most steps between two corners where nothing moves; a solver divides longer ones as it needs."""
SAMPLE = Scale(1e-12, 1e-8, "s")


class Pulses(Protocol):
    """What makes controls of a device, from the moment at which the load begins to close to the readout."""

    def controls(self, device: Device) -> Controls:
        """Controls of `device`; before them, the load stands as in their first step."""
        ...


@dataclass(frozen=True, kw_only=True)
class LinkPulses:
    """A transfer as it is planned: the load closes, a gap, A to the mode, the mode to B, a wait.

    release, catch: Pulses at A and B. load_rate: kappa_L/2pi of the communication mode while the load is open (Hz).
    leak: What is left of it when the load is closed (Hz). ramp: Raised-cosine edge of the closing load (s). gap: From
    closed to the release (s). wait: From the end of both pulses to the readout (s). catch_after: From the begin of the
    release to that of the catch (s); its whole duration if None, 0 couples both nodes at once. sample: Longest step of
    an edge (s).
    """

    release: Swap
    catch: Swap
    load_rate: float
    leak: float = 0.0
    ramp: float = 4e-9
    gap: float = 4e-9
    wait: float = 5e-9
    catch_after: float | None = None
    sample: float = 1e-10

    def __post_init__(self) -> None:
        for name in ("load_rate", "leak"):
            RATE.one(f"pulses {name} (Hz)", getattr(self, name))
        if 0 < self.load_rate < COOLING:
            why = f"a load that opens by less than {COOLING:g} Hz cools nothing; give it in Hz, or 0 for none"
            raise ModelError("pulses load_rate (Hz)", self.load_rate, why)
        for name in ("ramp", "gap", "wait"):
            DURATION.one(f"pulses {name} (s)", getattr(self, name))
        if self.catch_after is not None:
            not_negative("pulses catch_after (s)", self.catch_after, "B cannot catch before A releases")
            DURATION.one("pulses catch_after (s)", self.catch_after)
        SAMPLE.one("pulses sample (s)", self.sample)

    def sharing(self) -> "LinkPulses":
        """With half of the release's area: A keeps half of its excitation, and B gets the other half."""
        return replace(self, release=replace(self.release, area=self.release.area / 2))

    @property
    def duration(self) -> float:
        """From the begin of the load's ramp to the readout (s)."""
        return max(self._begin + self.release.duration, self._catch + self.catch.duration) + self.wait

    def controls(self, device: Device) -> Controls:
        """Controls of `device`, whose couplers must reach the couplings; g, kappa_L and detuning are as planned."""
        self._check(device)
        edges = self._edges()
        time, duration = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
        shapes = np.stack([self.release.shape(time - self._begin), self.catch.shape(time - self._catch)], axis=1)
        closing = np.where(time < self.ramp, np.cos(np.pi / 2 * time / max(self.ramp, self.sample)) ** 2, 0.0)
        modes = device.line.mode_frequencies
        load = TWO_PI * (self.leak + (self.load_rate - self.leak) * closing)[:, None]
        return Controls(
            duration=duration,
            qubit=np.tile(TWO_PI * np.array([self.release.detuning, self.catch.detuning]), (len(time), 1)),
            coupling=TWO_PI * np.array([self.release.coupling, self.catch.coupling]) * shapes,
            mode=np.zeros((len(time), len(modes))),
            load=load * (modes / device.mode_frequency) ** 2,
        )

    @property
    def _begin(self) -> float:
        return self.ramp + self.gap

    @property
    def _catch(self) -> float:
        return self._begin + (self.release.duration if self.catch_after is None else self.catch_after)

    def _edges(self) -> Trace:
        """Step boundaries (s): every corner of a pulse, and samples between them."""
        corners = np.unique(
            [0.0, self.ramp, self.duration]
            + [self._begin + corner for corner in self.release.corners]
            + [self._catch + corner for corner in self.catch.corners]
        )
        corners = corners[np.append(True, np.diff(corners) > 1e-6 * self.sample)]
        pieces = [np.linspace(begin, end, self._pieces(begin, end), endpoint=False) for begin, end in pairwise(corners)]
        return np.concatenate([*pieces, corners[-1:]])

    def _pieces(self, begin: float, end: float) -> int:
        """Steps between two corners (s)."""
        middle = (begin + end) / 2
        swaps = ((self.release, middle - self._begin), (self.catch, middle - self._catch))
        moving = middle < self.ramp or any(swap.moves(time) for swap, time in swaps)
        found = max(1, int(np.ceil((end - begin) / self.sample - 1e-6)))
        return found if moving else min(found, STILL)

    def _check(self, device: Device) -> None:
        """ModelError where the device cannot do what is planned."""
        if len(device.qubits) != 2:
            raise ModelError("number of qubits", len(device.qubits), "a transfer has two ends; give a device of two")
        mode = device.mode_frequency
        for qubit, swap in zip(device.qubits, (self.release, self.catch), strict=True):
            qubit.coupler.flux_for(swap.coupling, mode, mode)
        device.line.check_load(TWO_PI * max(self.load_rate, self.leak))


@dataclass(frozen=True, kw_only=True)
class FluxPulses:
    """A transfer as it is played: reduced fluxes on S steps.

    duration: Of each step, shape (S,) (s). qubit, coupler: Shape (S, Q). load: Shape (S,).
    """

    duration: Trace
    qubit: Trace
    coupler: Trace
    load: Trace

    def controls(self, device: Device) -> Controls:
        """What the fluxes make of `device`."""
        return device.controls(self.duration, self.qubit, self.coupler, self.load)
