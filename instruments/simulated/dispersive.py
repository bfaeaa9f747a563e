"""Dispersive readout: echoes of qubits that may jump while the window is open; errors emerge from it.

What jumps is recorded, and is how the qubit goes on: the echo and the level at the end come from the same path. Photons
that ring on when the tone is over are `ringing`'s. Left out are tones to which no window listens: only a qubit that is
recorded is measured.
"""

from collections.abc import Callable
from math import tau

import numpy as np
from numpy.typing import NDArray

from ...physics import Resonator
from ...physics.controls import Rates
from .board.loopback import integral
from .board.output import Played, Window
from .jumps import Levels, jumps

State = NDArray[np.complex128]


def answer(
    resonator: Resonator, resonances: NDArray[np.float64], window: Window, tone: Played, ahead: float, parts: int
) -> State:
    """Mean echo of `tone` in each part of the window for each level, shape (parts, levels) (converter units)."""
    frequency = tone.oscillator + tone.frequency
    arrival, step = tone.start + resonator.delay, window.length / parts
    edges = window.start + step * np.arange(parts + 1)
    begin = np.maximum(edges[:-1], arrival)
    overlap = np.maximum(np.minimum(edges[1:], arrival + tone.duration) - begin, 0.0)
    # The mean of the beat over the overlap is its value in the middle, shrunk by a sinc.
    beat = frequency - window.frequency
    turns = (
        tone.oscillator * tone.start
        + frequency * (window.start - arrival)
        + beat * (begin + overlap / 2 - window.start)
    )
    turned = np.exp(1j * (tone.phase + tau * turns - window.phase + resonator.phase + ahead))
    held = np.diff(integral(tone, edges - arrival)) / step
    mean = resonator.gain * np.sinc(beat * overlap) * turned * held
    return np.asarray(mean[:, None] * resonator.transmission(frequency, resonances))


Answer = Callable[[Resonator, NDArray[np.float64], Window, Played, float, int], State]


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
    parts: int = 1,
    answer: Answer = answer,
) -> tuple[State, Levels]:
    """I + iQ of each shot, summed over each of equal `parts` of the window, shape (shots, parts) (converter units).

    Second: level of each shot at the end, shape (shots,).

    levels: Of the qubit, `lead` (s) before it begins to be heard, shape (shots,). early: Part of the window before that
    (s). resonances: For each of its levels (Hz). ahead: By which the echo's phase has drifted (rad). answer: Of the
    resonator to a tone, which somebody may remember. The resonator follows the qubit at once; a tone at another
    frequency than the window's averages out.
    """
    count = len(resonances)
    if lead > 0:
        levels = jumps(levels, rates, qubit, lead, rng, count)[1]
    dwell, left = jumps(levels, rates, qubit, window.length - early, rng, count, early=early, parts=parts)
    samples = window.samples / parts
    total = resonator.noise * np.sqrt(samples) * rng.standard_normal((len(levels), 2 * parts)).view(np.complex128)
    time = np.diff(np.linspace(0.0, window.length, parts + 1).clip(early))
    for tone in tones:
        heard = samples * answer(resonator, resonances, window, tone, ahead, parts)
        # Of a part that is over before the qubit is heard, there is no tone.
        heard = np.divide(heard, time[:, None], out=np.zeros_like(heard), where=time[:, None] > 0)
        total += (dwell.swapaxes(0, 1) @ heard[:, :, None])[:, :, 0].T
    return total, left
