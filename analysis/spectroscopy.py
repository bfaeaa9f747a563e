"""Spectroscopy: a qubit's frequency from how a long weak drive excites it."""

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..sequences.errors import FitRejected
from ..sequences.units import MHz
from .bootstrap import Measured
from .least_squares import Guess, fitted
from .trace import Trace

Array = NDArray[np.float64]
_LEAST: Final = 8.0
"""Height of all points of the line together over their error, below which it may be noise."""
_LEFT_OUT: Final = 0.03
"""Of the height: what the model, a qubit of two levels, leaves out."""
_SHIFT: Final = 0.01
"""Of the Rabi frequency squared over 1 MHz: the higher levels' pull on the line (MHz)."""
_HINT: Final = "scan a wider range, or drive with another power"


@dataclass(frozen=True, kw_only=True)
class Drive:
    """What is believed of the drive and the qubit. rabi: (Hz). duration: (s). t1, t2: Of the qubit (s)."""

    rabi: float
    duration: float
    t1: float
    t2: float


@dataclass(frozen=True, kw_only=True)
class Line:
    """frequency: Of the qubit (Hz). rabi: Of the drive (Hz). chi2: Per degree of freedom."""

    frequency: Measured
    rabi: Measured
    traces: tuple[Trace, ...]
    chi2: float


def fit_line(frequency: Array, read: Array, error: Array, drive: Drive, title: str = "qubit spectroscopy") -> Line:
    """Line in `read` (ADC, of either sign) at `frequency` (Hz), shape (N,), behind square pulses of `drive`.

    The model solves the Bloch equations, so that the line's fringes are part of it. FitRejected if no line stands out
    inside of the range.
    """
    middle = float(frequency.mean())
    x = (frequency - middle) / MHz
    start, height = _start(x, read, error, drive)

    def model(at: Array, *, centre: float, rabi: float, height: float, offset: float) -> Array:
        return offset + height * excited(at - centre, rabi, drive)

    inside = (float(x.min()), float(x.max()))
    believed = drive.rabi / MHz
    guesses = {
        "centre": Guess(value=start["centre"], low=inside[0], high=inside[1]),
        "rabi": Guess(value=start["rabi"], low=0.1 * believed, high=2.5 * believed),
        "height": Guess(value=start["height"]),
        "offset": Guess(value=start["offset"]),
    }
    fit = fitted(model, x, read, np.hypot(error, _LEFT_OUT * abs(height)), guesses, title, hint=_HINT)
    stands_out = float(np.linalg.norm((model(x, **fit.numbers) - fit["offset"].value) / error))
    if not stands_out > _LEAST:
        raise FitRejected(f"{title}: the line is {stands_out:.3g} standard errors high, {_LEAST:g} is least", _HINT)
    width = fit["rabi"].value
    if not inside[0] + width < fit["centre"].value < inside[1] - width:
        at = middle / 1e9 + fit["centre"].value / 1e3
        raise FitRejected(f"{title}: the line at {at:.6g} GHz lies at the edge of the scan", _HINT)
    trace = Trace.through(
        lambda fine: model((fine - middle) / MHz, **fit.numbers),
        x=frequency,
        read=read,
        error=error,
        title=title,
        x_name="drive",
        x_unit="Hz",
        y_name="echo",
        y_unit="ADC",
    )
    centre = Measured(middle + fit["centre"].value * MHz, float(np.hypot(fit["centre"].error, _SHIFT * width**2)) * MHz)
    rabi = Measured(width * MHz, fit["rabi"].error * MHz)
    return Line(frequency=centre, rabi=rabi, traces=(trace,), chi2=fit.chi2)


def excited(detuning: Array, rabi: float, drive: Drive) -> Array:
    """Population behind a square pulse of `rabi` at `detuning` (both MHz, shape (N,)), from the ground state.

    Bloch: dx/dt = -x/T2 - D y, dy/dt = D x - y/T2 - W z, dz/dt = W y - (z - 1)/T1, with P = (1 - z)/2.
    """
    generator = np.zeros((len(detuning), 4, 4))
    turn = 2 * np.pi * MHz
    generator[:, 0, 1], generator[:, 1, 0] = -turn * detuning, turn * detuning
    generator[:, 1, 2], generator[:, 2, 1] = -turn * rabi, turn * rabi
    generator[:, 0, 0] = generator[:, 1, 1] = -1 / drive.t2
    generator[:, 2, 2], generator[:, 2, 3] = -1 / drive.t1, 1 / drive.t1
    end = _exponential(generator * drive.duration) @ np.array([0.0, 0.0, 1.0, 1.0])
    return np.asarray((1 - end[:, 2]) / 2)


def _exponential(matrices: Array) -> Array:
    """exp of each of `matrices`, shape (N, n, n): a Taylor series of a small part, squared again and again."""
    halvings = max(0, int(np.ceil(np.log2(np.abs(matrices).sum(axis=-1).max() + 1e-300))) + 4)
    part = matrices / 2**halvings
    identity = np.eye(matrices.shape[-1])
    total = identity + part / 6
    for order in range(5, 0, -1):
        total = identity + part @ total / order
    for _ in range(halvings):
        total = total @ total
    return np.asarray(total)


def _start(x: Array, read: Array, error: Array, drive: Drive) -> tuple[dict[str, float], float]:
    """The best of some centres around the largest deviation and of some powers, and the line's height."""
    if not (np.isfinite(read).all() and np.isfinite(error).all()):
        raise FitRejected("spectroscopy: the data hold numbers that are not finite", "repeat the measurement")
    peaks = x[np.argsort(np.abs(read - np.median(read)))[-3:]]
    step = float(np.median(np.diff(x)))
    best: tuple[float, dict[str, float]] = (np.inf, {})
    for peak, part, power in product(peaks, np.linspace(-1.5, 1.5, 7), (0.8, 1.1)):
        centre, rabi = float(peak + part * step), power * drive.rabi / MHz
        shape = np.stack([np.ones_like(x), excited(x - centre, rabi, drive)], axis=1)
        (offset, height), left, *_ = np.linalg.lstsq(shape, read, rcond=None)
        if left.size and float(left[0]) < best[0]:
            best = float(left[0]), {"centre": centre, "rabi": rabi, "height": float(height), "offset": float(offset)}
    if not best[1]:
        raise FitRejected("spectroscopy: the echo is the same at all frequencies", _HINT)
    return best[1], best[1]["height"]
