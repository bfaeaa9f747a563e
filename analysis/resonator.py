"""Resonator: where a readout tone is answered, from its echoes at many frequencies."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..sequences.errors import FitRejected
from .bootstrap import Measured
from .echo_fit import fitted_echo
from .least_squares import Fitted, Guess
from .trace import Trace

Array = NDArray[np.float64]
Echo = NDArray[np.complex128]
_SLOPES: Final = np.linspace(-20.0, 20.0, 401)
"""Delays that are tried (rad per linewidth)."""
_LEAST: Final = 10.0
"""Height of the resonance over its standard error below which it may be noise."""
_LADDER: Final = np.array([0.0, 1.0, 1.75])
"""Shift of g, e and f, in units of that of e: f's is 1.67 to 1.8 for transmons between 4 and 5.4 GHz."""
_DOUBT: Final = 0.5
"""Part of a hot qubit's pull that may be wrong: its populations are no exact ladder, and trade against the width."""
_HINT: Final = "scan a wider range, or with more shots"


@dataclass(frozen=True, kw_only=True)
class Resonance:
    """frequency: With the qubit in g (Hz). linewidth: kappa/2pi (Hz). chi2: Per degree of freedom."""

    frequency: Measured
    linewidth: Measured
    traces: tuple[Trace, ...]
    chi2: float


def fit_resonance(frequency: Array, echo: Echo, error: Array, *, linewidth: float, shift: float) -> Resonance:
    """Resonance in `echo` (ADC) at `frequency` (Hz), shape (N,), error of each quadrature `error`.

    linewidth, shift: Expected kappa/2pi, and what one excitation of the qubit lowers the resonance by (Hz). The model
    is echo = a e^{-i b x} sum_n p_n/(1 + 2i (x - x_n)/k), with populations p_n ~ r^n of the qubit: it may be hot.
    FitRejected if no resonance stands out inside of the range.
    """
    middle = float(frequency.mean())
    x = (frequency - middle) / linewidth
    start = _start(x, echo, error)
    try:
        fit = _fit(x, echo, error, {**start, "heat": Guess(value=0.05, low=-0.3, high=1.2)}, shift / linewidth)
    except FitRejected:
        # A hot qubit away from its idle frequency: its shift matters, too.
        free = {"heat": Guess(value=0.5, low=-0.3, high=1.2), "shift": Guess(value=0.4, low=0.02, high=1.5)}
        fit = _fit(x, echo, error, {**start, **free}, None)
    known = {"shift": shift / linewidth, **fit.numbers}
    leaning = _DOUBT * abs(_displacement(known["heat"], known["shift"]))
    found = Measured(middle + linewidth * fit["centre"].value, linewidth * np.hypot(fit["centre"].error, leaning))
    width = Measured(linewidth * fit["width"].value, linewidth * np.hypot(fit["width"].error, leaning))
    if not frequency.min() + width.value / 2 < found.value < frequency.max() - width.value / 2:
        raise FitRejected(f"the resonance at {found.value / 1e9:.6g} GHz lies at the edge of the scan", _HINT)
    trace = Trace.through(
        lambda fine: np.abs(_echo((fine - middle) / linewidth, **known)),
        x=frequency,
        read=np.abs(echo),
        error=error,
        title="readout resonator",
        x_name="tone",
        x_unit="Hz",
        y_name="echo",
        y_unit="ADC",
    )
    return Resonance(frequency=found, linewidth=width, traces=(trace,), chi2=fit.chi2)


def _fit(x: Array, echo: Echo, error: Array, guesses: dict[str, Guess], shift: float | None) -> Fitted:
    fixed = {} if shift is None else {"shift": shift}

    def model(at: Array, **parameters: float) -> Echo:
        return _echo(at, **fixed, **parameters)

    return fitted_echo(model, x, echo, error, guesses, "the readout resonator", hint=_HINT)


def _echo(
    x: Array, *, centre: float, width: float, slope: float, heat: float, shift: float, real: float, imag: float
) -> Echo:
    resonances = centre - shift * _LADDER
    answer = (_weights(heat) / (1 + 2j * (x[:, None] - resonances) / width)).sum(axis=1)
    return np.asarray((real + 1j * imag) * np.exp(-1j * slope * x) * answer)


def _weights(heat: float) -> Array:
    """Populations of a qubit in which each level has `heat` times as much as the one below."""
    return np.asarray(heat ** np.arange(3) / (1 + heat + heat**2))


def _displacement(heat: float, shift: float) -> float:
    """Of the middle of the answer by a hot qubit (linewidths)."""
    return shift * float(_weights(heat) @ _LADDER)


def _start(x: Array, echo: Echo, error: Array) -> dict[str, Guess]:
    """Best of all delays and frequencies at the expected linewidth; FitRejected if none stands out of the noise."""
    if not np.isfinite(echo).all():
        raise FitRejected("the readout resonator: the echoes are not finite", "repeat the measurement")
    shapes = 1 / (1 + 2j * (x - x[:, None])) * np.exp(-1j * _SLOPES[:, None, None] * x)
    norms = (np.abs(shapes) ** 2).sum(axis=-1)
    overlap = (shapes.conj() @ echo) / norms
    slope, centre = np.unravel_index(np.argmax(np.abs(overlap) ** 2 * norms), norms.shape)
    height = overlap[slope, centre]
    sigma = float(np.sqrt((error**2).mean() / norms[slope, centre]))
    if not abs(height) > _LEAST * sigma:
        why = f"the largest answer is {abs(height) / sigma:.3g} standard errors high, {_LEAST:g} is least"
        raise FitRejected(why, _HINT)
    return {
        "centre": Guess(value=float(x[centre]) + 0.01, low=float(x.min()), high=float(x.max())),
        "width": Guess(value=1.0, low=0.2, high=5.0),
        "slope": Guess(value=float(_SLOPES[slope])),
        "real": Guess(value=float(height.real)),
        "imag": Guess(value=float(height.imag)),
    }
