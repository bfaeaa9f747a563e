"""Ramsey fit: by how much a qubit and a drive differ in frequency, and how the phase between them is lost."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..sequences.errors import FitRejected
from .bootstrap import Measured
from .least_squares import Fitted, Guess, fitted
from .linear import weights
from .trace import Trace

Array = NDArray[np.float64]
HINT: Final = "find the qubit by spectroscopy again, or take more shots"
FAINTEST: Final = 8.0
"""Swing over its error: what a search among noise does not find."""
LOOSEST: Final = 0.1
"""Largest relative error of a decay rate that is worth keeping."""


@dataclass(frozen=True, kw_only=True)
class RamseyFit:
    """detuning: Of the drive above the qubit (Hz). frequency: Of the qubit (Hz). chi2: Per degree of freedom.

    t_phi: Of the white dephasing alone (s).
    """

    detuning: Measured
    frequency: Measured
    t_phi: Measured
    chi2: float
    traces: tuple[Trace, ...]


@dataclass(frozen=True, kw_only=True)
class Free:
    """A qubit left alone, as it is known before the fit.

    carrier: Of the drive (Hz). highest: Largest detuning of the drive above it that can be (Hz). t1: (s).
    residual: Thermal population. spread: Standard deviation of its frequency from shot to shot (Hz).
    """

    carrier: float
    highest: float
    t1: float
    residual: float
    spread: float

    def rate(self, t_phi: float) -> float:
        """Of the exponential part of the decay (1/s): 1/2T1 and what goes up from g and e, beside 1/T_phi."""
        return (1 + 2 * self.residual) / (2 * self.t1) + 1 / t_phi


def fit_ramsey(waits: Array, read: Array, error: Array, free: Free) -> RamseyFit:
    """Fit decaying fringes to `read` (ADC) with `waits` (s) between two half turns, the drive above the qubit.

    Their envelope is exp(-t/T - (2 pi spread t)^2/2): the slow part of the noise is known, the white one fitted.
    FitRejected if there are no fringes, or their decay is not told to a tenth.
    """

    def model(x: Array, detuning: float, rate: float, middle: float, cosine: float, sine: float) -> Array:
        envelope = np.exp(-rate * x - (2 * np.pi * free.spread * x) ** 2 / 2)
        angle = 2 * np.pi * detuning * x
        return middle + envelope * (cosine * np.cos(angle) + sine * np.sin(angle))

    guesses = _start(waits, read, error, free.highest)
    found = fitted(model, waits, read, error, guesses, "Ramsey", hint=HINT)
    swing = np.hypot(found["cosine"].value, found["sine"].value)
    if swing < FAINTEST * max(found["cosine"].error, found["sine"].error):
        raise FitRejected(f"Ramsey: fringes of {swing:.3g} ADC are no more than noise", HINT)
    trace = Trace.through(
        lambda fine: model(fine, **found.numbers),
        x=waits,
        read=read,
        error=error,
        title="Ramsey fringes",
        x_name="wait",
        x_unit="s",
        y_name="mean echo",
        y_unit="ADC",
    )
    detuning = found["detuning"]
    return RamseyFit(
        detuning=detuning,
        frequency=Measured(free.carrier - detuning.value, detuning.error),
        t_phi=_dephasing(found, free),
        chi2=found.chi2,
        traces=(trace,),
    )


def _start(waits: Array, read: Array, error: Array, highest: float) -> dict[str, Guess]:
    """Best of a grid of detunings and rates; the step in detuning is a fifth of what the longest wait resolves."""
    longest = float(waits.max())
    rates = np.array([0.5, 1.0, 2.0, 4.0, 8.0, 16.0]) / longest
    detunings = np.arange(1 / longest, highest, 0.2 / longest)
    best = (np.inf, 0.0, 0.0, np.zeros(3))
    for rate in rates:
        envelope = np.exp(-rate * waits)
        for detuning in detunings:
            angle = 2 * np.pi * detuning * waits
            shapes = np.stack([np.ones_like(waits), envelope * np.cos(angle), envelope * np.sin(angle)])
            found, chi2 = weights(shapes, read, error)
            if chi2 < best[0]:
                best = (chi2, float(detuning), float(rate), found)
    _, detuning, rate, (middle, cosine, sine) = best
    return {
        "detuning": Guess(value=detuning, low=0.0, high=highest),
        "rate": Guess(value=rate, low=float(rates[0]) / 4, high=4 * float(rates[-1])),
        "middle": Guess(value=float(middle)),
        "cosine": Guess(value=float(cosine)),
        "sine": Guess(value=float(sine)),
    }


def _dephasing(found: Fitted, free: Free) -> Measured:
    rate = found["rate"]
    white = rate.value - free.rate(np.inf)
    if white <= 0 or rate.error > LOOSEST * white:
        decay = f"{rate.value * 1e-6:.3g} +- {rate.error * 1e-6:.2g} per us"
        raise FitRejected(f"Ramsey: fringes that decay at {decay} do not tell the dephasing", HINT)
    return Measured(1 / white, rate.error / white**2)
