"""Mode selection: the modes of the line that one contact must follow, and what the others would have done."""

from dataclasses import dataclass, replace
from math import prod

import numpy as np
from numpy.typing import NDArray

from ...physics import NEGLIGIBLE_COUPLING, Controls, Rates
from ...physics.fock_space import mode_space
from ...physics.space import ModeSpace
from ...sequences.errors import ModelError

LARGEST = 800
"""Fock states of several modes that are followed without dropping one: seconds for a contact of one qubit."""
LARGEST_GRID = 10**6
"""Product of the modes' cutoffs (about 7 (n + 1) each) beyond which the space is not even counted."""

Trace = NDArray[np.float64]


@dataclass(frozen=True)
class ModeSelection:
    """kept: Modes that are followed, ascending. space: Their Fock states. error: Estimated population that the others
    would have moved. shift: What they shift each qubit by, shape (steps, Q) (rad/s).
    """

    kept: tuple[int, ...]
    space: ModeSpace
    error: float
    shift: Trace

    def rates(self, rates: Rates) -> Rates:
        """Of the modes kept."""
        kept = list(self.kept)
        return replace(
            rates,
            parity=rates.parity[:, kept],
            internal=rates.internal[kept],
            hot=rates.hot[kept],
            cold=rates.cold[kept],
            detuning=rates.detuning[kept],
        )

    def controls(self, controls: Controls) -> Controls:
        """Of the modes kept, and the qubits as the others shift them."""
        kept = list(self.kept)
        qubit = controls.qubit + self.shift
        return replace(controls, qubit=qubit, mode=controls.mode[:, kept], load=controls.load[:, kept])


def select_modes(controls: Controls, rates: Rates, offsets: tuple[int, ...], initial: Trace) -> ModeSelection:
    """The modes for a contact that begins with occupations `initial`: all of them, if their space can be followed.

    Otherwise the one that matters least is left out, again and again. ModelError if even one mode is too hot.
    """
    duration = float(controls.duration.sum())
    final = initial + rates.internal * (rates.hot - initial) * duration
    effect = _effect(controls, rates, np.maximum(initial, final))
    order = [int(mode) for mode in np.argsort(-effect, kind="stable")]
    # The mode that the qubits are brought to is held as well as the communication mode, whichever it is.
    beside = tuple(0 if mode == order[0] else offset for mode, offset in enumerate(offsets))
    for count in range(len(order), 0, -1):
        kept = tuple(sorted(order[:count]))
        if count > 1 and prod(7 * (final[mode] + 1) for mode in kept) > LARGEST_GRID:
            continue
        try:
            space = _space(kept, rates, beside, initial, duration)
        except ModelError:
            if count == 1:
                raise
            continue
        if count == 1 or len(space.states) <= LARGEST:
            left = order[count:]
            shift, loss = _shift(controls, rates, left, (initial + final) / 2)
            return ModeSelection(kept, space, min(1.0, float(effect[left].sum()) + loss), shift)
    raise ModelError("number of modes", len(order), "a line has at least one; give line.offsets")


def _space(kept: tuple[int, ...], rates: Rates, offsets: tuple[int, ...], initial: Trace, duration: float) -> ModeSpace:
    """Cutoffs of the modes kept; `offsets` tell which of them is the communication mode, and how far the others are."""
    few = ModeSelection(kept, ModeSpace((1,), 0), 0.0, np.zeros((0, 0))).rates(rates)
    return mode_space(initial[list(kept)], few, tuple(offsets[mode] for mode in kept), duration)


def _shift(controls: Controls, rates: Rates, modes: list[int], n: Trace) -> tuple[Trace, float]:
    """Shift of each qubit by far `modes` with mean occupations `n`, shape (steps, Q) (rad/s), and the loss of coherence
    that their fluctuation makes.

    w01 of a transmon moves by g^2 (2n + 1)/Delta - 2 g^2 n/(Delta + alpha), with Delta from the mode to the qubit:
    second order in g (Koch et al., PRA 76, 042319, 2007, section IV).
    """
    shift, loss = np.zeros_like(controls.qubit), 0.0
    on = np.abs(controls.coupling) > NEGLIGIBLE_COUPLING
    for mode in modes:
        delta = controls.qubit - rates.detuning[mode] - controls.mode[:, [mode]]
        first, second = (
            np.divide(controls.coupling**2, far, out=np.zeros_like(far), where=on)
            for far in (delta, delta + rates.anharmonicity)
        )
        shift += first * (2 * n[mode] + 1) - 2 * second * n[mode]
        # An occupation stays for a time of 1/kappa, far longer than a contact: the phase is a thermal one.
        turned = 2 * np.abs((first - second) * controls.duration[:, None]).sum(axis=0).max()
        loss += float(turned**2 * n[mode] * (n[mode] + 1)) / 4
    return shift, loss


def _effect(controls: Controls, rates: Rates, n: Trace) -> Trace:
    """Population that each mode moves in a qubit, on average over its oscillation, shape (M,).

    x / (x + Delta^2) / 2 with x = 4 g^2 (n + 1) for the 0-1 transition; for 1-2, of a qubit that is half of the time
    in 1, half of that with x = 8 g^2 (n + 1).
    """
    effect = np.zeros(n.size)
    for qubit, alpha in enumerate(rates.anharmonicity):
        on = np.abs(controls.coupling[:, qubit]) > NEGLIGIBLE_COUPLING
        delta = controls.qubit[on, qubit][:, None] - rates.detuning - controls.mode[on]
        for strength, detuning, share in ((4.0, delta, 0.5), (8.0, delta + alpha, 0.25)):
            moved = strength * controls.coupling[on, qubit][:, None] ** 2 * (n + 1)
            effect = np.maximum(effect, share * np.max(moved / (moved + detuning**2), axis=0, initial=0.0))
    return effect
