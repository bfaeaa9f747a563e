"""Time of flight: how long a readout tone takes to the echo, from short windows behind short tones."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..sequences.errors import FitRejected
from ..sequences.units import ns
from .bootstrap import Measured
from .echo_fit import fitted_echo
from .least_squares import Guess
from .trace import Trace

Array = NDArray[np.float64]
Echo = NDArray[np.complex128]
_LEAST: Final = 10.0
"""Height of the echo over its standard error below which it may be noise."""
_HINT: Final = "look for the resonator first, or take more shots"


@dataclass(frozen=True, kw_only=True)
class Flight:
    """delay: From a tone's start to its echo's (s). chi2: Per degree of freedom."""

    delay: Measured
    traces: tuple[Trace, ...]
    chi2: float


def fit_flight(opened: Array, echo: Echo, error: Array, *, tone: float, window: float) -> Flight:
    """Delay of the echoes (ADC) in windows of length `window` (s) that opened at `opened` (s), shape (N,), after tones
    of length `tone` (s).

    A window holds as much of an echo as overlaps with it: the trace is a trapezoid. FitRejected if none stands out.
    """
    tried = np.linspace(opened.min() - window, opened.max(), 4 * opened.size)
    height, start, sigma = _start(tried, opened, echo, error, tone, window)
    if not abs(height) > _LEAST * sigma:
        raise FitRejected(f"the echo is {abs(height) / sigma:.3g} standard errors high, {_LEAST:g} is least", _HINT)

    def model(at: Array, *, delay: float, real: float, imag: float) -> Echo:
        return np.asarray((real + 1j * imag) * _share(at, delay * ns, tone, window) + 0j)

    guesses = {
        "delay": Guess(value=start / ns, low=float(tried[0]) / ns, high=float(tried[-1]) / ns),
        "real": Guess(value=height.real),
        "imag": Guess(value=height.imag),
    }
    fit = fitted_echo(model, opened, echo, error, guesses, "the time of flight", hint=_HINT)
    delay = Measured(fit["delay"].value * ns, fit["delay"].error * ns)
    if not opened.min() - window < delay.value - window and delay.value + tone > opened.max():
        raise FitRejected(f"both edges of the echo at {delay.value / ns:.3g} ns lie outside of the scan", _HINT)
    phase = np.exp(-1j * np.angle(height))
    trace = Trace.through(
        lambda fine: (model(fine, **fit.numbers) * phase).real,
        x=opened,
        read=(echo * phase).real,
        error=error,
        title="time of flight",
        x_name="window opens",
        x_unit="s",
        y_name="echo",
        y_unit="ADC",
    )
    return Flight(delay=delay, traces=(trace,), chi2=fit.chi2)


def _start(
    tried: Array, opened: Array, echo: Echo, error: Array, tone: float, window: float
) -> tuple[complex, float, float]:
    """Height (ADC) and delay (s) of the trapezoid that fits best, and the standard error of the height."""
    if not np.isfinite(echo).all():
        raise FitRejected("the time of flight: the echoes are not finite", "repeat the measurement")
    shapes = _share(opened, tried[:, None], tone, window)
    norms = np.maximum((shapes**2).sum(axis=1), 1.0)
    heights = shapes @ echo / norms
    best = int(np.argmax(np.abs(heights) ** 2 * norms))
    return complex(heights[best]), float(tried[best]), float(np.sqrt((error**2).mean() / norms[best]))


def _share(opened: Array, delay: Array | float, tone: float, window: float) -> Array:
    """Part of each window that the echo fills."""
    overlap = np.minimum(opened + window, delay + tone) - np.maximum(opened, delay)
    return np.asarray(np.clip(overlap, 0.0, None) / window)
