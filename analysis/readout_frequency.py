"""Readout frequency fit: where the echoes of g and e are farthest apart."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..sequences.errors import FitRejected
from .bootstrap import Measured
from .least_squares import Fitted, Guess, fitted
from .trace import Trace

Array = NDArray[np.float64]
Echo = NDArray[np.complex128]
HINT: Final = "find the resonator again, tune the pi pulse first, or take more shots"
FAINTEST: Final = 8.0
"""Echoes, and distance of the resonances, over their errors."""
LONGEST: Final = 0.5
"""Delay of the echo that can be told, over the one that turns its phase by a whole turn from point to point."""


@dataclass(frozen=True, kw_only=True)
class ReadoutFrequencyFit:
    """frequency: Halfway between the resonances with g and e (Hz). shift: From that with e to that with g (Hz, 2 chi).

    linewidth: kappa/2pi (Hz). chi2: Per degree of freedom.
    """

    frequency: Measured
    shift: Measured
    linewidth: Measured
    chi2: float
    traces: tuple[Trace, ...]


def fit_readout_frequency(frequencies: Array, echo: Echo, error: Array, mixing: Array) -> ReadoutFrequencyFit:
    """Fit two resonances to `echo` (ADC), shape (frequencies, 2), of a qubit prepared in g and in e.

    error: Of each quadrature, shape as `echo`. mixing: P(true | prepared) (2, 2), as it is in the mean over the window.
    The noise is alike at all frequencies, so that the clouds are best apart where their centres are: halfway between
    the resonances. FitRejected if they do not differ or their middle lies at the edge of the scan.
    """
    low, high = float(frequencies.min()), float(frequencies.max())
    reference = (low + high) / 2

    def model(
        x: Array, middle: float, shift: float, linewidth: float, delay: float, cosine: float, sine: float
    ) -> Array:
        resonances = middle + np.array([0.5, -0.5]) * shift
        answers = 1 / (1 + 2j * (x[:, None] - resonances) / linewidth)
        turned = (cosine + 1j * sine) * np.exp(-2j * np.pi * (x - reference) * delay)
        return _real(turned[:, None] * (answers @ mixing))

    if not np.isfinite(echo).all():
        raise FitRejected("readout frequency: the data hold numbers that are not finite", "repeat the measurement")
    guesses = _start(frequencies, echo, reference)
    spread = np.concatenate([error.ravel()] * 2)
    found = fitted(model, frequencies, _real(echo), spread, guesses, "readout frequency", hint=HINT)
    _check(found)

    def distance(at: Array) -> Array:
        real, imaginary = model(at, **found.numbers).reshape(2, len(at), 2) @ np.array([-1, 1])
        return np.asarray(np.hypot(real, imaginary))

    trace = Trace.through(
        distance,
        x=frequencies,
        read=np.abs(echo[:, 1] - echo[:, 0]),
        error=np.hypot(error[:, 0], error[:, 1]),
        title="Distance between g and e",
        x_name="tone",
        x_unit="Hz",
        y_name="distance",
        y_unit="ADC",
    )
    return ReadoutFrequencyFit(
        frequency=found["middle"],
        shift=found["shift"],
        linewidth=found["linewidth"],
        chi2=found.chi2,
        traces=(trace,),
    )


def _real(echo: Echo) -> Array:
    return np.concatenate([echo.real.ravel(), echo.imag.ravel()])


def _check(found: Fitted) -> None:
    shift, parts = found["shift"], (found["cosine"], found["sine"])
    if np.hypot(parts[0].value, parts[1].value) < FAINTEST * max(part.error for part in parts):
        raise FitRejected("readout frequency: the echoes are noise", HINT)
    if abs(shift.value) < FAINTEST * shift.error:
        raise FitRejected(f"readout frequency: g and e differ by {shift.value:.3g} Hz, which is noise", HINT)


def _start(frequencies: Array, echo: Echo, reference: float) -> dict[str, Guess]:
    """From where the echoes are largest, and from how the phase turns far from there.

    A resonance turns it back by half a turn over the scan; the rest is the delay's.
    """
    low, high = float(frequencies.min()), float(frequencies.max())
    step = (high - low) / (len(frequencies) - 1)
    size = np.abs(echo)
    middle = float(np.average(frequencies, weights=(size**4).sum(axis=1)))
    width = max(float(np.ptp(frequencies[size[:, 0] > size[:, 0].max() / 2])) / np.sqrt(3), step)
    turned = np.unwrap(np.angle(echo[:, 0])) + np.arctan(2 * (frequencies - middle) / width)
    delay = -float(np.polyfit(frequencies - reference, turned, 1)[0]) / (2 * np.pi)
    start = echo[int(np.argmin(np.abs(frequencies - middle))), 0]
    start *= np.exp(2j * np.pi * (middle - reference) * delay)
    return {
        "middle": Guess(value=middle, low=low, high=high),
        "shift": Guess(value=width / 4, low=-(high - low), high=high - low),
        "linewidth": Guess(value=width, low=step / 2, high=2 * (high - low)),
        "delay": Guess(value=delay, low=delay - LONGEST / step, high=delay + LONGEST / step),
        "cosine": Guess(value=float(start.real)),
        "sine": Guess(value=float(start.imag)),
    }
