"""Waveform: what a node's flux lines and the load's line play in several contacts, as constant steps for a model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from ..physics.flux_filter import REACH
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

    def arriving(self, coupler: float, flux: float, load: float) -> "Waveform":
        """As the chip feels it behind Gaussian filters of these sigmas (s), which answer before and after a change.

        Longer by what comes after its end. What the filters smear is cut into finer steps, each with its exact mean.
        """
        widest = max(coupler, flux, load)
        if not widest:
            return self
        whole = self.then(hold(REACH * widest, self.load[-1], self.duration.shape[1]))
        parent, fine = whole._divided(REACH * widest, 2 * widest)
        return Waveform(
            duration=fine,
            coupler=_smeared(whole.coupler, whole.duration, parent, fine, coupler),
            flux=_smeared(whole.flux, whole.duration, parent, fine, flux),
            load=_smeared(whole.load, whole.duration, parent, fine, load),
        )

    def _divided(self, reach: float, longest: float) -> tuple[NDArray[np.int64], Array]:
        """Steps that lie within `reach` (s) of a change, cut until none is longer than `longest` (s).

        The step that each one belongs to, shape (T,), and its duration, shape (T, P).
        """
        edges = _edges(self.duration)
        played = np.concatenate([self.coupler, self.flux, self.load], axis=1)
        change = edges[1:-1][(np.diff(played, axis=0) != 0).any(axis=1)]
        begin, end = edges[:-1, None] - reach, edges[1:, None] + reach
        near = ((begin < change) & (change < end)).any(axis=(1, 2))
        pieces = np.where(near, np.ceil(self.duration.max(axis=1) / longest), 1).astype(np.int64).clip(1)
        parent = np.repeat(np.arange(len(pieces)), pieces)
        return parent, self.duration[parent] / pieces[parent, None]


def _edges(duration: Array) -> Array:
    return np.concatenate([np.zeros((1, duration.shape[1])), np.cumsum(duration, axis=0)])


def _smeared(values: Array, duration: Array, parent: NDArray[np.int64], fine: Array, sigma: float) -> Array:
    """Means over `fine` steps of `values`, held for `duration` each, behind a Gaussian: the integral of its steps."""
    held = values[parent]
    changing = (np.diff(values, axis=0) != 0).any(axis=1)
    if not sigma or not changing.any():
        return held
    change, height = _edges(duration)[1:-1][changing], np.diff(values, axis=0)[changing]
    late = (_edges(fine)[:, None] - change) / sigma
    ramps = sigma * (late * ndtr(late) + np.exp(-(late**2) / 2) / np.sqrt(2 * np.pi))
    total = np.diff((height * ramps).sum(axis=1), axis=0)
    means = values[0] + np.divide(total, fine, out=held - values[0], where=fine > 0)
    # Far from all changes nothing is left but rounding.
    near = (np.abs(late[:-1]) < REACH) | (np.abs(late[1:]) < REACH)
    return np.asarray(np.where(near.any(axis=1), means, held))


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
