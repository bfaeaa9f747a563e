"""History: what both nodes hold, and the field between them, while a photon passes."""

from dataclasses import dataclass

import numpy as np

from .cascade import Cascade
from .photon import Real
from .qutrit import Matrix


@dataclass(frozen=True, kw_only=True)
class History:
    """Means at T times, node A first.

    time: Retarded: the common clock for A, the common clock less the delay for B, (T,) (s).
    populations: Of g, e, f, (2, 3, T). photons: In each resonator, (2, T).
    emitted: Field that leaves A, sqrt(kappa_A) <a_A>, (T,) (sqrt(1/s)): -i phi(t) rho_eg for the coherence rho_eg of
        the qubit sent, if the drive is right. left: Field that B does not catch, sqrt(1 - loss) e^(i phase) times
        `emitted` plus sqrt(kappa_B) <a_B>, (T,) (sqrt(1/s)).
    """

    time: Real
    populations: Real
    photons: Real
    emitted: Matrix
    left: Matrix


def history(cascade: Cascade, time: Real, rho: Matrix) -> History:
    """Means of the joint states rho (T, d, d)."""
    states = rho.reshape(len(rho), 3, 3, len(cascade.numbers), 3, 3, len(cascade.numbers))
    populations = np.einsum("tabnabn->tabn", states).real
    photonic = np.einsum("tabmabn->tmn", states)
    first, second = (np.einsum("ij,tji->t", a, photonic) for a in cascade.lowering)
    line, a, b = cascade.waveguide, cascade.a.resonator, cascade.b.resonator
    emitted = np.sqrt(a.kappa) * first
    return History(
        time=time,
        populations=np.stack([populations.sum(axis=(2, 3)).T, populations.sum(axis=(1, 3)).T]),
        photons=np.einsum("tabn,nm->mt", populations, cascade.numbers),
        emitted=emitted,
        left=np.sqrt(1 - line.loss) * np.exp(1j * line.phase) * emitted + np.sqrt(b.kappa) * second,
    )
