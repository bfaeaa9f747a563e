"""Photon line fit: resonance, linewidth, drive strength and Stark shift of f0-g1, from f that leaves as a photon."""

from collections.abc import Callable
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
HINT: Final = "scan a wider range, take more shots, or tune the pulse from e to f first"
FAINTEST: Final = 8.0
"""Root of what a line takes from chi^2: more than a search among noise finds."""
TWO_PI: Final = 2 * np.pi
_STEPS: Final = 60


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a fit begins with. resonance: Of f0-g1 without Stark shift (Hz). linewidth: kappa/2pi (Hz). rate: g~/2pi at
    full scale (Hz). stark: Shift of f over g~^2, both in rad/s (s). t1: Of e (s).
    """

    resonance: float
    linewidth: float
    rate: float
    stark: float
    t1: float


@dataclass(frozen=True, kw_only=True)
class PhotonLine:
    """resonance, linewidth, rate (Hz), stark (s): See `Expected`. chi2: Per degree of freedom."""

    resonance: Measured
    linewidth: Measured
    rate: Measured
    stark: Measured
    chi2: float
    traces: tuple[Trace, ...]


def fit_photon_line(
    amplitudes: Array, frequencies: Array, read: Array, error: Array, duration: float, expected: Expected
) -> PhotonLine:
    """Fit `read` (ADC), shape (A, N), after square tones of `duration` (s) with `amplitudes` (A,) (fractions of full
    scale) at `frequencies` (N,) (Hz). FitRejected if there is no line, or not all of it.
    """
    span = float(np.ptp(frequencies))
    middle = float(frequencies.mean())

    def levels(x: Array, centre: float, linewidth: float, rate: float, stark: float) -> Array:
        """Populations of e and f, (2, A, len(x)); all in Hz, stark as the shift at full scale."""
        found = [
            left(centre + stark * part**2 - x, TWO_PI * rate * part, TWO_PI * linewidth, expected.t1, duration)
            for part in amplitudes
        ]
        return np.moveaxis(np.array(found), 1, 0)

    def model(x: Array, floor: float, e: float, f: float, **line: float) -> Array:
        in_e, in_f = levels(x, **line)
        return np.asarray(floor + e * in_e + f * in_f)

    full = expected.stark * TWO_PI * expected.rate**2
    own = {"linewidth": expected.linewidth, "rate": expected.rate, "stark": full}
    tried = np.linspace(-0.35, 0.35, 29) * span
    x = frequencies - middle
    shapes = [np.stack([np.ones(read.size), *levels(x, centre, **own).reshape(2, -1)]) for centre in tried]
    found = [weights(shape, read.ravel(), error.ravel()) for shape in shapes]
    best = int(np.argmin([chi2 for _, chi2 in found]))
    (floor, in_e, in_f), chi2 = found[best]
    if weights(np.ones((1, read.size)), read.ravel(), error.ravel())[1] - chi2 < FAINTEST**2:
        raise FitRejected("photon line: nowhere does f leave by more than noise", HINT)
    if best in (0, tried.size - 1):
        low, high = (f"{edge / 1e9:.6g}" for edge in (frequencies.min(), frequencies.max()))
        raise FitRejected(f"photon line: no whole line between {low} and {high} GHz", HINT)
    guesses = {
        "floor": Guess(value=float(floor)),
        "e": Guess(value=float(in_e)),
        "f": Guess(value=float(in_f)),
        "centre": Guess(value=float(tried[best]), low=-0.4 * span, high=0.4 * span),
        "linewidth": Guess(value=expected.linewidth, low=expected.linewidth / 3, high=3 * expected.linewidth),
        "rate": Guess(value=expected.rate, low=expected.rate / 3, high=3 * expected.rate),
        "stark": Guess(value=full, low=full - 3 * abs(full) - span / 4, high=full + 3 * abs(full) + span / 4),
    }
    line = fitted(model, x, read, error, guesses, "photon line", hint=HINT)
    return _told(line, middle, amplitudes, frequencies, read, error, lambda fine: model(fine - middle, **line.numbers))


def left(detuning: Array, g: float, kappa: float, t1: float, duration: float) -> Array:
    """Populations of e and of f, (2, N), of a qubit that begins in f, after a tone of `duration` (s).

    Amplitudes of |f0> and |g1> under H = detuning |f0><f0| + g (|f0><g1| + h.c.), the one decaying into e at 2/t1, the
    other away at kappa; e at 1/t1. detuning: Of f0-g1 from the tone (Hz), (N,). g, kappa: (rad/s).
    """
    rate = 2 / t1
    matrix = np.zeros((detuning.size, 2, 2), dtype=complex)
    matrix[:, 0, 0] = -1j * TWO_PI * detuning - rate / 2
    matrix[:, 0, 1] = matrix[:, 1, 0] = -1j * g
    matrix[:, 1, 1] = -kappa / 2
    values, vectors = np.linalg.eig(matrix)
    parts = np.linalg.solve(vectors, np.broadcast_to(np.array([[1.0], [0.0]]), (detuning.size, 2, 1)))[..., 0]
    time = np.linspace(0, duration, _STEPS + 1)
    amplitude = np.einsum("nk,nk,nkt->nt", vectors[:, 0, :], parts, np.exp(values[:, :, None] * time))
    in_f = np.abs(amplitude) ** 2
    arriving = rate * in_f * np.exp((time - duration) / t1)
    in_e = (arriving[:, 1:] + arriving[:, :-1]).sum(axis=1) / 2 * duration / _STEPS
    return np.array([in_e, in_f[:, -1]])


def _told(
    line: Fitted,
    middle: float,
    amplitudes: Array,
    frequencies: Array,
    read: Array,
    error: Array,
    model: Callable[[Array], Array],
) -> PhotonLine:
    def trace(place: int, part: float) -> Trace:
        return Trace.through(
            lambda fine: np.asarray(model(fine)[place]),
            x=frequencies,
            read=read[place],
            error=error[place],
            title=f"From f to a photon, at {part:.3g} of the range",
            x_name="tone frequency",
            x_unit="Hz",
            y_name="mean echo",
            y_unit="ADC",
        )

    rate, shift = line["rate"], line["stark"]
    per_hertz = 1 / (TWO_PI * rate.value**2)
    doubt = float(np.hypot(shift.error, 2 * shift.value * rate.error / rate.value)) * per_hertz
    return PhotonLine(
        resonance=Measured(middle + line["centre"].value, line["centre"].error),
        linewidth=line["linewidth"],
        rate=rate,
        stark=Measured(shift.value * per_hertz, doubt),
        chi2=line.chi2,
        traces=tuple(trace(*numbered) for numbered in enumerate(amplitudes.tolist())),
    )
