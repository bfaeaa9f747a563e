"""Fringe: one turn of a cosine, and the phase of its maximum."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..sequences.errors import FitRejected
from .bootstrap import Measured
from .least_squares import Guess, fitted
from .trace import Trace

Array = NDArray[np.float64]
_FAINTEST: Final = 5.0


@dataclass(frozen=True, kw_only=True)
class Fringe:
    """phase: Of the maximum, from -pi to pi (rad). contrast: Half the way from the lowest to the highest."""

    phase: Measured
    contrast: Measured
    traces: tuple[Trace, ...]
    chi2: float


def fit_fringe(phases: Array, read: Array, error: Array, title: str, y_name: str) -> Fringe:
    """Fit `middle + contrast cos(phases - phase)` to `read`; FitRejected if there is no cosine above the noise."""
    along, across = read @ np.cos(phases), read @ np.sin(phases)
    guesses = {
        "middle": Guess(value=float(read.mean())),
        "contrast": Guess(value=float(2 * np.hypot(along, across) / len(read))),
        "phase": Guess(value=float(np.arctan2(across, along))),
    }
    hint = "check the swaps' resonance and take more shots"
    fit = fitted(_cosine, phases, read, error, guesses, title, hint=hint)
    contrast = fit["contrast"]
    if not contrast.value > _FAINTEST * contrast.error:
        raise FitRejected(f"{title}: a contrast of {contrast} is not {_FAINTEST:g} times its error", hint)
    trace = Trace.through(
        lambda fine: _cosine(fine, **fit.numbers),
        x=phases,
        read=read,
        error=error,
        title=title,
        x_name="turn of B's frame",
        x_unit="rad",
        y_name=y_name,
    )
    phase = Measured(_wrapped(fit["phase"].value), fit["phase"].error)
    return Fringe(phase=phase, contrast=contrast, traces=(trace,), chi2=fit.chi2)


def _cosine(phases: Array, middle: float, contrast: float, phase: float) -> Array:
    return np.asarray(middle + contrast * np.cos(phases - phase))


def _wrapped(phase: float) -> float:
    return float(np.angle(np.exp(1j * phase)))
