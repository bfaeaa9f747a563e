"""Residual coupling: what a coupler that is not quite off counts for while fluxes play."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ...physics.controls import Controls, Rates
from ...physics.network import Network
from ...physics.resting_contact import RestingContact

NEGLIGIBLE = 1e-3
"""Of a population, that a residual coupling may change while fluxes play, and still count as off; it is told."""
STILL = 2e-4
"""Flux (Phi0) by which a loop may be off its rest and still count as resting: 7 kHz of a coupler near its zero."""
WEAK = 2e-3
"""Flux (Phi0) up to which a coupler's coupling may be residual: 70 kHz. Tails and crosstalk make it, pulses more."""

Trace = NDArray[np.float64]
Mask = NDArray[np.bool_]


def off(
    controls: Controls, moving: Mapping[str, Trace], rates: Rates, rest: RestingContact, network: Network, link: int
) -> tuple[Mask, float]:
    """Where the couplers of one link count as off, shape (S, its ends), and what that may do to a population.

    What a residual coupling does at rest is in the rates and the shift of the rest, which goes on while neither its
    qubit nor itself is moved. A qubit that is moved, by its flux or by another coupler of its, is elsewhere among the
    modes, and a coupler that is moved is coupled by more: it is off only if it can do nothing in that time. moving: How
    far each loop is off its rest, shape (S,) (Phi0).
    """
    silent, error = np.zeros_like(controls.coupling, np.bool_), 0.0
    first = network.couplers[link].start
    for end, node in enumerate(network.ends[link][: network.links[link].couplers]):
        loops = network.loops(node)
        weak = np.abs(moving[f"coupler {first + end}"]) <= WEAK
        moved = weak & (np.max([np.abs(moving[loop]) for loop in loops], axis=0) > STILL)
        left_out = _left_out(controls, end, moved, rates, rest) if moved.any() else 0.0
        silent[:, end] = weak if left_out < NEGLIGIBLE else weak & ~moved
        error += left_out if left_out < NEGLIGIBLE else 0.0
    return silent, error


def _left_out(controls: Controls, end: int, moved: Mask, rates: Rates, rest: RestingContact) -> float:
    """Bound of what a coupling does to a population during `moved`, beside what it does at rest.

    A mode moves (2n + 1) times (g t)^2 or, off resonance, 4 g^2/Delta^2. One that is damped at kappa meanwhile takes
    what a resonance as wide as that takes, at g^2 kappa/(Delta^2 + kappa^2/4) for as long as it lasts. And it turns the
    qubit at (2n + 1) g^2/Delta instead of the resting shift, which a fringe shows by half.
    """
    duration, g = controls.duration[moved], controls.coupling[moved, end][:, None]
    total = float(duration.sum())
    detuning = controls.qubit[moved, end][:, None] - rates.detuning - controls.mode[moved]
    damping = rates.internal + controls.load[moved]
    narrowest = np.min(damping, axis=0)
    closest = np.hypot(np.maximum(np.min(np.abs(detuning), axis=0), 2 / total), narrowest / 2)
    lasting = np.maximum(1.0, np.max(damping, axis=0) * total / 4)
    # A line that is never closed off from its load does not gather heat for longer than it stores it.
    heated = np.minimum(float(controls.duration.sum()), 1 / np.min(rates.internal + controls.load, axis=0))
    weight = 2 * (rest.occupations + rates.internal * rates.hot * heated) + 1
    taken = float(np.max(weight * (2 * np.max(np.abs(g)) / closest) ** 2 * lasting))
    shift = (weight * g**2 * detuning / (detuning**2 + (2 / total) ** 2 + narrowest**2 / 4)).sum(axis=1)
    return taken + abs(float(duration @ (shift - rest.shift[end]))) / 2
