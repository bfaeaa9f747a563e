"""Design: from what a designer knows of a device to the pulses that should work on it, before anything is measured."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import trapezoid
from scipy.optimize import minimize_scalar

from ..physics.apparatus import Apparatus
from ..physics.bath import relax, steady_state
from ..physics.controls import Controls
from ..physics.device import TWO_PI
from ..physics.planning.pulses import FluxPulses
from ..physics.single_excitation import amplitudes
from ..sequences.channel import Channel, Kind
from ..sequences.envelope import FlatTop
from ..sequences.errors import ModelError
from ..sequences.link import CoupledNode, Line, Link, Transfer
from ..sequences.names import LinkNames
from ..sequences.pulse import Pulse
from ..sequences.setting import Setting
from ..sequences.sweep import resolved
from ..sequences.units import MHz
from .hot_window import hot_window, transfer_fluxes
from .operation import Operation, pulses

SEARCH = 6 * MHz
"""How far from the formula's value the resonance of a swap is looked for (Hz)."""


@dataclass(frozen=True, kw_only=True)
class Design(Apparatus):
    """An apparatus as it was meant to be, how it is to be run, and how what belongs to it is called."""

    operation: Operation
    names: LinkNames

    def __post_init__(self) -> None:
        self.device.line.check_load(TWO_PI * self.operation.load_rate)

    def link(self, source: str = "design") -> Link:
        """Every pulse of a handshake and a half transfer, from the formulas of `physics` and one excitation's motion.

        source: Where the numbers come from. ModelError where the device cannot do what the operation wants.
        """
        return replace(_Designer(self).link(), source=source)

    def swap_frequency(self, index: int) -> float:
        """Of the bare qubit `index` during a swap (Hz): as measured, or where most of the excitation would move."""
        return _Designer(self).swap_frequency(index)

    def handshake_pulses(self) -> FluxPulses:
        """What a handshake plays, from the closing load to the readout."""
        return self._played(self.link(), half=False)

    def bell_pulses(self) -> FluxPulses:
        """What sharing A's excitation plays, from the closing load to the readout."""
        return self._played(self.link(), half=True)

    def _played(self, link: Link, *, half: bool) -> FluxPulses:
        release = link.node_a.half_swap if half else link.node_a.swap
        return hot_window(self, link, _Designer(self).rest, self.open_flux, release)

    @property
    def open_flux(self) -> float:
        """Reduced flux of the load's coupler at rest."""
        rate = TWO_PI * self.operation.load_rate
        return float(self.device.load.flux_for(rate, self.device.mode_frequency))

    def biases(self) -> dict[Setting, float]:
        """Static biases (V): qubits at their idle frequencies, couplers at zero coupling, the load open."""
        device, wanted = self.device, self.operation
        settings = {Setting(f"{self.names.load}.bias", "V"): self.load_flux.volts(self.open_flux)}
        for index, (qubit, node, coupler) in enumerate(
            zip(device.qubits, self.names.nodes, self.names.couplers, strict=True)
        ):
            idle = float(qubit.transmon.flux(wanted.idle_frequencies[index]))
            settings[Setting(f"{node}.flux.bias", "V")] = self.qubit_flux[index].volts(idle)
            zero = float(qubit.coupler.zero_flux)
            settings[Setting(f"{coupler}.bias", "V")] = self.coupler_flux[index].volts(zero)
        return settings


class _Designer:
    def __init__(self, design: Design) -> None:
        self.design, self.device, self.wanted = design, design.device, design.operation
        self.rates = self.device.rates()
        idle = zip(self.device.qubits, self.wanted.idle_frequencies, strict=True)
        self.rest = np.array([float(qubit.transmon.flux(frequency)) for qubit, frequency in idle])
        self.zero = np.array([float(qubit.coupler.zero_flux) for qubit in self.device.qubits])

    def link(self) -> Link:
        device, wanted = self.device, self.wanted
        nodes = tuple(self._node(name, index) for index, name in enumerate(self.design.names.nodes))
        line = Line(
            load=Channel(self.design.names.load, Kind.LOAD),
            mode_frequency=device.mode_frequency,
            coupling=wanted.coupling,
            internal_rate=float(self.rates.internal[0]),
            load_rate=TWO_PI * wanted.load_rate,
            hot_occupation=float(self.rates.hot[0]),
            cold_occupation=device.load_occupation,
            ramp=wanted.ramp,
            gap=wanted.gap,
            wait=wanted.wait,
            exposure=self._exposure(),
            close_amplitude=(float(device.load.closed_flux) - self.design.open_flux) / self.design.load_flux.pulse,
            transfer_phase=0.0,
            bell_phase=0.0,
        )
        link = Link(node_a=nodes[0], node_b=nodes[1], line=line, relaxation=wanted.relaxation, source="design")
        transfer = self._phase(link) if wanted.transfer_phase is None else wanted.transfer_phase
        bell = self._bell_phase(link) if wanted.bell_phase is None else wanted.bell_phase
        return replace(link, line=replace(line, transfer_phase=transfer, bell_phase=bell))

    def _exposure(self) -> float:
        """Time of free warming that makes the line as warm as the closing load and the gap do (s)."""
        device, wanted = self.device, self.wanted
        count = 400
        rising = np.sin(np.pi / 2 * (np.arange(count) + 0.5) / count) ** 2
        opened = self.design.open_flux
        flux = opened + (float(device.load.closed_flux) - opened) * rising
        occupation = start = self._steady(float(device.load.kappa(opened, device.mode_frequency)))
        internal, hot, step = float(self.rates.internal[0]), float(self.rates.hot[0]), wanted.ramp / count
        for rate in device.load.kappa(flux, device.mode_frequency):
            occupation = float(relax(occupation, self._steady(float(rate)), internal + float(rate), step))
        occupation = float(relax(occupation, hot, internal, wanted.gap))
        return (occupation - start) / (internal * (hot - start))

    def _steady(self, load: float) -> float:
        rates = self.rates
        return float(steady_state(rates.internal[0], rates.hot[0], load, rates.cold[0]))

    def _node(self, name: str, index: int) -> CoupledNode:
        swap, half = (self._transfer(index, area) for area in (np.pi / 2, np.pi / 4))
        own = pulses(self.design, self.wanted, name, index)
        coupler = Channel(self.design.names.couplers[index], Kind.COUPLER)
        return CoupledNode(**vars(own), coupler=coupler, swap=swap, half_swap=half)

    def swap_frequency(self, index: int) -> float:
        return self._bare_frequency(index, self._coupler_pulse(index, np.pi / 2))

    def _transfer(self, index: int, area: float) -> Transfer:
        """Coupler pulse with integral of g = `area`, and the flux pulse that holds the qubit on the mode meanwhile."""
        coupler = self._coupler_pulse(index, area)
        amplitude = self._flux_amplitude(index, self._bare_frequency(index, coupler))
        return Transfer(coupler=coupler, compensation=replace(coupler, amplitude=amplitude))

    def _coupler_pulse(self, index: int, area: float) -> Pulse:
        qubit, wanted = self.device.qubits[index], self.wanted
        mode = self.device.mode_frequency
        flux = float(qubit.coupler.flux_for(wanted.coupling, mode, mode))
        amplitude = (flux - self.zero[index]) / self.design.coupler_flux[index].pulse
        edge = np.linspace(0, wanted.rise, 401)
        rising = self.zero[index] + (flux - self.zero[index]) * np.sin(np.pi / 2 * edge / wanted.rise) ** 2
        edges = 2 * TWO_PI * float(trapezoid(qubit.coupler.g(rising, mode, mode), edge))
        if edges > area:
            rise = f"{wanted.rise * 1e9:.3g} ns"
            why = f"the edges of {rise} alone have {edges:.3g} of the pulse's {area:.3g} rad; shorten the rise"
            raise ModelError("coupling g/2pi (Hz)", wanted.coupling, why)
        duration = 2 * wanted.rise + (area - edges) / (TWO_PI * wanted.coupling)
        return Pulse(duration=duration, amplitude=amplitude, envelope=FlatTop(wanted.rise))

    def _bare_frequency(self, index: int, coupler: Pulse) -> float:
        """Of the qubit during `coupler` (Hz): as measured, or where most of the excitation moves."""
        measured = self.wanted.swap_frequencies[index]
        if measured is not None:
            return measured
        mode = self.device.mode_frequency
        guess = mode - float(self.device.qubits[index].coupler.qubit_shift(self.wanted.coupling, mode, mode))

        def left_behind(offset: float) -> float:
            pulse = replace(coupler, amplitude=self._flux_amplitude(index, guess + offset))
            transfer = Transfer(coupler=coupler, compensation=pulse)
            controls = self._controls(resolved(coupler.duration), [(index, 0.0, transfer)])
            return 1 - float(np.abs(amplitudes(self.rates, controls, index)[2]) ** 2)

        found = minimize_scalar(left_behind, bounds=(-SEARCH, SEARCH), method="bounded", options={"xatol": 1e3})
        return guess + float(found.x)

    def _flux_amplitude(self, index: int, frequency: float) -> float:
        flux = float(self.device.qubits[index].transmon.flux(frequency))
        return (flux - float(self.rest[index])) / self.design.qubit_flux[index].pulse

    def _phase(self, link: Link) -> float:
        """Carrier phase that B's frame needs to follow A's after a transfer."""
        state = self._after(link, link.node_a.swap)
        return -float(np.angle(state[1]))

    def _bell_phase(self, link: Link) -> float:
        """Carrier phase of B with which A's and B's parts of a shared excitation are in phase."""
        state = self._after(link, link.node_a.half_swap)
        return -float(np.angle(state[1] / state[0]))

    def _after(self, link: Link, release: Transfer) -> NDArray[np.complex128]:
        """Amplitudes of A and B, in the frames of the resting qubits, after A's excitation went through the line."""
        start = link.line.ramp + link.line.gap
        middle = start + resolved(release.coupler.duration)
        end = middle + resolved(link.node_b.swap.coupler.duration)
        controls = self._controls(end, [(0, start, release), (1, middle, link.node_b.swap)])
        state = amplitudes(self.rates, controls, 0)[:2]
        rest = np.array(self.wanted.idle_frequencies) - self.device.mode_frequency
        return np.asarray(state * np.exp(1j * TWO_PI * rest * end))

    def _controls(self, length: float, transfers: list[tuple[int, float, Transfer]]) -> Controls:
        """Controls of coupler and compensation pulses that start at given times, load closed."""
        return transfer_fluxes(self.design, self.rest, length, transfers).controls(self.device)
