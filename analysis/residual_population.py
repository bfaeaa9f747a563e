"""Residual population fit: how much of a resting qubit is excited, from what can be turned from e to f."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..sequences.errors import FitRejected
from .bootstrap import Measured
from .least_squares import Guess, fitted
from .trace import Trace

Array = NDArray[np.float64]
HINT: Final = "take more shots, or calibrate pi pulse and anharmonicity first"
FAINTEST: Final = 10.0
"""Swing after a pi pulse over its error."""
LOOSEST: Final = 0.01
"""Largest error of a population that is worth keeping."""


@dataclass(frozen=True, kw_only=True)
class ResidualFit:
    """population: Excited at rest. chi2: Per degree of freedom."""

    population: Measured
    chi2: float
    traces: tuple[Trace, ...]


def fit_residual_population(amplitudes: Array, read: Array, error: Array, kept: float = 0.0) -> ResidualFit:
    """Fit what is moved at rest as a fraction of what is moved after a pi pulse.

    amplitudes: Of the pulse from e to f, which turns by 0, 1, 2, ... half turns. read, error: Mean echoes (ADC), shape
    (1 + rests, amplitudes): after a pi pulse first, then without one, again and again. kept: What is left of e when the
    next shot begins; a shot without a pi pulse ends in e.

    Whatever the pulse does, it does to what e has above f: at rest r - r^2, after a pi pulse 1 - r^2 in a ladder of
    levels of the ratio r = p/(1 - p). The fraction is p. FitRejected if nothing is moved, or p is too uncertain.
    """
    names = [f"level_{index}" for index in range(len(amplitudes))]

    def model(_: Array, population: float, rest: float, **levels: float) -> Array:
        excited = np.array([levels[name] for name in names])
        resting = rest + (population + kept) * (excited - excited[0])
        return np.concatenate([excited, np.tile(resting, len(read) - 1)])

    guesses = {"population": Guess(value=0.0, low=-0.5, high=0.5), "rest": Guess(value=float(read[1:].mean()))}
    guesses |= {name: Guess(value=float(level)) for name, level in zip(names, read[0], strict=True)}
    found = fitted(model, amplitudes, read.ravel(), error.ravel(), guesses, "residual population", hint=HINT)
    swing = read[0, 1::2].mean() - read[0, ::2].mean()
    if abs(swing) < FAINTEST * float(np.hypot(*error[0, :2])):
        raise FitRejected(f"residual population: from e, the echo swings by {swing:.3g} ADC, which is noise", HINT)
    _check(found["population"])
    levels = model(amplitudes, **found.numbers).reshape(read.shape)
    traces = (
        _trace("after a pi pulse", amplitudes, read[:1], error[:1], levels[0]),
        _trace("at rest", amplitudes, read[1:], error[1:], levels[1]),
    )
    return ResidualFit(population=found["population"], chi2=found.chi2, traces=traces)


def _trace(title: str, amplitudes: Array, read: Array, error: Array, levels: Array) -> Trace:
    return Trace(
        x=amplitudes,
        read=read.mean(axis=0),
        error=np.sqrt((error**2).mean(axis=0) / len(error)),
        fine_x=amplitudes,
        model=levels,
        title=f"From e to f, {title}",
        x_name="amplitude",
        x_unit="",
        y_name="mean echo",
        y_unit="ADC",
    )


def _check(population: Measured) -> None:
    if population.error > LOOSEST:
        raise FitRejected(f"residual population: {population} is too uncertain", HINT)
    if population.value < -4 * population.error:
        raise FitRejected(f"residual population: {population} is negative", "look at the pi pulse and the readout")


def second_angle(echo: NDArray[np.complex128]) -> float:
    """Angle of the line from g to f (rad) in mean echoes (1 + rests, amplitudes), odd half turns in the odd places."""
    return float(np.angle(echo[0, 1::2].mean() - echo[0, ::2].mean()))
