"""The core of axis_signal_gen_v6, sample for sample: integer arithmetic, periodic waves, the value held afterwards.

The DDS table is that of the reference records, cos and sin rounded from 32766 at 32 bits of phase; the vendor's
encrypted DDS rounds and dithers differently, which cannot be known off-board.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .clock import signed
from .generators import DDS, INPUT, PRODUCT

WIDTH: Final = 16
"""Samples in a fabric cycle."""
LATENCY: Final = 29
"""Fabric cycles from the push of a wave into an idle core to its first sample."""
AMPLITUDE: Final = 32766


@dataclass(frozen=True, kw_only=True)
class CoreWave:
    """One word of the core's queue.

    push: Fabric cycle. freq, phase: 2^-32 turns (per sample). address: In words of 16 samples. length: Fabric cycles.
    conf: [1:0] product, dds, input, zero; [2] periodic; [3] zero afterwards, else the last value; [4] phase reset.
    """

    push: int
    freq: int
    phase: int
    address: int
    gain: int
    length: int
    conf: int


def samples(
    waves: Sequence[CoreWave], memory: NDArray[np.int16], *, first: int, last: int, origin: int
) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
    """Converter samples of cycles first .. last, shape (cycles, 16), and in which of them a wave plays.

    memory: Envelope, shape (n, 2). origin: Cycle at which the phase of waves without reset is zero.
    """
    out = np.zeros((last - first + 1, WIDTH), np.int16)
    playing = np.zeros(len(out), np.bool_)
    end = first
    for n, wave in enumerate(waves):
        start = max(wave.push + LATENCY, end)
        end = start + wave.length
        if wave.conf & 4:
            following = waves[n + 1].push + LATENCY if n + 1 < len(waves) else last + 1
            end = start + wave.length * max(1, -(-(following - start) // wave.length))
        origin = start if wave.conf >> 4 & 1 else origin
        body = _play(wave, memory, np.arange(start, end), start, origin)
        _place(out, body, start - first)
        playing[max(start - first, 0) : max(end - first, 0)] = True
        # The core's register that holds the last value lags by one cycle.
        out[max(end - first, 0) :] = 0 if wave.conf & 8 else body[-2, -1]
    return out, playing


def _play(
    wave: CoreWave, memory: NDArray[np.int16], cycles: NDArray[np.int64], start: int, origin: int
) -> NDArray[np.int16]:
    """Samples of one wave, shape (cycles, 16); arithmetic wraps and shifts as the core's does."""
    column = np.arange(WIDTH)
    address = (wave.address + (cycles - start) % wave.length)[:, None] * WIDTH + column
    stored: NDArray[np.int64] = np.zeros((*address.shape, 2), np.int64)
    inside = address < len(memory)
    stored[inside] = memory[address[inside]]
    advance = ((cycles - origin)[:, None] * WIDTH + column) * wave.freq
    angle = 2 * np.pi * ((advance + wave.phase) & 0xFFFFFFFF) / 2**32
    cos: NDArray[np.int64] = np.floor(AMPLITUDE * np.cos(angle) + 0.5).astype(np.int64)
    sin: NDArray[np.int64] = np.floor(AMPLITUDE * np.sin(angle) + 0.5).astype(np.int64)
    mixed: NDArray[np.int64] = stored[..., 0] * cos - stored[..., 1] * sin
    sources = {PRODUCT: mixed >> 16, DDS: cos, INPUT: stored[..., 0]}
    value: NDArray[np.int64] = sources.get(wave.conf & 3, np.zeros_like(cos)).astype(np.int16).astype(np.int64)
    scaled: NDArray[np.int16] = (value * signed(wave.gain, 16) >> 15).astype(np.int16)
    return scaled


def _place(out: NDArray[np.int16], body: NDArray[np.int16], at: int) -> None:
    """Copy `body` to rows from `at` on, as far as `out` reaches."""
    skip = max(-at, 0)
    stop = min(at + len(body), len(out))
    if stop > at + skip:
        out[at + skip : stop] = body[skip : stop - at]
