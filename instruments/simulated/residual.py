"""Residual coupling: what a coupler that is not quite off counts for while fluxes play."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ...physics.controls import Controls, Rates
from ...physics.network import Network

NEGLIGIBLE = 1e-3
"""Population that a residual coupling may move while fluxes play, and still count as off."""
STILL = 2e-4
"""Flux (Phi0) by which a loop may be off its rest and still count as resting: 7 kHz of a coupler near its zero."""
WEAK = 2e-3
"""Flux (Phi0) up to which a coupler's coupling may be residual: 70 kHz. Tails and crosstalk make it, pulses more."""

Trace = NDArray[np.float64]
Mask = NDArray[np.bool_]


def off(
    controls: Controls, moving: Mapping[str, Trace], rates: Rates, occupations: Trace, network: Network, link: int
) -> Mask:
    """Where the couplers of one link count as off, shape (S, its ends).

    What a residual coupling does at rest is in the rates and the shift of the rest, which goes on while neither its
    qubit nor itself is moved. A qubit that is moved, by its flux or by another coupler of its, is elsewhere among the
    modes, and a coupler that is moved is coupled by more: it is off only if it can do nothing in that time. moving: How
    far each loop is off its rest, shape (S,) (Phi0). occupations: Of the link's modes at rest.
    """
    silent = np.zeros_like(controls.coupling, np.bool_)
    first = network.couplers[link].start
    for end, node in enumerate(network.ends[link][: network.links[link].couplers]):
        loops = network.loops(node)
        weak = np.abs(moving[f"coupler {first + end}"]) <= WEAK
        moved = weak & (np.max([np.abs(moving[loop]) for loop in loops], axis=0) > STILL)
        harmless = moved.any() and _population(controls, end, moved, rates, occupations) < NEGLIGIBLE
        silent[:, end] = weak if harmless else weak & ~moved
    return silent


def _population(controls: Controls, qubit: int, moved: Mask, rates: Rates, occupations: Trace) -> float:
    """Bound of what a mode moves during `moved`: (2n + 1) times (g t)^2 or, off resonance, 4 g^2/Delta^2.

    A mode that is damped at kappa meanwhile takes what a resonance as wide as that takes, at g^2 kappa/(Delta^2 +
    kappa^2/4) for as long as it lasts.
    """
    duration = float(controls.duration[moved].sum())
    g = float(np.max(np.abs(controls.coupling[moved, qubit])))
    detuning = controls.qubit[moved, qubit][:, None] - rates.detuning - controls.mode[moved]
    damping = rates.internal + controls.load[moved]
    closest = np.hypot(np.maximum(np.min(np.abs(detuning), axis=0), 2 / duration), np.min(damping, axis=0) / 2)
    lasting = np.maximum(1.0, np.max(damping, axis=0) * duration / 4)
    # A line that is never closed off from its load does not gather heat for longer than it stores it.
    heated = np.minimum(float(controls.duration.sum()), 1 / np.min(rates.internal + controls.load, axis=0))
    hottest = occupations + rates.internal * rates.hot * heated
    return float(np.max((2 * hottest + 1) * (2 * g / closest) ** 2 * lasting))
