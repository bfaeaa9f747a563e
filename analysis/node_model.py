"""Node model: a qubit that meets the line's communication mode as its flux lines play; what a routine's fit varies."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..physics.apparatus import Apparatus
from ..physics.bath import relax, steady_state
from ..physics.device import TWO_PI
from ..physics.single_excitation import remaining as one_excitation
from ..physics.vacuum_rabi import Contact, Surroundings, excited_population
from .waveform import Waveform

Array = NDArray[np.float64]
TAIL = 1e-4
"""Thermal weight that may be lost above the mode's cutoff."""
EXCITED = 0.1
"""Excited population below which the modes beside are not worth following: they move a hundredth of it."""


@dataclass(frozen=True, kw_only=True)
class NodeModel:
    """A node of `apparatus` with what a fit may change.

    node: Index of the qubit. idle_frequency: Where it rests (Hz). open_flux: Of the load's coupler at rest.
    coupler_pulse, load_pulse: Reduced flux of full scale on the coupler's and the load's lines. mode_offset: Of the
    mode from where `apparatus` has it (Hz). load_scale: Of kappa_L. internal, heating: kappa_i and kappa_i n_h (1/s).
    occupation: Of the mode when the waveform begins.
    """

    apparatus: Apparatus
    node: int
    idle_frequency: float
    open_flux: float
    coupler_pulse: float
    load_pulse: float
    internal: float
    heating: float
    occupation: float
    mode_offset: float = 0.0
    load_scale: float = 1.0

    @classmethod
    def of(cls, apparatus: Apparatus, node: int, idle_frequency: float, open_flux: float) -> "NodeModel":
        """The node as `apparatus` has it, the line in equilibrium with its bath and the open load."""
        device = apparatus.device
        rates, kappa = device.rates(), float(device.load.kappa(open_flux, device.mode_frequency))
        internal, hot = float(rates.internal[0]), float(rates.hot[0])
        return cls(
            apparatus=apparatus,
            node=node,
            idle_frequency=idle_frequency,
            open_flux=open_flux,
            coupler_pulse=apparatus.coupler_flux[node].pulse,
            load_pulse=apparatus.load_flux.pulse,
            internal=internal,
            heating=internal * hot,
            occupation=float(steady_state(internal, hot, kappa, device.load_occupation)),
        )

    def with_(self, values: Mapping[str, float]) -> "NodeModel":
        """With fields replaced by those of `values` that are among them."""
        changed: dict[str, Any] = {name: values[name] for name in values if name in self.__dataclass_fields__}
        return replace(self, **changed)

    def compensation(self, frequency: float) -> float:
        """Fraction of full scale on the qubit's flux line that brings the bare qubit to `frequency` (Hz)."""
        transmon, line = self.apparatus.device.qubits[self.node].transmon, self.apparatus.qubit_flux[self.node]
        return float((transmon.flux(frequency) - transmon.flux(self.idle_frequency)) / line.pulse)

    def coupling(self, amplitude: float, compensation: float) -> float:
        """g/2pi (Hz) while the coupler's and the qubit's pulses stand at these fractions of full scale."""
        return float(self._coupling(np.array(amplitude), self._bare(np.array(compensation))))

    def arriving(self, waveform: Waveform) -> Waveform:
        """What is played as the node and the load feel it, behind the filters of their lines."""
        lines = self.apparatus
        return waveform.arriving(
            coupler=lines.coupler_flux[self.node].filter.sigma,
            flux=lines.qubit_flux[self.node].filter.sigma,
            load=lines.load_flux.filter.sigma,
        )

    def populations(self, waveform: Waveform, start: Array) -> Array:
        """Excited population after each contact of `waveform`, shape (P,), from `start` before it, shape (P,)."""
        device, bare = self.apparatus.device, self._bare(waveform.flux)
        coupler, mode = device.qubits[self.node].coupler, device.mode_frequency
        g = self._coupling(waveform.coupler, bare)
        qubit = bare + coupler.qubit_shift(g, bare, mode) + self._repulsion(g, bare)
        load = self.open_flux + self.load_pulse * waveform.load
        shifted = mode + self.mode_offset + coupler.mode_shift(g, bare, mode) + device.load.pull(load, mode)
        kappa = self.load_scale * device.load.kappa(load, mode)
        detuning, coupling = TWO_PI * (qubit - shifted), TWO_PI * g
        # Until the coupler opens, qubit and line are left to their baths.
        first = int(np.argmax((waveform.coupler != 0).any(axis=1)))
        start, occupation = self._alone(waveform.duration[:first], kappa[:first], start)
        duration = waveform.duration[first:]
        contact = Contact(duration=duration, detuning=detuning[first:], coupling=coupling[first:], load=kappa[first:])
        cutoff = self._cutoff(float(occupation.max()) + self.heating * float(duration.sum(axis=0).max()))
        alone = excited_population(contact, self._around(), start=start, occupation=occupation, cutoff=cutoff)
        if start.max() < EXCITED or len(device.line.offsets) == 1:
            return alone
        unshifted = TWO_PI * self._repulsion(g, bare)[first:]
        return alone + start * self._beside(contact, unshifted)

    def _beside(self, contact: Contact, repulsion: Array) -> Array:
        """What the modes beside change of an excited qubit's population, shape (P,), by one excitation's motion.

        repulsion: What they shift the qubit by (rad/s), which is in the contact's detuning already.
        """
        distances = TWO_PI * (self.apparatus.device.line.mode_frequencies - self.apparatus.device.mode_frequency)
        change = np.empty(contact.duration.shape[1])
        for place in range(len(change)):
            duration, coupling = contact.duration[:, place], contact.coupling[:, place]
            detuning, shift = contact.detuning[:, place], repulsion[:, place]
            one = one_excitation(duration, detuning, coupling, distances[:1])
            change[place] = one_excitation(duration, detuning - shift, coupling, distances) - one
        return change

    def _alone(self, duration: Array, kappa: Array, start: Array) -> tuple[Array, Array]:
        """Excited population of the qubit and occupation of the mode, shape (P,), after steps of shape (S, P)."""
        device = self.apparatus.device
        qubit, occupation = device.qubits[self.node], np.full(len(start), self.occupation)
        for step, rate in zip(duration, kappa, strict=True):
            total = self.internal + rate
            occupation = relax(occupation, (self.heating + rate * device.load_occupation) / total, total, step)
        return relax(start, qubit.residual_population, 1 / qubit.t1, duration.sum(axis=0)), occupation

    def _bare(self, fraction: Array) -> Array:
        transmon, line = self.apparatus.device.qubits[self.node].transmon, self.apparatus.qubit_flux[self.node]
        return transmon.frequency(transmon.flux(self.idle_frequency) + line.pulse * fraction)

    def _coupling(self, fraction: Array, bare: Array) -> Array:
        device = self.apparatus.device
        coupler = device.qubits[self.node].coupler
        return coupler.g(coupler.zero_flux + self.coupler_pulse * fraction, bare, device.mode_frequency)

    def _repulsion(self, g: Array, bare: Array) -> Array:
        """Shift of the qubit (Hz) by the modes beside the one it meets: g^2 over its distance from each."""
        others = self.apparatus.device.line.mode_frequencies[1:]
        return np.asarray(sum((g**2 / (bare - other) for other in others), np.zeros_like(g)))

    def _around(self) -> Surroundings:
        device = self.apparatus.device
        qubit = device.qubits[self.node]
        return Surroundings(
            internal=self.internal,
            heating=self.heating,
            cold=device.load_occupation,
            relaxation=1 / qubit.t1,
            dephasing=1 / qubit.t_phi,
            excited=qubit.residual_population,
        )

    def _cutoff(self, occupation: float) -> int:
        n = max(occupation, 0.0) + 0.05
        return 2 + int(np.ceil(np.log(TAIL) / np.log(n / (1 + n))))
