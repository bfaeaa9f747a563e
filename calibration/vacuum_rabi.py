"""Vacuum Rabi: an excited node meets the cooled line; its coupling, and where they are in resonance."""

import math
from dataclasses import dataclass, replace

import xarray as xr

from ..analysis.bootstrap import Measured
from ..analysis.contacts import Contacts
from ..analysis.counts import outcome_counts
from ..analysis.node_model import NodeModel
from ..analysis.vacuum_rabi import VacuumRabi, fit_vacuum_rabi
from ..sequences.link import CoupledNode
from ..sequences.protocols import vacuum_rabi
from ..sequences.scan import Scan
from ..sequences.units import MHz, ns
from .knowledge import Knowledge
from .one_node import OneNode

FLUX_PULSE = 0.003
"""Relative error of what a flux pulse moves a qubit by: it comes on top of the fit's."""


@dataclass(frozen=True, kw_only=True)
class VacuumRabiFound:
    """swap_frequency: Of the bare qubit in a swap (Hz). mode_frequency: Load closed, couplers off (Hz). mode: How many
    half waves it has.
    """

    fit: VacuumRabi
    swap_frequency: Measured
    mode_frequency: Measured
    mode: int

    @property
    def free_spectral_range(self) -> Measured:
        """Of the line (Hz), whose modes are multiples of it."""
        return Measured(self.mode_frequency.value / self.mode, self.mode_frequency.error / self.mode)

    @property
    def traces(self) -> tuple[object, ...]:
        """For a figure."""
        return self.fit.traces


@dataclass(frozen=True, kw_only=True)
class VacuumRabiRoutine:
    """Node `node` for `lengths` (s) on the expected resonance, and for a swap's time `detunings` (Hz) away from it."""

    node: str
    shots: int = 10_000
    lengths: tuple[float, ...] = (14 * ns, 21 * ns, 28 * ns)
    detunings: tuple[float, ...] = (-8 * MHz, -3 * MHz, 3 * MHz, 8 * MHz)

    def scan(self, known: Knowledge) -> Scan:
        """Both cuts in one sequence."""
        node, link = self._node(known), known.link
        transfers = self._contacts(known).transfers(node_model(known, self.node))
        contacts = {f"{number}": transfer for number, transfer in enumerate(transfers)}
        return Scan.of(vacuum_rabi(link, node, contacts, "1"))

    def fit(self, data: xr.Dataset, known: Knowledge) -> VacuumRabiFound:
        """Thermal Lindblad model of both cuts."""
        readout, node = known.sure_readout, self._node(known)
        counts = outcome_counts(data, {self.node: readout.discriminators[self.node]}).values
        model = node_model(known, self.node)
        start = 1 - node.residual_population - node.preparation_error
        fit = fit_vacuum_rabi(self._contacts(known), counts, model, readout.errors[self.node], start)
        mode = known.design.device.mode_frequency + fit.mode_offset.value
        swap = _swap_frequency(known, self.node, fit.coupler_pulse.value, mode)
        moved = FLUX_PULSE * abs(node.frequency - swap)
        error = math.hypot(fit.mode_offset.error, moved)
        return VacuumRabiFound(
            fit=fit,
            swap_frequency=Measured(swap, error),
            mode_frequency=Measured(mode, error),
            mode=known.design.device.line.communication_mode,
        )

    def found(self, fit: VacuumRabiFound) -> dict[str, Measured]:
        """The coupling at the amplitude that was played, what follows for others, and the resonance."""
        values = {
            f"{self.node}.coupler.pulse": fit.fit.coupler_pulse,
            f"{self.node}.swap.coupling": fit.fit.coupling,
            f"{self.node}.swap.frequency": fit.swap_frequency,
        }
        shared = {"line.mode_frequency": fit.mode_frequency, "line.free_spectral_range": fit.free_spectral_range}
        return values | (shared if self.node == "a" else {})

    def _node(self, known: Knowledge) -> CoupledNode:
        return OneNode(known, self.node).swaps

    def _contacts(self, known: Knowledge) -> Contacts:
        line, swap = known.link.line, self._node(known).swap
        centre = known.design.swap_frequency(OneNode(known, self.node).index)
        return Contacts(
            swap=swap,
            lengths=self.lengths,
            frequencies=tuple(centre + detuning for detuning in self.detunings),
            closed=line.close_amplitude,
            ramp=line.ramp,
            gap=line.gap,
            sample=known.clock.period,
        )


def node_model(known: Knowledge, name: str) -> NodeModel:
    """What is believed of a node's contact with the line."""
    design, index = known.design, OneNode(known, name).index
    return NodeModel.of(design, index, design.operation.idle_frequencies[index], design.open_flux)


def _swap_frequency(known: Knowledge, name: str, coupler_pulse: float, mode: float) -> float:
    """Where the design would put the qubit in a swap, had it known the coupling and the mode."""
    measured = {f"{name}.coupler.pulse": coupler_pulse, "line.mode_frequency": mode}
    values = {key: value for key, value in known.values.items() if key != f"{name}.swap.frequency"}
    return replace(known, values={**values, **measured}).design.swap_frequency(OneNode(known, name).index)
