"""Resting qubit: what a readout sees of a qubit left in contact with a line that stays as it is."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..physics.controls import Controls
from ..physics.device import Device
from ..physics.resting_contact import resting_contact

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class RestingQubit:
    """What is known before a fit of how a qubit rests.

    device: As believed. qubit: Its index. wait: From the preparation to the readout (s). window: Of the readout (s).
    """

    device: Device
    qubit: int
    wait: float
    window: float

    def excited(self, device: Device, qubit_flux: ArrayLike, coupler_flux: ArrayLike, load_flux: ArrayLike) -> Array:
        """Part of the readout's window in which the qubit is not in g, prepared in g and in e: shape (N, 2).

        device: With what a fit assumes in place of the believed values. Reduced fluxes broadcast to shape (N,); the
        other qubits' couplers are off. e is the equilibrium with g and e exchanged, as a pi pulse leaves it.
        """
        rates = device.rates()
        every = range(len(device.qubits))
        pairs = [
            (rested.relaxation[self.qubit], rested.excited[self.qubit])
            for rested in (
                resting_contact(rates, step).added(rates, every)
                for step in self._steps(device, qubit_flux, coupler_flux, load_flux)
            )
        ]
        total, share = np.array(pairs).T
        return left_alone(total * share, total * (1 - share), self.wait, self.window)

    def _steps(
        self, device: Device, qubit_flux: ArrayLike, coupler_flux: ArrayLike, load_flux: ArrayLike
    ) -> Iterator[Controls]:
        own, coupler, load = np.broadcast_arrays(*map(np.atleast_1d, (qubit_flux, coupler_flux, load_flux)))
        qubits = np.zeros((own.size, len(device.qubits)))
        couplers = np.tile([float(qubit.coupler.zero_flux) for qubit in device.qubits], (own.size, 1))
        qubits[:, self.qubit], couplers[:, self.qubit] = own, coupler
        controls = device.controls(np.ones(own.size), qubits, couplers, np.asarray(load, np.float64))
        for step in range(own.size):
            here = slice(step, step + 1)
            yield Controls(
                duration=controls.duration[here],
                qubit=controls.qubit[here],
                coupling=controls.coupling[here],
                mode=controls.mode[here],
                load=controls.load[here],
            )


def left_alone(up: Array, down: Array, wait: float, window: float) -> Array:
    """Part of a window of `window` (s), `wait` (s) after a preparation of g and of e, not spent in g: shape (N, 2).

    up, down: Rates between g and e (1/s), shape (N,); twice as large between e and f. In the readout f is as e.
    """
    zero = np.zeros_like(up)
    generator = np.array([[-up, down, zero], [up, -down - 2 * up, 2 * down], [zero, 2 * up, -2 * down]]).transpose(
        2, 0, 1
    )
    ratio = up / down
    rest = np.stack([np.ones_like(ratio), ratio, ratio**2], axis=1)
    rest /= rest.sum(axis=1, keepdims=True)
    away = rest[:, [1, 0, 2]] - rest
    decay, vectors = np.linalg.eig(generator)
    parts = np.linalg.solve(vectors, away[:, :, None])[:, :, 0]
    # The mean of e^{st} over the window; s = 0 is the equilibrium, of which `away` holds nothing.
    turn = decay.real * window
    mean = np.where(np.abs(turn) < 1e-9, 1.0, np.expm1(turn) / np.where(np.abs(turn) < 1e-9, 1.0, turn))
    later = ((vectors[:, 0, :] * parts).real * np.exp(decay.real * wait) * mean).sum(axis=1)
    return np.stack([1 - rest[:, 0], 1 - rest[:, 0] - later], axis=1)
