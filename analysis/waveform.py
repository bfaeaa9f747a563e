"""Waveform: what a node's flux lines and the load's line play in several contacts, as constant steps for a model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..sequences.envelope import FlatTop
from ..sequences.link import Transfer
from ..sequences.sweep import resolved
from ..sequences.units import ns

Array = NDArray[np.float64]
EDGE = 8
"""Steps of an edge."""
LONGEST = 2 * ns
"""Longest step while a coupler is on (s)."""
LONGEST_REST = 5 * ns
"""Longest step while it is off (s)."""


@dataclass(frozen=True, kw_only=True)
class Waveform:
    """P contacts in S steps, all fields of shape (S, P).

    duration: (s). coupler, flux, load: Fractions of full scale of the coupler's, the qubit's and the load's pulses.
    """

    duration: Array
    coupler: Array
    flux: Array
    load: Array

    def then(self, other: "Waveform") -> "Waveform":
        """This and then `other`."""
        return Waveform(
            duration=np.concatenate([self.duration, other.duration]),
            coupler=np.concatenate([self.coupler, other.coupler]),
            flux=np.concatenate([self.flux, other.flux]),
            load=np.concatenate([self.load, other.load]),
        )


def ramp(begin: ArrayLike, end: ArrayLike, duration: float, sample: float, count: int) -> Waveform:
    """The load's pulse on its way from one fraction to another (scalar, or of each contact) within `duration` (s).

    sample: Of the load's generator (s), so long that the ramp is a stair of a few steps.
    """
    first, last = (np.broadcast_to(np.asarray(level, dtype=np.float64), (count,)) for level in (begin, end))
    steps = max(1, round(duration / sample))
    load = first + (last - first) * _rising(steps)[:, None]
    return _off(np.full((steps, count), duration / steps), load)


def hold(duration: ArrayLike, load: ArrayLike, count: int) -> Waveform:
    """A rest of `duration` (s) with the load's pulse at the fraction `load` (scalars, or of each contact)."""
    lengths, level = (np.broadcast_to(np.asarray(value, dtype=np.float64), (count,)) for value in (duration, load))
    steps = max(1, int(np.ceil(lengths.max() / LONGEST_REST)))
    whole = np.ones((steps, 1))
    return _off(whole * lengths / steps, whole * level)


def meeting(transfers: Sequence[Transfer], load: ArrayLike) -> Waveform:
    """Each contact plays its own of `transfers`, all with the same edges, the load's pulse at the fraction `load`."""
    lengths = np.array([resolved(transfer.coupler.duration) for transfer in transfers])
    rise = _rise(transfers[0])
    flat = np.maximum(lengths - 2 * rise, 0.0)
    steps = max(1, int(np.ceil(flat.max() / LONGEST)))
    edge = np.full((EDGE, len(lengths)), rise / EDGE)
    duration = np.concatenate([edge, np.ones((steps, 1)) * flat / steps, edge])
    shape = np.concatenate([_rising(EDGE), np.ones(steps), _rising(EDGE)[::-1]])[:, None]
    return Waveform(
        duration=duration,
        coupler=shape * [resolved(transfer.coupler.amplitude) for transfer in transfers],
        flux=shape * [resolved(transfer.compensation.amplitude) for transfer in transfers],
        load=np.ones_like(duration) * np.asarray(load, dtype=np.float64),
    )


def _off(duration: Array, load: Array) -> Waveform:
    return Waveform(duration=duration, coupler=np.zeros_like(load), flux=np.zeros_like(load), load=load)


def _rising(steps: int) -> Array:
    """A raised cosine's edge in the middle of its steps."""
    return np.asarray(np.sin(np.pi / 2 * (np.arange(steps) + 0.5) / steps) ** 2)


def _rise(transfer: Transfer) -> float:
    envelope = transfer.coupler.envelope
    return envelope.rise if isinstance(envelope, FlatTop) else 0.0
