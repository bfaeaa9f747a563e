"""Ringing: photons that stay in a readout's resonator when its tone is over, and what they do to the qubit.

A field of n photons that decays at kappa detunes the qubit by the pull chi' = 2 pi (f_1 - f_0) of the resonator with
each. A pulse that makes a superposition of the qubit that was read, at a time s, makes two fields of one, which turn
apart; the coherence then obeys (Gambetta et al., PRA 74, 042318, 2006, with the drive off)

    d ln rho_10/dt = -i chi' alpha_1 alpha_0*,     alpha_1 alpha_0* = n(s) e^{-(kappa + i chi')(t - s)}

Left out: that a second pulse exchanges the two fields, that the third level has a pull of its own, and what rings on
from one repetition to the next.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...physics.device import TWO_PI
from .board.output import Played
from .trial import Trial, heard
from .truth import Truth

Trace = NDArray[np.float64]
FAINT = 1e-6
"""Phase (rad) below which what is left of a field counts as nothing."""


@dataclass(frozen=True)
class Ringing:
    """One field in the resonator of one qubit.

    start: End of the tone (s). photons: Then. pull: Of the resonator by the qubit's excitation (rad/s). loss: kappa
    (1/s). split: When a pulse splits the field (s).
    """

    start: float
    photons: float
    pull: float
    loss: float
    split: float

    def over(self, time: float) -> bool:
        """Whether nothing of it matters from `time` (s) on."""
        left = self.photons * np.exp(-self.loss * max(0.0, time - self.start))
        return bool(left * abs(self.pull) / self.loss < FAINT)

    def logarithm(self, edges: Trace) -> NDArray[np.complex128]:
        """Of the factor by which rho_10 goes between neighbouring `edges` (s), ascending, shape (len(edges) - 1,)."""
        return np.asarray(np.diff([self._since(float(edge)) for edge in edges]))

    def _since(self, time: float) -> complex:
        """The same from the start to `time` (s)."""
        whole = max(0.0, min(time, self.split) - self.start)
        turned = -1j * self.pull * self.photons * -np.expm1(-self.loss * whole) / self.loss
        if time <= max(self.split, self.start):
            return complex(turned)
        rate, apart = self.loss + 1j * self.pull, time - max(self.split, self.start)
        left = self.photons * np.exp(-self.loss * whole)
        return complex(turned + -1j * self.pull * left * -np.expm1(-rate * apart) / rate)


def faded(logarithm: complex, levels: int) -> NDArray[np.complex128]:
    """Factors of a qubit's matrix flattened, of whose neighbouring levels e to the real part of this is left."""
    number = np.arange(levels)
    return np.asarray(np.exp(logarithm.real * (number[:, None] - number) ** 2).ravel(), complex)


def rings_for(truth: Truth) -> float:
    """How long a field of full scale may matter (s)."""
    return max(
        (np.log(max(1.0, one.photons / FAINT)) / (TWO_PI * one.linewidth) for one in truth.resonators), default=0.0
    )


def ringing(
    trials: Iterable[Trial],
    played: Iterable[Played],
    truth: Truth,
    resonances: Mapping[int, Trace],
    drives: Mapping[int, list[Played]],
) -> dict[int, tuple[Ringing, ...]]:
    """What the tones of `trials` leave in the resonator of each qubit.

    resonances: Of each qubit's levels (Hz). drives: Of each qubit, in order of time.
    """
    tones = [wave for wave in played if truth.generators.get(wave.generator) == "tones"]
    found: dict[int, dict[tuple[float, int], Ringing]] = {}
    for trial in trials:
        for window in trial.windows:
            qubit = truth.readouts[window.readout]
            resonator, levels = truth.resonators[qubit], resonances[qubit]
            for place, tone in enumerate(tones):
                if not resonator.photons or not heard([tone], window, resonator.delay):
                    continue
                reached = np.abs(resonator.transmission(tone.oscillator + tone.frequency, levels[:2])) ** 2
                photons = resonator.photons * float(np.abs(tone.envelope[-1]) ** 2 * reached.mean())
                later = [wave for wave in drives[qubit] if wave.start >= trial.start]
                split = later[0].start + later[0].duration / 2 if later else np.inf
                pull, end = TWO_PI * float(levels[1] - levels[0]), tone.start + tone.duration
                ring = Ringing(end, photons, pull, TWO_PI * resonator.linewidth, split)
                found.setdefault(qubit, {}).setdefault((end, place), ring)
    return {qubit: tuple(rings.values()) for qubit, rings in found.items()}
