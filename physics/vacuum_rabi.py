"""Vacuum Rabi oscillation of one two-level qubit with one mode that is lossy and heated while it goes on."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ..sequences.errors import ModelError
from .check import shaped, whole

Real = NDArray[np.float64]
State = tuple[Real, Real, NDArray[np.complex128]]
SHARE = 0.5
"""Largest part of the top Fock state that may decay in a step of the second order."""
MISSED = 0.1
"""Part of the mode above the cutoff with which the result means nothing."""
Part = TypeVar("Part", Real, NDArray[np.complex128])


@dataclass(frozen=True, kw_only=True)
class Contact:
    """What P contacts of a qubit with the mode consist of, S constant steps each, all fields of shape (S, P).

    duration: Of a step (s). detuning: Qubit minus mode (rad/s). coupling: g (rad/s). load: kappa_L (1/s).
    """

    duration: Real
    detuning: Real
    coupling: Real
    load: Real

    def __post_init__(self) -> None:
        shape = np.shape(self.duration)
        if len(shape) != 2:
            raise ModelError("shape of duration", shape, "(steps, contacts) is needed")
        shaped(shape, duration=self.duration, detuning=self.detuning, coupling=self.coupling, load=self.load)


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Baths of the qubit and of the mode, rates in 1/s.

    internal, heating: kappa_i and kappa_i n_h. cold: Occupation behind kappa_L. relaxation: 1/T1. dephasing: 1/T_phi.
    excited: Population of the qubit in equilibrium.
    """

    internal: float
    heating: float
    cold: float
    relaxation: float
    dephasing: float
    excited: float


def excited_population(contact: Contact, around: Surroundings, *, start: Real, occupation: Real, cutoff: int) -> Real:
    """Population of the excited qubit after each contact, shape (P,).

    H = detuning b+b + g (b c+ + b+ c); D[c] at kappa_i + heating + kappa_L (n_c + 1) and D[c+] at heating + kappa_L
    n_c; D[b] at relaxation (1 - excited), D[b+] at relaxation excited, the coherence decaying at dephasing besides.
    start: Excited population before, shape (P,). occupation: Of the thermal mode before, shape (P,). cutoff: Fock
    states kept: what the mode's tail (n/(1 + n))^cutoff holds is missing; ModelError if that is a tenth.

    On resonance and without any rate it is sum_k p_k [(1 - start) sin^2(g sqrt(k) t) + start cos^2(g sqrt(k + 1) t)]
    with p_k = n^k/(1 + n)^(k + 1). Rotation and dissipation are split symmetrically: while the coupling is on, a
    step must be short against the rates and g, not against the detuning.
    """
    whole("cutoff", cutoff)
    shaped(contact.duration.shape[1:], start=start, occupation=occupation)
    _check_cutoff(float(occupation.max() + around.heating * contact.duration.sum(axis=0).max()), cutoff)
    baths = _Baths(around, cutoff)
    thermal = (occupation / (1 + occupation))[:, None] ** np.arange(cutoff)
    thermal /= thermal.sum(axis=1, keepdims=True)
    state: State = (
        (1 - start)[:, None] * thermal,
        start[:, None] * thermal,
        np.zeros((len(start), cutoff), complex),
    )
    nothing = np.zeros(len(start))
    before, loaded = nothing, nothing
    for duration, detuning, g, load in zip(
        contact.duration, contact.detuning, contact.coupling, contact.load, strict=True
    ):
        # The second half of a step's dissipation and the first of the next are one.
        state = baths.act(state, before + duration / 2, loaded + load * duration / 2)
        state = _rotate(state, duration, detuning, g)
        before, loaded = duration / 2, load * duration / 2
    return np.asarray(baths.act(state, before, loaded)[1].sum(axis=1))


def _check_cutoff(warmest: float, cutoff: int) -> None:
    """ModelError where so many Fock states cannot hold a mode that gets so warm (photons)."""
    ratio = warmest / (1 + warmest)
    if not ratio**cutoff <= MISSED:
        needed = int(np.ceil(np.log(1e-4) / np.log(ratio)))
        why = f"the mode gets up to {warmest:.3g} photons, of which {ratio**cutoff:.0%} lie above; take {needed}"
        raise ModelError("cutoff", cutoff, why)


def _rotate(state: State, duration: Real, detuning: Real, coupling: Real) -> State:
    """exp(-iHt) on each pair |g n>, |e n-1>; the coherence is <e n-1| rho |g n> at place n."""
    ground, excited, coherence = state
    delta, g = detuning[:, None], coupling[:, None] * np.sqrt(np.arange(1, ground.shape[1]))
    rabi = np.sqrt(4 * g**2 + delta**2) + 1e-3
    turn = rabi * duration[:, None] / 2
    kept = np.cos(turn) + 1j * delta / rabi * np.sin(turn)
    moved = 2 * g / rabi * np.sin(turn)
    low, high, cross = ground[:, 1:], excited[:, :-1], coherence[:, 1:]
    flow = moved**2 * (high - low) + 2 * (-1j * moved * kept.conj() * cross).real
    turned = -1j * moved * kept.conj() * (low - high) + moved**2 * cross.conj() + kept.conj() ** 2 * cross
    return (
        np.concatenate([ground[:, :1], low + flow], axis=1),
        np.concatenate([high - flow, excited[:, -1:]], axis=1),
        np.concatenate([coherence[:, :1], turned], axis=1),
    )


class _Baths:
    """Dissipation of qubit and mode on the three parts of a state."""

    def __init__(self, around: Surroundings, cutoff: int) -> None:
        self.around, self.cutoff = around, cutoff
        n = np.arange(cutoff, dtype=np.float64)
        shifted = np.zeros((2, cutoff, cutoff))
        shifted[:, 1:, 1:] = _ladders(n[1:], n[:-1])
        # Transposed: states are rows.
        self.populations, self.coherences = _ladders(n, n).transpose(0, 2, 1), shifted.transpose(0, 2, 1)

    def act(self, state: State, duration: Real, loaded: Real) -> State:
        """For `duration` (s), with the load's kappa_L integrated over it, both of shape (P,)."""
        around = self.around
        rate = (around.internal + 2 * around.heating) * duration + (1 + 2 * around.cold) * loaded
        strongest = self.cutoff * float(rate.max())
        pieces = max(1, int(np.ceil(strongest / SHARE)))
        for _ in range(pieces):
            state = self._piece(state, duration / pieces, loaded / pieces)
        return state

    def _piece(self, state: State, duration: Real, loaded: Real) -> State:
        around = self.around
        emitted = (around.internal * duration + loaded)[:, None]
        heated = (around.heating * duration + around.cold * loaded)[:, None]
        ground, excited = (_second_order(part, self.populations, emitted, heated) for part in state[:2])
        coherence = _second_order(state[2], self.coherences, emitted, heated)
        decay = np.exp(-around.relaxation * duration)[:, None]
        equilibrium = around.excited * (ground + excited)
        relaxed = equilibrium + (excited - equilibrium) * decay
        slow = np.sqrt(decay) * np.exp(-around.dephasing * duration)[:, None]
        return ground + excited - relaxed, relaxed, np.asarray(coherence * slow)


def _second_order(part: Part, ladders: Real, emitted: Real, heated: Real) -> Part:
    first = emitted * (part @ ladders[0]) + heated * (part @ ladders[1])
    second = emitted * (first @ ladders[0]) + heated * (first @ ladders[1])
    total: Part = part + first + second / 2
    return total


def _ladders(row: Real, column: Real) -> Real:
    """D[c], and D[c] + D[c+], on the chain of elements <row| rho |column>, c+ |top> = 0, shape (2, N, N)."""
    raised = (row + column) / 2 + 1.0
    raised[-1] = (column[-1] + 1.0) / 2 if column[-1] < row[-1] else 0.0
    hop = np.sqrt(row[1:] * column[1:])
    lowering = np.diag(-(row + column) / 2) + np.diag(hop, 1)
    return np.stack([lowering, lowering - np.diag(raised) + np.diag(hop, -1)])
