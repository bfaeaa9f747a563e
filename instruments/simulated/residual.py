"""Residual coupling: what a coupler whose generator is silent counts for while fluxes play."""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from ...physics.controls import Controls, Rates
from ...physics.network import Network

NEGLIGIBLE = 1e-3
"""Population that a silent coupler may move while a flux pulse holds its qubit elsewhere, and still count as off."""

Trace = NDArray[np.float64]
Mask = NDArray[np.bool_]


def off(
    controls: Controls, fractions: Mapping[str, Trace], rates: Rates, occupations: Trace, network: Network, link: int
) -> Mask:
    """Where the couplers of one link count as off, shape (S, its ends).

    What a silent coupler does at rest is in the rates and the shift of the rest, which goes on while its qubit is not
    moved. A qubit that is moved, by its flux or by another coupler of its, is elsewhere among the modes: there its
    coupler is off only if it can do nothing in that time. fractions: Of full scale on each flux line that plays, shape
    (S,). occupations: Of the link's modes at rest.
    """
    silent = np.zeros_like(controls.coupling, np.bool_)
    first = network.couplers[link].start
    for end, node in enumerate(network.ends[link]):
        others = {f"coupler {network.couplers[k].start + place}" for k, place in network.places[node]}
        still = _silent(fractions, (f"coupler {first + end}",), controls)
        moved = still & ~_silent(fractions, {f"flux {node}"} | others, controls)
        harmless = moved.any() and _population(controls, end, moved, rates, occupations) < NEGLIGIBLE
        silent[:, end] = still if harmless else still & ~moved
    return silent


def _silent(fractions: Mapping[str, Trace], lines: Iterable[str], controls: Controls) -> Mask:
    """Where none of `lines` plays."""
    quiet = [fractions[line] == 0 for line in lines if line in fractions]
    return np.asarray(np.logical_and.reduce([np.ones_like(controls.duration, np.bool_), *quiet]))


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
    hottest = occupations + rates.internal * rates.hot * float(controls.duration.sum())
    return float(np.max((2 * hottest + 1) * (2 * g / closest) ** 2 * lasting))
