"""Dispersive readout: integrated echoes of qubits that may jump while the window is open; errors emerge from it.

What jumps is recorded, and is how the qubit goes on: the echo and the level at the end come from the same path. Left
out are photons that ring on in the resonator when its tone is over (the next pulse finds the qubit where it rests), and
tones to which no window listens: only a qubit that is recorded is measured.
"""

from cmath import rect
from math import tau

import numpy as np
from numpy.typing import NDArray

from ...physics import Resonator
from ...physics.controls import Rates
from .board.output import Played, Window
from .jumps import Levels, jumps


def echoes(
    levels: Levels,
    *,
    rates: Rates,
    qubit: int,
    resonator: Resonator,
    resonances: NDArray[np.float64],
    window: Window,
    tones: list[Played],
    rng: np.random.Generator,
    lead: float = 0.0,
    early: float = 0.0,
    ahead: float = 0.0,
) -> tuple[NDArray[np.complex128], Levels]:
    """Accumulated I + iQ of each shot (converter units times samples) and its level at the end, shape (shots,) each.

    levels: Of the qubit, `lead` (s) before it begins to be heard, shape (shots,). early: Part of the window before that
    (s). resonances: For each of its levels (Hz). ahead: By which the echo's phase has drifted (rad). The resonator
    follows the qubit at once; a tone at another frequency than the window's averages out.
    """
    count = len(resonances)
    if lead > 0:
        levels = jumps(levels, rates, qubit, lead, rng, count)[1]
    dwell, left = jumps(levels, rates, qubit, window.length - early, rng, count)
    if early > 0:
        dwell += jumps(left, rates, qubit, early, rng, count)[0]
    dwell /= window.length
    total = np.zeros(len(levels), complex)
    for tone in tones:
        total += dwell @ _response(resonator, resonances, window, tone, ahead)
    noise = rng.standard_normal((len(levels), 2)) @ np.array([1.0, 1j])
    return np.asarray(total * window.samples + resonator.noise * np.sqrt(window.samples) * noise), left


def _response(
    resonator: Resonator, resonances: NDArray[np.float64], window: Window, tone: Played, ahead: float
) -> NDArray[np.complex128]:
    """Mean echo of `tone` over the window for each level (converter units)."""
    frequency = tone.oscillator + tone.frequency
    arrival = tone.start + resonator.delay
    begin = max(window.start, arrival)
    end = min(window.start + window.length, arrival + tone.duration)
    overlap = max(0.0, end - begin)
    # The mean of the beat over the overlap is its value in the middle, shrunk by a sinc.
    beat = frequency - window.frequency
    turns = (
        tone.oscillator * tone.start + frequency * (window.start - arrival) + beat * ((begin + end) / 2 - window.start)
    )
    turned = rect(overlap / window.length, tone.phase + tau * turns - window.phase + resonator.phase + ahead)
    shrunk = float(np.sinc(beat * overlap)) if beat else 1.0
    mean = resonator.gain * shrunk * turned * complex(tone.envelope.mean())
    return np.asarray(mean * resonator.transmission(frequency, resonances))
