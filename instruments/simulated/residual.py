"""Residual coupling: what a coupler that is not quite off counts for while fluxes play."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ...physics.controls import Controls, Rates
from ...physics.resting_contact import RestingContact

NEGLIGIBLE = 1e-3
"""Population that a residual coupling may move while fluxes play, and still count as off."""
STILL = 2e-4
"""Flux (Phi0) by which a loop may be off its rest and still count as resting: 7 kHz of a coupler near its zero."""
WEAK = 2e-3
"""Flux (Phi0) up to which a coupler's coupling may be residual: 70 kHz. Tails and crosstalk make it, pulses more."""

Trace = NDArray[np.float64]
Mask = NDArray[np.bool_]


def without_residuals(controls: Controls, off: Mapping[str, Trace], rates: Rates, rest: RestingContact) -> Controls:
    """`controls` in which residual couplings are off.

    What they do at rest is in the rates and the shift of `rest`, which goes on while neither their qubit nor they are
    moved. A qubit that is moved is elsewhere among the modes, and a coupler that is moved is coupled by more: it is off
    only if it can do nothing in that time. off: How far each loop is off its rest, shape (S,) (Phi0).
    """
    silent = np.zeros_like(controls.coupling, np.bool_)
    for qubit in range(controls.coupling.shape[1]):
        coupler, loop = np.abs(off[f"coupler {qubit}"]), np.abs(off[f"flux {qubit}"])
        weak = coupler <= WEAK
        moved = weak & ((coupler > STILL) | (loop > STILL))
        harmless = moved.any() and _population(controls, qubit, moved, rates, rest) < NEGLIGIBLE
        silent[:, qubit] = weak if harmless else weak & ~moved
    return replace(
        controls,
        coupling=np.where(silent, 0.0, controls.coupling),
        qubit=controls.qubit + np.where(silent, rest.shift, 0.0),
    )


def _population(controls: Controls, qubit: int, moved: Mask, rates: Rates, rest: RestingContact) -> float:
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
    hottest = rest.occupations + rates.internal * rates.hot * float(controls.duration.sum())
    return float(np.max((2 * hottest + 1) * (2 * g / closest) ** 2 * lasting))
