"""Dispersive readout: integrated echoes of qubits that may jump while the window is open; errors emerge from it.

What jumps is recorded, and is how the qubit goes on: the echo and the level at the end come from the same path. Left
out are photons that ring on in the resonator when its tone is over: the next pulse finds the qubit where it rests.
"""

import numpy as np
from numpy.typing import NDArray

from ...physics import Resonator
from ...physics.controls import Rates
from .board.output import Played, Window

Levels = NDArray[np.int64]
MOST_JUMPS = 300
"""Of a qubit in strong contact with the line, during one readout: with more, each shot sees the mean all the same."""


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
) -> tuple[NDArray[np.complex128], Levels]:
    """Accumulated I + iQ of each shot (converter units times samples) and its level at the end, shape (shots,) each.

    levels: Of the qubit, `lead` (s) before it begins to be heard, shape (shots,). early: Part of the window before that
    (s). resonances: For each of its levels (Hz). The resonator follows the qubit at once; a tone at another frequency
    than the window's averages out.
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
        total += dwell @ _response(resonator, resonances, window, tone)
    noise = rng.standard_normal((len(levels), 2)) @ np.array([1.0, 1j])
    return np.asarray(total * window.samples + resonator.noise * np.sqrt(window.samples) * noise), left


def _response(
    resonator: Resonator, resonances: NDArray[np.float64], window: Window, tone: Played
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
    turned = np.exp(1j * (tone.phase + 2 * np.pi * turns - window.phase + resonator.phase))
    share = overlap / window.length * np.sinc(beat * overlap)
    amplitude = resonator.gain * tone.envelope.mean()
    return np.asarray(share * amplitude * turned * resonator.transmission(frequency, resonances))


def jumps(
    levels: Levels, rates: Rates, qubit: int, length: float, rng: np.random.Generator, count: int
) -> tuple[NDArray[np.float64], Levels]:
    """Time that each shot spends in each level during `length` (s), shape (shots, count), by drawing its jumps.

    Second: the level at the end, shape (shots,).
    """
    up, down = _jump_rates(rates, qubit, length, count)
    now, left = levels.copy(), np.full(len(levels), length)
    dwell = np.zeros((len(levels), count))
    busy = np.arange(len(levels))
    while busy.size:
        rate = up[now[busy]] + down[now[busy]]
        stay = np.minimum(rng.standard_exponential(busy.size) / np.maximum(rate, 1e-30), left[busy])
        dwell[busy, now[busy]] += stay
        left[busy] -= stay
        climbs = rng.random(busy.size) * rate < up[now[busy]]
        busy, climbs = busy[left[busy] > 0], climbs[left[busy] > 0]
        now[busy] += np.where(climbs, 1, -1)
    return dwell, now


def _jump_rates(rates: Rates, qubit: int, length: float, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rates up and down from each level (1/s), but not more than `MOST_JUMPS` in `length` (s)."""
    up = rates.relaxation[qubit] * rates.excited[qubit] * np.arange(1, count + 1)
    up[-1] = 0.0
    down = rates.relaxation[qubit] * (1 - rates.excited[qubit]) * np.arange(count)
    slower = min(1.0, MOST_JUMPS / (length * float(np.max(up + down))))
    return up * slower, down * slower
