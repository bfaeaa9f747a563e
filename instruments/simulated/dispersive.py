"""Dispersive readout: integrated echoes of qubits that may jump while the window is open; errors emerge from it."""

import numpy as np
from numpy.typing import NDArray

from ...physics import Resonator
from ...physics.controls import Rates
from .board.output import Played, Window

Levels = NDArray[np.int64]


def echoes(
    levels: Levels,
    *,
    rates: Rates,
    qubit: int,
    resonator: Resonator,
    window: Window,
    tones: list[Played],
    rng: np.random.Generator,
    count: int,
) -> NDArray[np.complex128]:
    """Accumulated I + iQ of each shot (converter units times samples), shape (shots,).

    levels: Of the qubit when the window opens, shape (shots,). count: Levels that the qubit has. The resonator follows
    the qubit at once; a tone at another frequency than the window's averages out.
    """
    dwell = dwell_times(levels, rates, qubit, window.length, rng, count) / window.length
    total = np.zeros(len(levels), complex)
    for tone in tones:
        total += dwell @ _response(resonator, window, tone, count)
    noise = rng.standard_normal((len(levels), 2)) @ np.array([1.0, 1j])
    return np.asarray(total * window.samples + resonator.noise * np.sqrt(window.samples) * noise)


def _response(resonator: Resonator, window: Window, tone: Played, count: int) -> NDArray[np.complex128]:
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
    return np.asarray(share * amplitude * turned * resonator.transmission(frequency, count))


def dwell_times(
    levels: Levels, rates: Rates, qubit: int, length: float, rng: np.random.Generator, count: int
) -> NDArray[np.float64]:
    """Time that each shot spends in each level during `length` (s), shape (shots, count), by drawing its jumps."""
    up = rates.relaxation[qubit] * rates.excited[qubit] * np.arange(1, count + 1)
    up[-1] = 0.0
    down = rates.relaxation[qubit] * (1 - rates.excited[qubit]) * np.arange(count)
    now, left = levels.copy(), np.full(len(levels), length)
    dwell = np.zeros((len(levels), count))
    busy = np.arange(len(levels))
    while busy.size:
        rate = up[now[busy]] + down[now[busy]]
        stay = np.minimum(rng.standard_exponential(busy.size) / np.maximum(rate, 1e-30), left[busy])
        dwell[busy, now[busy]] += stay
        left[busy] -= stay
        climbs = rng.random(busy.size) * rate < up[now[busy]]
        now[busy] += np.where(climbs, 1, -1)
        busy = busy[left[busy] > 0]
        now = np.clip(now, 0, count - 1)
    return dwell
